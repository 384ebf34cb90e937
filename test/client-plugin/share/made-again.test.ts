/** What was removed and made again: with the number of the inode that was there before, or with none that can be read for a while. */

import { lstatSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'chai'
import type { ShareStand } from '../../../client-plugin/share/keeper-messages.js'
import { Batch } from '../../../client-plugin/share/keeping/batch.js'
import { Files } from '../../../client-plugin/share/keeping/files.js'
import { Keeper } from '../../../client-plugin/share/keeping/keeper.js'
import { openToKeep } from '../../../client-plugin/share/keeping/schema.js'
import { ShareRows } from '../../../client-plugin/share/keeping/share-rows.js'
import { put, putRested, until } from './stage.js'

const settings = { name: 'Bilder', tags: [], visibleTo: { kind: 'everybody' as const } }

describe('what is removed and made again', function () {
  this.timeout(60_000)
  let dir: string
  let folder: string
  let db: ReturnType<typeof openToKeep> | undefined
  beforeEach(() => {
    dir = realpathSync(mkdtempSync(join(tmpdir(), 'jabberfs-again-')))
    folder = join(dir, 'shared')
    mkdirSync(folder)
  })
  afterEach(() => {
    db?.close()
    db = undefined
    rmSync(dir, { recursive: true, force: true })
  })

  describe('as a shared folder', () => {
    let keeper: Keeper
    const open = (sweepMs: number) => {
      const file = join(dir, 'shares.sqlite')
      const times = { restMs: 100, gatherMs: 50, sweepMs, maxWatches: 1_000 }
      keeper = new Keeper(
        { file, dir, settings: times },
        () => undefined,
        (error) => {
          throw error
        },
      )
      keeper.begin()
      keeper.calls.add(folder, { id: 'Bilder-2002', ...settings })
    }
    afterEach(() => keeper.close())
    const has = (files: number, ms: number): Promise<ShareStand> =>
      until(
        () => (keeper.calls.stands() as ShareStand[])[0]!,
        (stand) => stand.phase === 'still' && stand.files === files,
        ms,
      )

    for (const what of ['empty', 'with a file in it']) {
      it(`${what}: is watched as before`, async () => {
        open(600_000)
        if (what !== 'empty') putRested(folder, 'one.txt', 'one')
        expect(await has(what === 'empty' ? 0 : 1, 10_000)).to.include({ phase: 'still' })
        // At once, so that it gets the number of the inode that is free: ext4 gives the lowest.
        rmSync(folder, { recursive: true })
        mkdirSync(folder)
        // Longer than events are gathered.
        await delay(500)
        put(folder, 'two.txt', 'two')
        put(folder, 'three.txt', 'three')
        expect(await has(2, 5_000)).to.include({ files: 2 })
      })
    }

    it('after a while in which it was none: is found as soon as one that was away', async () => {
      open(40_000)
      putRested(folder, 'one.txt', 'one')
      await has(1, 10_000)
      rmSync(folder, { recursive: true })
      writeFileSync(folder, 'no folder')
      await until(
        () => (keeper.calls.stands() as ShareStand[])[0]!.phase,
        (phase) => phase === 'unreadable',
      )
      rmSync(folder)
      putRested(folder, 'two.txt', 'two')
      putRested(folder, 'three.txt', 'three')
      expect(await has(2, 5_500)).to.include({ files: 2, phase: 'still' })
    })
  })

  for (const [name, what] of [
    ['a', 'at the same place'],
    ['b', 'at another place'],
  ] as const) {
    it(`as a file ${what}, as long and of the same time: is hashed, with whatever inode`, () => {
      db = openToKeep(join(dir, 'shares.sqlite'))
      const batch = new Batch(db, () => undefined)
      const shares = new ShareRows(db)
      const files = new Files(db, batch, (n) => shares.byNumber(n)?.path)
      const share = shares.add('Bilder-2002', folder, settings)
      const top = files.folder(share.n, '', null)
      putRested(folder, 'a', 'bytes of a')
      const before = lstatSync(join(folder, 'a'), { bigint: true })
      const n = files.see(share.n, top, 'a', before)
      files.hashed(n, Buffer.alloc(32, 1), before)
      files.lose(n)
      // As a new inode of the same number has them.
      const born = before.ctimeNs + 1_000_000n
      const after = Object.assign(Object.create(before), { birthtimeNs: born, ctimeNs: born + 1_000n })
      files.see(share.n, top, name, after)
      expect(files.isUnhashed(share.n, '', name)).to.equal(true)
      if (name === 'a') return
      // It was there all the time, and is only renamed.
      const renamed = Object.assign(Object.create(before), { ctimeNs: born })
      files.see(share.n, top, 'c', renamed)
      expect(files.isUnhashed(share.n, '', 'c')).to.equal(false)
    })
  }
})
