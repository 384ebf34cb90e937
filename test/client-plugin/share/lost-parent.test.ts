/** A folder whose parent is lost, and made again, while what is in it is looked through. */

import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { Batch } from '../../../client-plugin/share/keeping/batch.js'
import { Files } from '../../../client-plugin/share/keeping/files.js'
import { openToKeep } from '../../../client-plugin/share/keeping/schema.js'
import { ShareRows } from '../../../client-plugin/share/keeping/share-rows.js'
import { Walker } from '../../../client-plugin/share/keeping/walker.js'
import { Watches } from '../../../client-plugin/share/keeping/watches.js'
import { put } from './stage.js'

const settings = { name: 'Bilder', tags: [], visibleTo: { kind: 'everybody' as const } }

describe('a folder whose parent came and went', () => {
  let dir: string
  let folder: string
  beforeEach(() => {
    dir = realpathSync(mkdtempSync(join(tmpdir(), 'jabberfs-parent-')))
    folder = join(dir, 'shared')
    mkdirSync(folder)
  })
  afterEach(() => rmSync(dir, { recursive: true, force: true }))

  const open = () => {
    const db = openToKeep(join(dir, 'shares.sqlite'))
    const batch = new Batch(db, () => undefined)
    const shares = new ShareRows(db)
    const files = new Files(db, batch, (n) => shares.byNumber(n)?.path)
    const share = shares.all()[0] ?? shares.add('Bilder-2002', folder, settings)
    const watches = new Watches(0)
    let between = () => {}
    const isShared = () => {
      between()
      return true
    }
    const here = () => true
    const events = { changed: () => undefined, itself: () => undefined }
    const walker = new Walker(files, batch, watches, `${dir}/none`, events, isShared, here)
    return {
      db,
      files,
      share,
      walker,
      /** Called between any two steps of a walk. */
      onStep: (then: () => void) => {
        between = then
      },
      close: () => {
        batch.commit()
        db.close()
      },
    }
  }

  it('is known to be in it, so that its files are gone when it is', async () => {
    put(folder, 'a/b/one.txt', 'one')
    const { files, share, walker, onStep, close } = open()
    onStep(() => {
      // After `a` was read and before `a/b` is: as an event says that does not see it just then.
      if (files.knownFolder(share.n, 'a') === undefined) return
      if (files.folderNumber(share.n, 'a/b') === null) files.loseFolder(share.n, 'a')
    })
    await walker.walk(share)
    onStep(() => {})
    await walker.walk(share)
    expect(files.counts(share.n).files).to.equal(1)
    rmSync(join(folder, 'a/b'), { recursive: true })
    await walker.walk(share)
    expect(files.counts(share.n).files).to.equal(0)
    close()
  })

  it('is put in its place again in books where it is in none', async () => {
    put(folder, 'a/b/one.txt', 'one')
    put(folder, 'a/b/c/two.txt', 'two')
    const before = open()
    await before.walker.walk(before.share)
    before.db.exec("update folder set parent = null where path in ('a', 'a/b', 'a/b/c')")
    before.close()
    rmSync(join(folder, 'a/b'), { recursive: true })
    const { files, share, walker, close } = open()
    await walker.walk(share)
    expect(files.counts(share.n).files).to.equal(0)
    close()
  })
})
