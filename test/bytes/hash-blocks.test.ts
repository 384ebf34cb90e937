/** Hashing what is held with another thread's help: the same as alone, whatever the thread does. */

import { once } from 'node:events'
import { closeSync, openSync, truncateSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { expect } from 'chai'
import { blake3 } from '../../bytes/blake3.js'
import { BlockBoard } from '../../bytes/block-board.js'
import { cutOf, lengthOf, startOf } from '../../bytes/cut.js'
import { hashBlocks } from '../../bytes/hash-blocks.js'
import { Folder } from './folder.js'

describe('hashing blocks in two threads', () => {
  let folder: Folder
  beforeEach(() => {
    folder = new Folder()
  })
  afterEach(() => folder.remove())

  const blockBytes = 4096
  const filesize = 300 * blockBytes + 17

  async function hashed(left: ReadonlySet<number>, threadFromBytes: number, cutTo = filesize) {
    const content = folder.file('held', filesize)
    const path = folder.at('held')
    const cut = cutOf(filesize, blockBytes)
    const fd = openSync(path, 'r')
    truncateSync(path, cutTo)
    try {
      const options = {
        count: cut.blockCount,
        isLeftOut: (block: number) => left.has(block),
        threadFromBytes,
      }
      const hashOf = await hashBlocks(cut, fd, options)
      return Array.from({ length: cut.blockCount }, (_, block) => {
        const start = startOf(cut, block)
        const right = blake3.hash(content.subarray(start, start + lengthOf(cut, block)))
        const hash = hashOf(block)
        return hash === undefined ? 'none' : Buffer.from(hash).equals(right) ? 'right' : 'wrong'
      })
    } finally {
      closeSync(fd)
    }
  }

  it('gives the hash of every block but those left out, with the thread and without', async () => {
    const left = new Set([0, 7, 150, 299, 300])
    const expected = Array.from({ length: 301 }, (_, block) => (left.has(block) ? 'none' : 'right'))
    expect(await hashed(left, 0)).to.deep.equal(expected)
    expect(await hashed(left, Number.POSITIVE_INFINITY)).to.deep.equal(expected)
  })

  it('has a thread that does its part alone, from the last block on', async () => {
    const content = folder.file('held', filesize)
    const cut = cutOf(filesize, blockBytes)
    const fd = openSync(folder.at('held'), 'r')
    const board = new BlockBoard(cut.blockCount)
    board.leaveOut(200)
    // The first thread has come as far as this.
    board.take(100)
    const { count, memory } = board
    const worker = new Worker(new URL('../../bytes/block-thread.js', import.meta.url), {
      workerData: { fd, filesize, blockBytes, count, memory },
    })
    const [code] = await once(worker, 'exit')
    closeSync(fd)
    expect(code).to.equal(0)
    for (let block = 0; block < count; block++) {
      const hash = board.hash(block)
      if (block <= 100 || block === 200) expect(hash, `block ${block}`).to.equal(undefined)
      else {
        const start = startOf(cut, block)
        const right = blake3.hash(content.subarray(start, start + lengthOf(cut, block)))
        expect(Buffer.from(hash!).equals(right), `block ${block}`).to.equal(true)
      }
    }
  })

  it('gives nothing wrong for a file that is cut meanwhile (case 90)', async () => {
    const found = await hashed(new Set(), 0, 100 * blockBytes + 1)
    expect(found).to.not.include('wrong')
    expect(found.slice(100)).to.not.include('right')
  })

  it('ends with what the caller throws, and the thread with it', async () => {
    const cut = cutOf(filesize, blockBytes)
    folder.file('held', filesize)
    const fd = openSync(folder.at('held'), 'r')
    const stop = hashBlocks(cut, fd, {
      count: cut.blockCount,
      threadFromBytes: 0,
      onBlock() {
        throw new Error('stopped')
      },
    })
    expect(await stop.then(String, String)).to.equal('Error: stopped')
    closeSync(fd)
  })
})
