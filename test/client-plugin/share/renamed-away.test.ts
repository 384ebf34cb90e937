/** What was moved within a share while nobody looked, out of a folder that cannot be looked into any more. */

import { mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import type { ShareStand } from '../../../client-plugin/share/keeper-messages.js'
import { Keeper } from '../../../client-plugin/share/keeping/keeper.js'
import { putRested, until } from './stage.js'

describe('a file that was moved out of a folder of its share', function () {
  this.timeout(60_000)
  let dir: string
  let folder: string
  let keeper: Keeper

  const open = () => {
    const settings = { restMs: 200, gatherMs: 50, sweepMs: 6_000_000, maxWatches: 0 }
    keeper = new Keeper(
      { file: join(dir, 'shares.sqlite'), dir, settings },
      () => undefined,
      (error) => {
        throw error
      },
    )
    keeper.begin()
  }
  beforeEach(() => {
    dir = realpathSync(mkdtempSync(join(tmpdir(), 'jabberfs-moved-')))
    folder = join(dir, 'shared')
    mkdirSync(folder)
    open()
  })
  afterEach(() => {
    keeper.close()
    rmSync(dir, { recursive: true, force: true })
  })
  const stand = (): ShareStand => (keeper.calls.stands() as ShareStand[])[0]!
  const still = async (files: number): Promise<void> => {
    const isSo = (now: ShareStand) => now.phase === 'still' && now.unhashedFiles === 0 && now.files === files
    expect(await until(stand, isSo, 10_000), JSON.stringify(stand())).to.satisfy(isSo)
  }
  /** In place of the folder from which it was moved. */
  const instead: Record<string, (old: string) => void> = {
    'a file': (old) => writeFileSync(old, 'not a folder any more'),
    'a link to itself': (old) => symlinkSync(old, old),
  }
  for (const [what, put] of Object.entries(instead)) {
    it(`is found where it is now, also with ${what} in place of that folder, and what is beside it, too`, async () => {
      for (const name of ['deep/one.txt', 'two.txt', 'zwei/three.txt']) putRested(folder, name, name)
      keeper.calls.add(folder, { id: 'Bilder-2002', name: 'Bilder' })
      await still(3)
      keeper.close()
      renameSync(join(folder, 'deep/one.txt'), join(folder, 'one.txt'))
      rmSync(join(folder, 'deep'), { recursive: true })
      put(join(folder, 'deep'))
      putRested(folder, 'zwei/four.txt', 'four')
      open()
      await still(what === 'a file' ? 5 : 4)
    })
  }
})
