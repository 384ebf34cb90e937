/** Hashes of a source kept for the next program: believed of this very source, and of nothing else. */

import {
  appendFileSync,
  chmodSync,
  closeSync,
  openSync,
  readFileSync,
  truncateSync,
  utimesSync,
  writeSync,
} from 'node:fs'
import { expect } from 'chai'
import { hashSource, openSource, type Source } from '../../bytes/index.js'
import { canKeepNotesOn } from '../../bytes/source-notes.js'
import { seed } from '../seed.js'
import { Folder } from './folder.js'

const blockBytes = 4096
const blocks = 40

describe('the hashes of a source that are kept for the next program', () => {
  let folder: Folder
  let notes: string
  beforeEach(async function () {
    folder = new Folder()
    notes = folder.at('state/hashes/1')
    folder.file('source', blocks * blockBytes + 5, seed)
    const source = await openSource(folder.at('source'), { blockBytes })
    await source.keepNotes(notes)
    await hashSource(source)
    source.close()
    if (!canKeepNotesOn(folder.path)) {
      console.warn('      skipped: no notes are kept on the file system of the temporary folder')
      this.skip()
    }
    expect(readFileSync(notes).length).to.be.greaterThan(0)
  })
  afterEach(() => folder.remove())

  async function known(): Promise<{ source: Source; count: number }> {
    const source = await openSource(folder.at('source'), { blockBytes })
    await source.keepNotes(notes)
    let count = 0
    for (let block = 0; block < source.cut.blockCount; block++) {
      if (source.hashes.trusted(block) !== undefined) count += 1
    }
    return { source, count }
  }

  it('spare the next one hashing it again, and give the same root (P3)', async () => {
    const { source, count } = await known()
    expect(count).to.equal(blocks + 1)
    const fresh = await openSource(folder.at('source'), { blockBytes })
    expect(source.hashes.root()).to.deep.equal(await hashSource(fresh))
    source.close()
    fresh.close()
  })

  it('count for nothing once the file was written, touched, shortened, lengthened, or its rights were changed (case 96, P5)', async () => {
    const path = folder.at('source')
    const changes: (() => void)[] = [
      () => chmodSync(path, 0o640),
      () => utimesSync(path, 1e9, 1e9),
      () => {
        const fd = openSync(path, 'r+')
        writeSync(fd, Buffer.from([1]), 0, 1, 100)
        closeSync(fd)
      },
      () => appendFileSync(path, 'x'),
      () => truncateSync(path, blocks * blockBytes),
    ]
    for (const change of changes) {
      change()
      const { source, count } = await known()
      expect(count, String(change)).to.equal(0)
      await hashSource(source)
      source.close()
      const again = await known()
      expect(again.count).to.equal(again.source.cut.blockCount)
      again.source.close()
    }
  })

  it('count as far as they are whole, where the program was killed, and are gone on with (case 91)', async () => {
    truncateSync(notes, 48 * 20 + 11)
    const { source, count } = await known()
    expect(count).to.equal(20)
    await hashSource(source)
    source.close()
    const again = await known()
    expect(again.count).to.equal(blocks + 1)
    again.source.close()
  })

  it('are written no more once only the time of the inode moved, and the source is hashed again', async () => {
    const { source } = await known()
    chmodSync(folder.at('source'), 0o640)
    expect(source.look()).to.equal('doubtful')
    expect(source.hashes.complete).to.equal(false)
    await hashSource(source)
    source.close()
    const again = await known()
    expect(again.count).to.equal(0)
    again.source.close()
  })

  it('are not kept where they cannot be, and nobody is disturbed', async () => {
    const source = await openSource(folder.at('source'), { blockBytes })
    await source.keepNotes(folder.at('source/not/a/folder'))
    expect(source.hashes.complete).to.equal(false)
    expect(await hashSource(source)).to.have.length(32)
    source.close()
  })
})
