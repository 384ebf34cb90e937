/** What a channel may put where it belongs at once: the memory of the block that is coming in. */

import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { openPart, openSource, place, receive, serve } from '../../bytes/index.js'
import { channelPair } from './channel-pair.js'
import { Folder } from './folder.js'

const mebibyte = 2 ** 20

describe('memory that is lent to the channel', () => {
  let folder: Folder
  beforeEach(() => {
    folder = new Folder()
  })
  afterEach(() => folder.remove())

  for (const [cut, filesize, blockBytes] of [
    [16_384, 9 * mebibyte + 12_345, mebibyte],
    [16_383, 9 * mebibyte + 12_345, mebibyte],
    [200_000, 9 * mebibyte, mebibyte],
    [3_000_000, 9 * mebibyte + 1, mebibyte],
    [50_000, 9 * mebibyte + 1, 4 * mebibyte],
    [20_000, 50_000, mebibyte],
  ] as const) {
    it(`a file in blocks of ${blockBytes} that comes in chunks of ${cut} arrives the same (P1)`, async () => {
      const content = folder.file('source.bin', filesize)
      const source = await openSource(folder.at('source.bin'), { blockBytes })
      const transfer = { sid: 's1', peer: 'a@b', filename: 'my girl.jpg', filesize, blockBytes }
      const part = await openPart({ dir: folder.inbox, transfer })
      const [near, far] = channelPair({ chunkBytes: () => cut, lends: true })
      const serving = serve(near, source)
      const receiving = receive(far, part)
      const { root } = await receiving.proven
      const { path } = await place(part, { dir: folder.inbox, filename: 'my girl.jpg', root })
      receiving.finish()
      await serving.done
      source.close()
      expect(readFileSync(path).equals(content)).to.equal(true)
      expect(far.inRoom).to.be.greaterThan(filesize / 3)
    })
  }

  it('what is not what its hash says is not written from there either (case 97)', async () => {
    const filesize = 3 * mebibyte
    folder.file('source.bin', filesize)
    const source = await openSource(folder.at('source.bin'))
    const transfer = { sid: 's1', peer: 'a@b', filename: 'f', filesize }
    const part = await openPart({ dir: folder.inbox, transfer })
    const [near, far] = channelPair({ chunkBytes: () => 16_384, lends: true })
    const { write } = near
    near.write = (bytes, flushed) => {
      // One bit of the data of a block.
      if (bytes.length > mebibyte) bytes[mebibyte / 2]! ^= 1
      return write.call(near, bytes, flushed)
    }
    const serving = serve(near, source)
    const failed = await receive(far, part).proven.catch((error) => error)
    expect(failed.code).to.equal('bad-data')
    expect(part.heldBytes).to.equal(0)
    await serving.done.catch(() => undefined)
    source.close()
    await part.discard()
  })
})
