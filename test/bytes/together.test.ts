/**
 * What leaves together: two pieces in one write with their hashes, and none of them where one is not what it was.
 */

import { closeSync, openSync, readFileSync, writeSync } from 'node:fs'
import { expect } from 'chai'
import {
  hashBeginning,
  hashSource,
  openPart,
  openSource,
  place,
  receive,
  SourceFailed,
  serve,
} from '../../bytes/index.js'
import { channelPair, type MemoryEnd } from './channel-pair.js'
import { Folder } from './folder.js'

const blockBytes = 4096
const headerBytes = 16
const dataFrameBytes = headerBytes + blockBytes
const hashFrameBytes = headerBytes + 32

describe('blocks that leave together', () => {
  let folder: Folder
  beforeEach(() => {
    folder = new Folder()
  })
  afterEach(() => folder.remove())

  /** The sizes of all that is written to a channel. */
  function sizesOn(end: MemoryEnd): number[] {
    const sizes: number[] = []
    const write = end.write.bind(end)
    end.write = (bytes, flushed) => {
      sizes.push(bytes.length)
      return write(bytes, flushed)
    }
    return sizes
  }

  /** Moves a file, and gives the sizes of what the sending side wrote. */
  async function sizesOf(filesize: number, options: { block: number; isKnown: boolean }): Promise<number[]> {
    const content = folder.file('source', filesize)
    const source = await openSource(folder.at('source'), { blockBytes: options.block })
    const root = options.isKnown ? await hashSource(source) : undefined
    const transfer = { sid: 's', peer: 'p', filename: 'f', filesize, blockBytes: options.block }
    const part = await openPart({ dir: folder.inbox, transfer })
    const [near, far] = channelPair()
    const sizes = sizesOn(near)
    const serving = serve(near, source, root === undefined ? {} : { root })
    const receiving = receive(far, part)
    const proven = await receiving.proven
    const { path } = await place(part, { dir: folder.inbox, filename: 'f', root: proven.root })
    receiving.finish()
    await serving.done
    source.close()
    expect(readFileSync(path).equals(content)).to.equal(true)
    return sizes
  }

  it('are two, each with its hash; the first goes alone, since somebody waits for it', async () => {
    const withHash = hashFrameBytes + dataFrameBytes
    const sizes = await sizesOf(6 * blockBytes + 5, { block: blockBytes, isKnown: false })
    expect(sizes.slice(0, -1)).to.deep.equal([
      withHash,
      2 * withHash,
      2 * withHash,
      withHash + hashFrameBytes + headerBytes + 5,
    ])
  })

  it('have no hash where all were stated before', async () => {
    const sizes = await sizesOf(5 * blockBytes, { block: blockBytes, isKnown: true })
    expect(sizes.slice(1, -1)).to.deep.equal([dataFrameBytes, 2 * dataFrameBytes, 2 * dataFrameBytes])
  })

  it('are pieces of a MiB where blocks are larger, with the hash behind the last', async () => {
    const mebibyte = 2 ** 20
    const sizes = await sizesOf(6 * mebibyte, { block: 3 * mebibyte, isKnown: false })
    const frame = headerBytes + mebibyte
    expect(sizes.slice(0, -1)).to.deep.equal([
      frame,
      2 * frame + hashFrameBytes,
      2 * frame,
      frame + hashFrameBytes,
    ])
  })

  it('stay here, both, when one of them is no longer what it was (case 96, P5)', async () => {
    const filesize = 3 * blockBytes
    folder.file('source', filesize)
    const source = await openSource(folder.at('source'), { blockBytes })
    const root = await hashSource(source)
    const fd = openSync(folder.at('source'), 'r+')
    const transfer = { sid: 's', peer: 'p', filename: 'f', filesize, blockBytes }
    const part = await openPart({ dir: folder.inbox, transfer })
    const [near, far] = channelPair()
    let isWritten = false
    const serving = serve(near, source, {
      root,
      onProgress: ({ sentBytes }) => {
        if (sentBytes < blockBytes || isWritten) return
        isWritten = true
        writeSync(fd, 'other', 2 * blockBytes)
      },
    })
    const receiving = receive(far, part)
    const failed = await serving.done.catch((error: { code: string }) => error.code)
    expect(failed).to.equal('source-changed')
    expect(serving.bytesSent).to.equal(blockBytes)
    await receiving.proven.catch(() => undefined)
    closeSync(fd)
    source.close()
    await part.discard()
  })
})

describe('hashing the beginning of a source', () => {
  let folder: Folder
  beforeEach(() => {
    folder = new Folder()
  })
  afterEach(() => folder.remove())

  it('knows the blocks that lie in it, and leaves the others for when they are sent', async () => {
    folder.file('source', 10 * blockBytes)
    const source = await openSource(folder.at('source'), { blockBytes })
    await hashBeginning(source, 3 * blockBytes + 1)
    expect(source.hashes.nextUntrusted(0)).to.equal(4)
    await hashBeginning(source, 100 * blockBytes)
    expect(source.hashes.complete).to.equal(true)
    source.close()
  })

  it('ends when it is told to', async () => {
    folder.file('source', 10 * blockBytes)
    const source = await openSource(folder.at('source'), { blockBytes })
    const failed = await hashBeginning(source, 10 * blockBytes, AbortSignal.abort()).catch((error) => error)
    expect(failed).to.be.instanceOf(SourceFailed)
    expect(failed.code).to.equal('stopped')
    expect(source.hashes.nextUntrusted(0)).to.equal(0)
    source.close()
  })
})
