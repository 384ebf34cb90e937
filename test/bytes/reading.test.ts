/**
 * The two ways of reading: straight while the file is in the page cache, aside where the disk is slow.
 */

import {
  closeSync,
  existsSync,
  ftruncateSync,
  openSync,
  readFileSync,
  readSync,
  truncateSync,
  writeSync,
} from 'node:fs'
import { expect } from 'chai'
import { blake3 } from '../../bytes/blake3.js'
import { BlockHashing } from '../../bytes/block-hashing.js'
import { cutOf } from '../../bytes/cut.js'
import { hashSource, openPart, openSource, place } from '../../bytes/index.js'
import { ReadPace } from '../../bytes/read-pace.js'
import { attempt } from './attempt.js'
import { Folder } from './folder.js'

const mebibyte = 2 ** 20

/** A pace as on a disk that is slow now and then: changes between the two ways all the time. */
function restless(): ReadPace {
  const pace = new ReadPace()
  let n = 0
  Object.defineProperty(pace, 'straight', { get: () => ++n % 7 < 2 })
  return pace
}

describe('reading', () => {
  let folder: Folder
  beforeEach(() => {
    folder = new Folder()
  })
  afterEach(() => folder.remove())

  it('goes aside after two slow reads near each other, not after one, and comes back', () => {
    const pace = new ReadPace()
    pace.took(500)
    for (let n = 0; n < 16; n++) {
      expect(pace.straight).to.equal(true)
      pace.took(1)
    }
    pace.took(500)
    expect(pace.straight).to.equal(true)
    pace.took(30)
    for (let n = 0; n < 32; n++) expect(pace.straight).to.equal(false)
    expect(pace.straight).to.equal(true)
  })

  it('either way, or changing in the middle, sends the same file in order', async () => {
    for (const blockBytes of [undefined, 65_536, 4 * mebibyte]) {
      const filesize = 13 * mebibyte + 5
      const content = folder.file('source', filesize)
      const source = await openSource(folder.at('source'), blockBytes === undefined ? {} : { blockBytes })
      const transfer = { sid: 's', peer: 'p', filename: 'f', filesize, ...(blockBytes && { blockBytes }) }
      const part = await openPart({ dir: folder.inbox, transfer })
      const { root } = await attempt(source, part, { serve: { pace: restless() } })
      const { path } = await place(part, { dir: folder.inbox, filename: 'f', root: root! })
      expect(readFileSync(path).equals(content)).to.equal(true)
      source.close()
    }
  })

  it('aside notices a source that shrinks, and closes it only when nothing reads (case 96)', async () => {
    const filesize = 13 * mebibyte
    folder.file('source', filesize)
    const source = await openSource(folder.at('source'))
    const part = await openPart({
      dir: folder.inbox,
      transfer: { sid: 's', peer: 'p', filename: 'f', filesize },
    })
    let shrunk = false
    const outcome = await attempt(source, part, {
      serve: {
        pace: restless(),
        onProgress: ({ sentBytes }) => {
          if (sentBytes > 4 * mebibyte && !shrunk) truncateSync(folder.at('source'), 5 * mebibyte)
          shrunk ||= sentBytes > 4 * mebibyte
        },
      },
    })
    expect(outcome.failed?.code).to.equal('source-changed')
    source.close()
    await part.discard()
  })

  it('either way hashes the same', async () => {
    const content = folder.file('source', 3 * mebibyte)
    const fd = openSync(folder.at('source'), 'r')
    for (const blockBytes of [1000, mebibyte, 2 * mebibyte]) {
      const hashing = new BlockHashing(cutOf(content.length, blockBytes), fd, restless())
      for (const block of [0, 1]) {
        const expected = blake3.hash(content.subarray(block * blockBytes, (block + 1) * blockBytes))
        expect(await hashing.hash(block)).to.deep.equal(expected)
      }
    }
    closeSync(fd)
  })
})

describe('a file of more than 4 GiB', function () {
  this.timeout(180_000)

  it('is resumed near its end, and its offsets are not cut to 32 bits (case 98, P3)', async () => {
    // Holes are read fastest from memory.
    const folder = new Folder(existsSync('/dev/shm') ? '/dev/shm' : undefined)
    try {
      // All of it is a hole but for some bytes on both sides of the 4 GiB: nothing of it takes room.
      const filesize = 2 ** 32 + 3 * mebibyte + 17
      const write = (name: string, marks: Record<number, string>): void => {
        const fd = openSync(folder.at(name), 'w')
        for (const [at, text] of Object.entries(marks)) writeSync(fd, text, Number(at))
        closeSync(fd)
        truncateSync(folder.at(name), filesize)
      }
      const ends = { [filesize - 3]: 'end', [2 ** 32 - 2]: 'over the edge', [2 ** 32 + mebibyte]: 'behind' }
      write('source', { 0: 'begin', ...ends })
      // A part file that has the beginning only: its zeros are claimed, and some of them are wrong.
      const transfer = { sid: 's', peer: 'p', filename: 'f', filesize }
      const begun = await openPart({ dir: folder.inbox, transfer })
      writeSync(begun.fd, 'begin', 0)
      ftruncateSync(begun.fd, 2 ** 32 + mebibyte)
      await begun.close()
      const source = await openSource(folder.at('source'))
      const [part, root] = await Promise.all([
        openPart({ dir: folder.inbox, transfer, existing: begun.path }),
        hashSource(source),
      ])
      expect(part.heldBytes).to.equal(2 ** 32 + mebibyte)
      const outcome = await attempt(source, part, { serve: { root } })
      expect(outcome.root).to.deep.equal(root)
      // Wrong were the block before the edge and the one after; missing were the rest.
      expect(outcome.bytesSent).to.equal(2 * mebibyte + 2 * mebibyte + 17)
      const { path } = await place(part, { dir: folder.inbox, filename: 'f', root })
      const fd = openSync(path, 'r')
      for (const [at, text] of Object.entries({ 0: 'begin', ...ends })) {
        const read = Buffer.alloc(text.length)
        readSync(fd, read, 0, text.length, Number(at))
        expect(read.toString()).to.equal(text)
      }
      closeSync(fd)
      source.close()
    } finally {
      folder.remove()
    }
  })
})
