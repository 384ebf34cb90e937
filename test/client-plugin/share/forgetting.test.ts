/** What went long ago leaves the books: the roots of files, and the folders that they were in. */

import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { Batch } from '../../../client-plugin/share/keeping/batch.js'
import { Files } from '../../../client-plugin/share/keeping/files.js'
import { forgetGone } from '../../../client-plugin/share/keeping/forgetting.js'
import { openToKeep } from '../../../client-plugin/share/keeping/schema.js'
import { ShareRows } from '../../../client-plugin/share/keeping/share-rows.js'
import { Walker } from '../../../client-plugin/share/keeping/walker.js'
import { Watches } from '../../../client-plugin/share/keeping/watches.js'
import { put } from './stage.js'

const settings = { name: 'Bilder', tags: [], visibleTo: { kind: 'everybody' as const } }
const inAMinute = () => Math.floor(Date.now() / 1_000) + 60

describe('what went long ago', () => {
  let dir: string
  let folder: string
  let close = () => {}
  beforeEach(() => {
    dir = realpathSync(mkdtempSync(join(tmpdir(), 'jabberfs-forgetting-')))
    folder = join(dir, 'shared')
    mkdirSync(folder)
  })
  afterEach(() => {
    close()
    rmSync(dir, { recursive: true, force: true })
  })

  const open = () => {
    const db = openToKeep(join(dir, 'shares.sqlite'))
    const batch = new Batch(db, () => undefined)
    const shares = new ShareRows(db)
    const files = new Files(db, batch, (n) => shares.byNumber(n)?.path)
    const share = shares.add('Bilder-2002', folder, settings)
    const yes = () => true
    const events = { changed: () => undefined, itself: () => undefined }
    const walker = new Walker(files, batch, new Watches(0), `${dir}/none`, events, yes, yes)
    const rows = (what: string) => {
      batch.commit()
      return db.prepare(`select ${what} order by 1`).pluck().all()
    }
    close = () => {
      batch.commit()
      db.close()
    }
    return { db, files, share, walk: () => walker.walk(share), rows }
  }

  it('leaves the books with the folders that it was in, and what is there or went lately stays', async () => {
    for (const path of ['here/one', 'gone/deep/two', 'lately/three']) put(folder, path, path)
    const { db, walk, rows } = open()
    await walk()
    for (const name of ['gone', 'lately']) rmSync(join(folder, name), { recursive: true })
    await walk()
    db.prepare("update file set gone = gone + 1000 where name = 'three'").run()
    forgetGone(db, inAMinute())
    expect(rows('path from folder')).to.deep.equal(['', 'here', 'lately'])
    expect(rows('name from file')).to.deep.equal(['one', 'three'])
  })

  it('waits until the component has been told of it', async () => {
    put(folder, 'gone/one', 'one')
    const { db, walk, rows } = open()
    await walk()
    db.exec('update file set told = 1')
    rmSync(join(folder, 'gone'), { recursive: true })
    await walk()
    forgetGone(db, inAMinute())
    expect(rows('path from folder')).to.deep.equal(['', 'gone'])
  })

  it('is found like any other when it comes back, and lost with what it is in', async () => {
    const fill = () => {
      put(folder, 'a/b/one', 'one')
      put(folder, 'a/two', 'two')
    }
    fill()
    const { db, files, share, walk } = open()
    await walk()
    rmSync(join(folder, 'a'), { recursive: true })
    await walk()
    // Of `a/b` something is remembered still.
    db.prepare("update file set gone = gone + 1000 where name = 'one'").run()
    forgetGone(db, inAMinute())
    fill()
    await walk()
    expect(files.counts(share.n).files).to.equal(2)
    rmSync(join(folder, 'a/b'), { recursive: true })
    await walk()
    expect(files.counts(share.n).files).to.equal(1)
  })
})
