/** How far it is with reading what is new: never back, and never more than there is. */

import { mkdirSync, mkdtempSync, realpathSync, rmSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { Batch } from '../../../client-plugin/share/keeping/batch.js'
import { Files } from '../../../client-plugin/share/keeping/files.js'
import { Hashing } from '../../../client-plugin/share/keeping/hashing.js'
import { openToKeep } from '../../../client-plugin/share/keeping/schema.js'
import { ShareRows } from '../../../client-plugin/share/keeping/share-rows.js'
import { Walker } from '../../../client-plugin/share/keeping/walker.js'
import { Watches } from '../../../client-plugin/share/keeping/watches.js'
import { put } from './stage.js'

const settings = { name: 'Bilder', tags: [], visibleTo: { kind: 'everybody' as const } }
const MiB = 2 ** 20

describe('how far it is with reading', () => {
  let dir: string
  beforeEach(() => {
    dir = realpathSync(mkdtempSync(join(tmpdir(), 'jabberfs-reading-')))
  })
  afterEach(() => rmSync(dir, { recursive: true, force: true }))

  it('goes neither back nor beyond the end, with a file that grew since and small ones beside it', async () => {
    const folder = join(dir, 'shared')
    mkdirSync(folder)
    put(folder, 'film', Buffer.alloc(2 * MiB))
    for (let n = 0; n < 400; n++) put(folder, `song-${n}`, Buffer.alloc(40_000, `${n}`))
    const db = openToKeep(join(dir, 'shares.sqlite'))
    const batch = new Batch(db, () => undefined)
    const shares = new ShareRows(db)
    const files = new Files(db, batch, (n) => shares.byNumber(n)?.path)
    const share = shares.add('Bilder-2002', folder, settings)
    const yes = () => true
    const walker = new Walker(
      files,
      batch,
      new Watches(0),
      `${dir}/none`,
      { changed: () => undefined, itself: () => undefined },
      yes,
      yes,
    )
    await walker.walk(share)
    truncateSync(join(folder, 'film'), 100 * MiB)
    const looks: { hashedBytes: number; toHashBytes: number }[] = []
    const hashing = new Hashing(files, batch, shares, -60_000, `${dir}/none`, yes, () => {
      looks.push(hashing.progress(share))
      if (files.counts(share.n).unhashedFiles === 0) hashing.stop()
    })
    await hashing.run()
    batch.commit()
    db.close()
    const reading = looks.filter(({ toHashBytes }) => toHashBytes > 0)
    expect(reading.length).to.be.greaterThan(100)
    expect(reading.filter(({ hashedBytes, toHashBytes }) => hashedBytes > toHashBytes)).to.deep.equal([])
    const back = reading.filter(({ hashedBytes }, at) => hashedBytes < (reading[at - 1]?.hashedBytes ?? 0))
    expect(back).to.deep.equal([])
    expect(reading.at(-1)!.hashedBytes).to.be.at.least(100 * MiB)
  })
})
