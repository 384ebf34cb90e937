/** A file that is shared under several names: what is done to it by one of them is known of all, though no folder but one is told. */

import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import type { ChangeSaid, ShareStand } from '../../../client-plugin/share/keeper-messages.js'
import { Batch } from '../../../client-plugin/share/keeping/batch.js'
import { Files } from '../../../client-plugin/share/keeping/files.js'
import { Keeper } from '../../../client-plugin/share/keeping/keeper.js'
import { openToKeep } from '../../../client-plugin/share/keeping/schema.js'
import { ShareRows } from '../../../client-plugin/share/keeping/share-rows.js'
import { put, putRested, until } from './stage.js'

const id = 'Bilder-2002'
const settings = { name: 'Bilder', tags: [], visibleTo: { kind: 'everybody' as const } }

describe('a file of several names', function () {
  this.timeout(60_000)
  let dir: string
  let folder: string
  let keeper: Keeper
  /** What is published: path → root. */
  let told: Map<string, string>

  beforeEach(() => {
    dir = realpathSync(mkdtempSync(join(tmpdir(), 'jabberfs-names-')))
    folder = join(dir, 'shared')
    mkdirSync(folder)
    told = new Map()
    const times = { restMs: 100, gatherMs: 50, sweepMs: 600_000, maxWatches: 1_000 }
    keeper = new Keeper(
      { file: join(dir, 'shares.sqlite'), dir, settings: times },
      () => undefined,
      (error) => {
        throw error
      },
    )
    keeper.begin()
  })
  afterEach(() => {
    keeper.close()
    rmSync(dir, { recursive: true, force: true })
  })

  const share = () => keeper.calls.add(folder, { id, ...settings }) as ShareStand
  const publish = () => {
    for (;;) {
      const change = keeper.calls.take(id) as ChangeSaid | undefined
      if (change === undefined) return told
      for (const path of change.removes) told.delete(path)
      for (const { path, root } of change.adds) told.set(path, root)
      keeper.calls.held(id, change.seq)
    }
  }
  const published = async (isSo: (roots: Map<string, string>) => boolean) => {
    expect([...(await until(publish, isSo, 8_000))]).to.satisfy(() => isSo(told))
    return new Map(told)
  }

  it('by a link of the file system or by its path: is hashed under all when it is written to', async () => {
    putRested(folder, 'here/film', 'one')
    mkdirSync(join(folder, 'there'))
    linkSync(join(folder, 'here/film'), join(folder, 'there/hard'))
    symlinkSync('../here/film', join(folder, 'there/soft'))
    share()
    const [before] = (await published(({ size }) => size === 3)).values()
    put(folder, 'here/film', 'two')
    await published((roots) => [...roots.values()].every((root) => root !== before))
    expect(new Set(told.values())).to.have.property('size', 1)
    // By the other name, too.
    const [between] = told.values()
    put(folder, 'there/hard', 'three')
    await published((roots) => [...roots.values()].every((root) => root !== between))
  })

  it('by its path: is taken back with it, and is there again with it', async () => {
    putRested(folder, 'here/film', 'one')
    mkdirSync(join(folder, 'there'))
    symlinkSync('../here/film', join(folder, 'there/soft'))
    share()
    await published(({ size }) => size === 2)
    renameSync(join(folder, 'here'), join(folder, 'elsewhere'))
    await published((roots) => [...roots.keys()].join() === 'elsewhere/film')
    putRested(folder, 'here/film', 'another')
    const roots = await published(({ size }) => size === 3)
    expect(roots.get('there/soft')).to.equal(roots.get('here/film'))
    // And when another one is put in its place.
    put(folder, '.draft', 'a third')
    renameSync(join(folder, '.draft'), join(folder, 'here/film'))
    await published((now) => now.get('here/film') !== roots.get('here/film'))
    await published((now) => now.get('there/soft') === now.get('here/film'))
  })

  it('is told with its new time, where that moved while it was hashed for something else', () => {
    const db = openToKeep(join(dir, 'others.sqlite'))
    const batch = new Batch(db, () => undefined)
    const shares = new ShareRows(db)
    const files = new Files(db, batch, (n) => shares.byNumber(n)?.path)
    const { n: share } = shares.add(id, folder, settings)
    const top = files.folder(share, '', null)
    putRested(folder, 'film', 'one')
    const file = join(folder, 'film')
    const look = () => lstatSync(file, { bigint: true })
    const root = Buffer.alloc(32, 1)
    const n = files.see(share, top, 'film', look())
    files.hashed(n, root, look())
    db.prepare('update file set told = 1, dirty = 0').run()
    files.recount(share)
    chmodSync(file, 0o600)
    files.see(share, top, 'film', look())
    utimesSync(file, 2_000_000_000, 2_000_000_000)
    files.hashed(n, root, look())
    expect(files.counts(share)).to.include({ dirty: 1, unhashedFiles: 0 })
    batch.commit()
    db.close()
  })
})
