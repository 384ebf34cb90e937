/** The state folder has the device's key: where it lies in a shared folder, nothing leads there. */

import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { openSource } from '../../../bytes/index.js'
import type { ShareStand } from '../../../client-plugin/share/keeper-messages.js'
import { KeeperThread } from '../../../client-plugin/share/keeper-thread.js'
import { isOpenWithin } from '../../../client-plugin/share/keeping/look.js'
import { ShareIndex } from '../../../client-plugin/share/share-index.js'
import { put, until } from './stage.js'

describe('a state folder inside a shared folder', function () {
  this.timeout(180_000)
  let folder: string
  let own: string
  let keeper: KeeperThread

  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'jabberfs-own-state-')))
    own = join(folder, 'state')
    mkdirSync(own)
    put(own, 'device.pem', 'a key')
    put(folder, 'plain.txt', 'plain')
    symlinkSync('state/device.pem', join(folder, 'key.txt'))
    const settings = { restMs: 200, gatherMs: 50, sweepMs: 600_000, maxWatches: 1_000 }
    keeper = new KeeperThread(
      { file: join(own, 'shares.sqlite'), dir: own, settings },
      {
        stands() {},
        fault: (trouble) => {
          throw trouble
        },
      },
    )
    keeper.start()
  })
  afterEach(async () => {
    await keeper.close()
    rmSync(folder, { recursive: true, force: true })
  })

  it('is not shared, neither by its own name nor by a link to what is in it (case 100)', async () => {
    const id = 'Bilder-2002'
    await keeper.call('add', folder, { id })
    const isStill = (stand?: ShareStand) => stand?.phase === 'still' && stand.unhashedFiles === 0
    await until(
      () => keeper.call('stands'),
      ([one]) => isStill(one),
    )
    const change = await keeper.call('take', id)
    expect(change?.adds.map(({ path }) => path)).to.deep.equal(['plain.txt'])
    const index = new ShareIndex(own, () => undefined)
    expect(index.find(id, 'plain.txt')).to.include({ file: join(folder, 'plain.txt') })
    expect(index.find(id, 'key.txt')).to.equal(undefined)
    expect(index.leftOut(id)).to.deep.equal([{ path: 'key.txt', why: 'link-leaves-folder' }])
    index.close()
  })

  it('is not what is shared when a folder becomes a link to it just then', async function () {
    if (process.platform !== 'linux') this.skip()
    const [plain, key] = [
      await openSource(join(folder, 'plain.txt')),
      await openSource(join(own, 'device.pem')),
    ]
    expect(isOpenWithin(folder, plain.fd, own)).to.equal(true)
    expect(isOpenWithin(folder, key.fd, own)).to.equal(false)
    for (const source of [plain, key]) source.close()
  })
})
