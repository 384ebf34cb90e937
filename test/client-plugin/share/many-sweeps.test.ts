/** Looking through shares while other things happen to them, and to others. */

import fs, { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as breathe, setTimeout as rest } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { expect } from 'chai'
import type { ShareStand } from '../../../client-plugin/share/keeper-messages.js'
import { Keeper } from '../../../client-plugin/share/keeping/keeper.js'
import { putRested, until } from './stage.js'

describe('looking through shared folders', function () {
  this.timeout(60_000)
  const { opendirSync } = fs
  let dir: string
  let keeper: Keeper
  let faults: unknown[]

  beforeEach(() => {
    dir = realpathSync(mkdtempSync(join(tmpdir(), 'jabberfs-sweeps-')))
    faults = []
  })
  afterEach(() => {
    Object.assign(fs, { opendirSync })
    syncBuiltinESMExports()
    keeper.close()
    rmSync(dir, { recursive: true, force: true })
  })
  /** In this thread, so that it can be watched. */
  const open = (gatherMs: number, maxWatches = 1_000) => {
    const settings = { restMs: 200, gatherMs, sweepMs: 6_000_000, maxWatches }
    const fault = (error: unknown) => faults.push(error)
    keeper = new Keeper({ file: join(dir, 'shares.sqlite'), dir, settings }, () => undefined, fault)
    keeper.begin()
  }
  const shared = (name: string): string => {
    const folder = join(dir, name)
    mkdirSync(folder)
    putRested(folder, 'first.txt', name)
    return folder
  }
  const stand = (id: string): ShareStand | undefined =>
    (keeper.calls.stands() as ShareStand[]).find((one) => one.id === id)
  const still = async (id: string): Promise<void> => {
    const isSo = (now?: ShareStand) => now?.phase === 'still' && now.unhashedFiles === 0
    const found = await until(() => stand(id), isSo, 10_000)
    expect(found, JSON.stringify(found)).to.satisfy(isSo)
  }

  it('goes on with one while another one is taken back whose events are looked at', async () => {
    open(60_000)
    const [one, two] = [shared('one'), shared('two')]
    keeper.calls.add(one, { id: 'Bilder-2001' })
    await still('Bilder-2001')
    for (let n = 0; n < 3_000; n++) putRested(one, `deep/${n}.txt`, '')
    // What the system tells of them is here.
    await rest(500)
    keeper.calls.add(two, { id: 'Bilder-2002' })
    while (stand('Bilder-2001')!.files === 1) await breathe()
    keeper.calls.end('Bilder-2001')
    await still('Bilder-2002')
  })

  it('looks through a share in one walk at a time, however many events there are', async () => {
    open(20)
    const folder = shared('one')
    for (let n = 0; n < 4_000; n++) writeFileSync(join(folder, `${n}.txt`), '')
    keeper.calls.add(folder, { id: 'Bilder-2001' })
    await still('Bilder-2001')
    let now = 0
    let most = 0
    const counting = (path: string, ...more: unknown[]) => {
      const opened = Reflect.apply(opendirSync, fs, [path, ...more])
      if (path !== folder) return opened
      most = Math.max(most, ++now)
      const closeSync = opened.closeSync.bind(opened)
      return Object.assign(opened, { closeSync: () => closeSync(now--) })
    }
    Object.assign(fs, { opendirSync: counting })
    syncBuiltinESMExports()
    for (let burst = 0; burst < 8; burst++) {
      for (let n = 0; n < 1_500; n++) {
        writeFileSync(join(folder, 'changing.txt'), String(n))
        rmSync(join(folder, 'changing.txt'))
      }
      await rest(60)
    }
    await until(
      () => now,
      (open) => open === 0,
    )
    expect(most).to.equal(1)
  })

  it('says so where the books take nothing, and does not call it a folder that cannot be read', async () => {
    open(60_000, 0)
    const folder = shared('one')
    keeper.calls.add(folder, { id: 'Bilder-2001' })
    await still('Bilder-2001')
    putRested(folder, 'second.txt', 'second')
    const books = new Database(join(dir, 'shares.sqlite'))
    books.exec('begin immediate')
    await keeper.calls.scan('Bilder-2001')
    books.close()
    expect(faults.map((error) => (error as { code?: string }).code)).to.deep.equal(['SQLITE_BUSY'])
  })
})
