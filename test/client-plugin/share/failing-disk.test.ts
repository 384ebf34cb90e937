/** A disk that fails where it is looked at (`EIO`): what is on it stays published, and what can be read is looked at all the same. */

import fs, { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import type { ShareStand } from '../../../client-plugin/share/keeper-messages.js'
import { Keeper } from '../../../client-plugin/share/keeping/keeper.js'
import { ShareIndex } from '../../../client-plugin/share/share-index.js'
import { putRested, until } from './stage.js'

const id = 'Bilder-2002'

describe('a shared folder on a disk that fails', function () {
  this.timeout(180_000)
  const { lstatSync, openSync, realpathSync: realpath } = fs
  let dir: string
  let folder: string
  let keeper: Keeper

  beforeEach(() => {
    dir = realpathSync(mkdtempSync(join(tmpdir(), 'jabberfs-failing-')))
    folder = join(dir, 'shared')
    mkdirSync(folder)
    const settings = { restMs: 200, gatherMs: 50, sweepMs: 6_000_000, maxWatches: 1_000 }
    // In this thread, so that its disk can fail.
    keeper = new Keeper(
      { file: join(dir, 'shares.sqlite'), dir, settings },
      () => undefined,
      (error) => {
        throw error
      },
    )
    keeper.begin()
  })
  afterEach(() => {
    failWhere(() => false)
    replaced({ openSync, realpathSync: realpath })
    keeper.close()
    rmSync(dir, { recursive: true, force: true })
  })

  function failWhere(isBad: (path: string) => boolean): void {
    const failing = (path: string, ...more: unknown[]) => {
      if (isBad(path)) throw Object.assign(new Error(`EIO: i/o error, lstat '${path}'`), { code: 'EIO' })
      return Reflect.apply(lstatSync, fs, [path, ...more])
    }
    Object.assign(fs, { lstatSync: failing })
    syncBuiltinESMExports()
  }
  function replaced(calls: Record<string, unknown>): void {
    Object.assign(fs, calls)
    syncBuiltinESMExports()
  }
  const stand = (): ShareStand => (keeper.calls.stands() as ShareStand[])[0]!
  const still = async (files: number): Promise<void> => {
    const isSo = (now: ShareStand) => now.phase === 'still' && now.unhashedFiles === 0 && now.files === files
    expect(await until(async () => stand(), isSo), JSON.stringify(stand())).to.satisfy(isSo)
  }
  const leftOut = async (many: number): Promise<void> => {
    const isSo = (now: ShareStand) => now.leftOut === many
    expect(await until(async () => stand(), isSo), JSON.stringify(stand())).to.satisfy(isSo)
  }
  const tellAll = (): void => {
    for (;;) {
      const change = keeper.calls.take(id) as { seq: number } | undefined
      if (change === undefined) return
      keeper.calls.held(id, change.seq)
    }
  }

  it('takes nothing back of what the disk does not say, and finds what is new beside it (case 100)', async () => {
    for (const name of ['bad.txt', 'good.txt', 'deep/two.txt']) putRested(folder, name, name)
    keeper.calls.add(folder, { id, name: 'Bilder' })
    await still(3)
    tellAll()
    const bad = [join(folder, 'bad.txt'), join(folder, 'deep')]
    failWhere((path) => bad.includes(path))
    await keeper.calls.look(id, 'bad.txt')
    await keeper.calls.scan(id)
    expect(stand()).to.include({ files: 3, told: 3, dirty: 0 })
    await leftOut(2)
    putRested(folder, 'new.txt', 'new')
    await keeper.calls.scan(id)
    await still(4)
    failWhere(() => false)
    rmSync(join(folder, 'deep'), { recursive: true })
    await keeper.calls.scan(id)
    await still(3)
    await leftOut(0)
  })

  it('leaves out nothing that was not hashed since too many files were open', async () => {
    let failed = 0
    const failing = (path: string, ...more: unknown[]) => {
      if (`${path}`.startsWith(folder) && ++failed <= 5)
        throw Object.assign(new Error('EMFILE'), { code: 'EMFILE' })
      return Reflect.apply(openSync, fs, [path, ...more])
    }
    replaced({ openSync: failing })
    for (const name of ['one.txt', 'two.txt']) putRested(folder, name, name)
    keeper.calls.add(folder, { id, name: 'Bilder' })
    await until(
      async () => failed,
      (times) => times > 5,
      10_000,
    )
    await still(2)
    expect(stand()).to.include({ dirty: 2, leftOut: 0 })
  })

  it('is no reason to say that a published file is not there', async () => {
    putRested(folder, 'one.txt', 'one')
    keeper.calls.add(folder, { id, name: 'Bilder' })
    await still(1)
    const index = new ShareIndex(dir, () => undefined)
    try {
      expect(index.find(id, 'one.txt')?.size).to.equal(3)
      const failing = () => {
        throw Object.assign(new Error('EIO'), { code: 'EIO' })
      }
      replaced({ realpathSync: failing })
      expect(() => index.find(id, 'one.txt')).to.throw('EIO')
    } finally {
      index.close()
    }
  })
})
