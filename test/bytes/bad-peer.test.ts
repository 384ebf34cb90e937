/**
 * Peers that break the protocol of frames, on either side: the channel is destroyed, nothing is counted,
 * nothing is published.
 */

import { expect } from 'chai'
import fc from 'fast-check'
import { blake3 } from '../../bytes/blake3.js'
import { frameOf, lengthPayload } from '../../bytes/frame-writing.js'
import {
  openPart,
  openSource,
  type PartFile,
  type ReceiveFailed,
  receive,
  rootOf,
  type ServeFailed,
  type Source,
  serve,
} from '../../bytes/index.js'
import { FrameType } from '../../protocol/frames.js'
import { channelPair, type MemoryEnd } from './channel-pair.js'
import { Folder } from './folder.js'
import { createRandom } from './random.js'

const blockBytes = 4096
const filesize = 10 * blockBytes + 5
const windowBytes = 4 * blockBytes
const transfer = { sid: 's', peer: 'p', filename: 'f', filesize, blockBytes }

describe('a receiving side that breaks the protocol', () => {
  let folder: Folder
  let source: Source
  beforeEach(async () => {
    folder = new Folder()
    folder.file('source', filesize)
    source = await openSource(folder.at('source'), { blockBytes })
  })
  afterEach(() => {
    source.close()
    folder.remove()
  })

  const want = (offset: number, bytes: number | bigint, file = 0): Buffer =>
    frameOf(FrameType.want, file, offset, lengthPayload(bytes as number))

  const rubbish: Record<string, Buffer[]> = {
    'wants beyond the end': [want(10 * blockBytes, blockBytes)],
    'wants from beyond the end': [want(2 ** 52, 5)],
    'wants nothing': [want(0, 0)],
    'wants a negative length': [want(0, 2n ** 64n - 4096n)],
    'wants more than the window': [want(0, 5 * blockBytes)],
    'wants more than the window, in several wants': [
      Buffer.concat([want(0, 3 * blockBytes), want(3 * blockBytes, 2 * blockBytes)]),
    ],
    'wants from inside a block': [want(100, blockBytes)],
    'wants up to inside a block': [want(0, 100)],
    'wants a block twice': [want(0, blockBytes), want(0, blockBytes)],
    'wants of another file': [want(0, blockBytes, 1)],
    'wants without a length': [frameOf(FrameType.want, 0, 0)],
    'wants with a long length': [frameOf(FrameType.want, 0, 0, Buffer.alloc(9))],
    'holds beyond the last block': [frameOf(FrameType.held, 0, 0, Buffer.from([0xff, 0xff]))],
    'holds from beyond the last block': [frameOf(FrameType.held, 0, 2 ** 53 - 1, Buffer.from([1]))],
    'holds a long bitmap': [frameOf(FrameType.held, 0, 0, Buffer.alloc(2 ** 20))],
    'holds nothing': [frameOf(FrameType.held, 0, 0)],
    'finishes with blocks missing': [frameOf(FrameType.finish, 0, 0)],
    'is done before the root': [frameOf(FrameType.done, 0, 0)],
    'sends data': [frameOf(FrameType.data, 0, 0, Buffer.alloc(10))],
    'sends hashes': [frameOf(FrameType.hashes, 0, 0, Buffer.alloc(32))],
    'sends a root': [frameOf(FrameType.root, 0, 0, Buffer.alloc(32))],
    'says hello again': [frameOf(FrameType.hello, 0, 0, Buffer.from([1]))],
    'says go again': [frameOf(FrameType.go, 0, 0, Buffer.alloc(32))],
    'stops with a payload': [frameOf(FrameType.stop, 0, 0, Buffer.alloc(1))],
    'speaks HTTP': [Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n')],
  }

  for (const [what, frames] of Object.entries(rubbish)) {
    it(`because it ${what} loses its channel at once (case 97)`, async () => {
      const [near, far] = channelPair()
      const serving = serve(near, source, { windowBytes })
      for (const frame of frames) far.write(frame)
      const failed: ServeFailed = await serving.done.then(
        () => undefined as never,
        (error) => error,
      )
      expect(failed.code).to.equal('bad-peer')
      expect(near.destroyed).to.equal(true)
    })
  }

  it('after finish has nothing more to ask for (case 97)', async () => {
    const [near, far] = channelPair()
    const serving = serve(near, source, { windowBytes })
    far.write(frameOf(FrameType.held, 0, 0, Buffer.from([0xff, 0x07])))
    far.write(frameOf(FrameType.finish, 0, 0))
    far.write(want(0, blockBytes))
    expect((await serving.done.catch((error) => error)).code).to.equal('bad-peer')
  })

  it('with whatever bytes never crashes the sending side, nor gets more than it may (case 97)', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            type: fc.constantFrom(...Object.values(FrameType)),
            file: fc.constantFrom(0, 0, 0, 1),
            offset: fc.oneof(
              fc.integer({ min: 0, max: 11 }).map((block) => block * blockBytes),
              fc.maxSafeNat(),
            ),
            payload: fc.oneof(
              fc.integer({ min: 0, max: 4 }).map((blocks) => lengthPayload(blocks * blockBytes)),
              fc.uint8Array({ maxLength: 40 }),
            ),
          }),
          { maxLength: 6 },
        ),
        async (frames) => {
          const [near, far] = channelPair()
          const serving = serve(near, source, { windowBytes })
          for (const one of frames) far.write(frameOf(one.type, one.file, one.offset, one.payload))
          far.end()
          await serving.done.catch(() => undefined)
          expect(serving.bytesSent).to.be.at.most(filesize)
        },
      ),
    )
  })
})

describe('a sending side that breaks the protocol', () => {
  let folder: Folder
  let part: PartFile
  let near: MemoryEnd
  const content = createRandom(7).bytes(filesize)
  const block = (n: number): Buffer => content.subarray(n * blockBytes, (n + 1) * blockBytes)
  const hashes = Buffer.concat(Array.from({ length: 11 }, (_, n) => blake3.hash(block(n))))
  const all = frameOf(FrameType.hashes, 0, 0, hashes)
  const data = (offset: number, bytes: Uint8Array, file = 0): Buffer =>
    frameOf(FrameType.data, file, offset, bytes)

  beforeEach(async () => {
    folder = new Folder()
    part = await openPart({ dir: folder.inbox, transfer })
  })
  afterEach(async () => {
    await part.close()
    folder.remove()
  })

  /** Says these frames to a receiving side and gives how it failed. */
  async function say(frames: Buffer[], root?: Uint8Array): Promise<ReceiveFailed> {
    const [sender, far] = channelPair({ chunkBytes: () => 1000 })
    near = sender
    const receiving = receive(far, part, { windowBytes, ...(root && { root }) })
    for (const frame of frames) near.write(frame)
    near.end()
    const failed = await receiving.proven.then(
      () => undefined as never,
      (error) => error,
    )
    if (failed.code === 'bad-data') expect(far.destroyed).to.equal(true)
    return failed
  }

  const rubbish: Record<string, Buffer[]> = {
    'sends a wrong block': [all, data(0, block(1))],
    'sends a block with one bit flipped': [
      all,
      data(
        0,
        Buffer.from(block(0)).map((byte, at) => (at === 77 ? byte ^ 4 : byte)),
      ),
    ],
    'sends another block than was asked for': [all, data(blockBytes, block(1))],
    'leaves a gap': [all, data(0, block(0).subarray(0, 100)), data(200, block(0).subarray(200))],
    'sends bytes twice': [all, data(0, block(0).subarray(0, 100)), data(50, block(0).subarray(50))],
    'sends a block twice': [all, data(0, block(0)), data(0, block(0))],
    'sends beyond the end of a block': [all, data(0, content.subarray(0, blockBytes + 1))],
    'sends from a negative offset': [
      all,
      (() => {
        const frame = data(0, block(0))
        frame.writeBigUInt64BE(2n ** 64n - 1n, 8)
        return frame
      })(),
    ],
    'sends more than was asked for': [
      all,
      ...[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((n) => data(n * blockBytes, block(n))),
      data(filesize, Buffer.alloc(5)),
    ],
    'sends no bytes': [all, data(0, Buffer.alloc(0))],
    'sends of another file': [all, data(0, block(0), 1)],
    'goes on without the hash of a block': [data(0, block(0)), data(blockBytes, block(1))],
    'states two hashes of a block': [all, frameOf(FrameType.hashes, 0, 3, hashes.subarray(0, 32))],
    'states another hash of a proven block': [
      all,
      data(0, block(0)),
      frameOf(FrameType.hashes, 0, 0, hashes.subarray(32, 64)),
    ],
    'states hashes beyond the last block': [frameOf(FrameType.hashes, 0, 1, hashes)],
    'states half a hash': [frameOf(FrameType.hashes, 0, 0, hashes.subarray(0, 48))],
    'states no hash': [frameOf(FrameType.hashes, 0, 0)],
    'states hashes without end': [all, all, all, all, all],
    'states a root unasked': [frameOf(FrameType.root, 0, 0, Buffer.alloc(32))],
    'asks for bytes': [frameOf(FrameType.want, 0, 0, lengthPayload(5))],
    'says held': [frameOf(FrameType.held, 0, 0, Buffer.alloc(1))],
    'says finish': [frameOf(FrameType.finish, 0, 0)],
    'says done': [frameOf(FrameType.done, 0, 0)],
    'changes with a payload': [frameOf(FrameType.changed, 0, 0, Buffer.alloc(1))],
    'sends rubbish': [Buffer.alloc(64, 0xff)],
  }

  for (const [what, frames] of Object.entries(rubbish)) {
    it(`because it ${what} loses its channel at once (case 97, P1)`, async () => {
      expect((await say(frames)).code).to.equal('bad-data')
      // What was proven before stays, and is what it should be.
      const existing = part.path
      const held = part.heldBytes
      await part.close()
      part = await openPart({ dir: folder.inbox, transfer, existing })
      expect(part.heldBytes).to.equal(held)
      for (let n = 0; n * blockBytes < held; n++)
        expect(part.blocks.hasHash(n, hashes.subarray(n * 32, n * 32 + 32))).to.equal(true)
    })
  }

  const whole = [all, ...Array.from({ length: 11 }, (_, n) => data(n * blockBytes, block(n)))]

  it('with less than the file leaves it unproven (cases 78 and 97)', async () => {
    expect((await say(whole.slice(0, -1))).code).to.equal('channel-lost')
    expect(part.heldBytes).to.equal(10 * blockBytes)
  })

  it('with another root than that of its blocks is not believed (case 97, P1)', async () => {
    expect((await say([...whole, frameOf(FrameType.root, 0, 0, Buffer.alloc(32))])).code).to.equal('bad-data')
  })

  it('with another file than the offered one has a changed source (P1, P5)', async () => {
    const root = frameOf(FrameType.root, 0, 0, rootOf(filesize, hashes))
    expect((await say([...whole, root], Buffer.alloc(32))).code).to.equal('source-changed')
  })

  it('that states the hashes of another file than the offered one is refused before a byte of it comes (P1, P5)', async () => {
    expect((await say([all], Buffer.alloc(32))).code).to.equal('source-changed')
    expect(part.heldBytes).to.equal(0)
  })

  it('but states the root it did not know before, over what it sent, is believed (case 99, P1)', async () => {
    const [sender, far] = channelPair()
    const receiving = receive(far, part, { windowBytes })
    const root = rootOf(filesize, hashes)
    for (const frame of [...whole, frameOf(FrameType.root, 0, 0, root)]) sender.write(frame)
    expect((await receiving.proven).root).to.deep.equal(root)
    receiving.stop()
  })

  it('with whatever bytes never crashes the receiving side, and nothing wrong is held (case 97, P3)', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.oneof(
            fc.constantFrom(...whole),
            fc
              .record({
                type: fc.constantFrom(...Object.values(FrameType)),
                offset: fc.nat(12 * blockBytes),
                payload: fc.uint8Array({ maxLength: 64 }),
              })
              .map((one) => frameOf(one.type, 0, one.offset, one.payload)),
          ),
          { maxLength: 8 },
        ),
        async (frames) => {
          const one = await openPart({ dir: folder.inbox, transfer })
          const [sender, far] = channelPair()
          const receiving = receive(far, one, { windowBytes })
          for (const frame of frames) sender.write(frame)
          sender.end()
          await receiving.proven.catch(() => undefined)
          const existing = one.path
          const held = one.heldBytes
          await one.close()
          const again = await openPart({ dir: folder.inbox, transfer, existing })
          expect(again.heldBytes).to.equal(held)
          await again.discard()
        },
      ),
    )
  })
})
