/**
 * Blocks of more than a piece, as files above 64 GiB have them, from a sender that cuts them into frames otherwise than ours does: frames
 * end anywhere in a piece, chunks anywhere in a frame.
 */

import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { blake3 } from '../../bytes/blake3.js'
import { frameOf } from '../../bytes/frame-writing.js'
import { openPart, place, receive, rootOf } from '../../bytes/index.js'
import { FrameType } from '../../protocol/frames.js'
import { channelPair } from './channel-pair.js'
import { Folder } from './folder.js'

const mebibyte = 2 ** 20
const blockBytes = 4 * mebibyte
const filesize = 2 * blockBytes + mebibyte + 17

describe('a block of several pieces', () => {
  let folder: Folder
  beforeEach(() => {
    folder = new Folder()
  })
  afterEach(() => folder.remove())

  for (const lends of [false, true]) {
    for (const [frameBytes, chunkBytes] of [
      [mebibyte, 65_536],
      [mebibyte - 1, 65_536],
      [700_001, 16_384],
      [300_007, 3 * mebibyte],
      [mebibyte, 333_333],
    ] as const) {
      const how = lends ? 'where the network puts it' : 'copied'
      it(`comes whole in frames of ${frameBytes} bytes and chunks of ${chunkBytes}, ${how} (case 98)`, async () => {
        const content = folder.file('source', filesize)
        const transfer = { sid: 's', peer: 'p', filename: 'f', filesize, blockBytes }
        const part = await openPart({ dir: folder.inbox, transfer })
        const [near, far] = channelPair({ lends, chunkBytes: () => chunkBytes })
        const receiving = receive(far, part)
        const blocks: Buffer[] = []
        for (let at = 0; at < filesize; at += blockBytes) blocks.push(content.subarray(at, at + blockBytes))
        const hashes = Buffer.concat(blocks.map((block) => blake3.hash(block)))
        near.write(frameOf(FrameType.hashes, 0, 0, hashes))
        for (const [n, block] of blocks.entries())
          for (let at = 0; at < block.length; at += frameBytes)
            near.write(frameOf(FrameType.data, 0, n * blockBytes + at, block.subarray(at, at + frameBytes)))
        const root = rootOf(filesize, hashes)
        while (!part.blocks.allProven) await new Promise((resolve) => setImmediate(resolve))
        near.write(frameOf(FrameType.root, 0, 0, root))
        await receiving.proven
        const { path } = await place(part, { dir: folder.inbox, filename: 'f', root })
        receiving.finish()
        expect(readFileSync(path).equals(content)).to.equal(true)
        expect(far.inRoom > 0).to.equal(lends && frameBytes > 16_384)
      })
    }
  }
})
