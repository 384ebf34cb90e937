/** A source that lies about what others have brought: a part belongs to its root, and nobody else's word undoes it. */

import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { blake3 } from '../../bytes/blake3.js'
import { frameOf } from '../../bytes/frame-writing.js'
import { openPart, type PartFile, type ReceiveFailed, receive, rootOf } from '../../bytes/index.js'
import { FrameType } from '../../protocol/frames.js'
import { channelPair } from './channel-pair.js'
import { Folder } from './folder.js'
import { createRandom } from './random.js'

const blockBytes = 4096
const filesize = 10 * blockBytes + 5
const content = createRandom(5).bytes(filesize)
const block = (n: number): Buffer => content.subarray(n * blockBytes, (n + 1) * blockBytes)
const hash = (n: number): Uint8Array => blake3.hash(block(n))
const hashes = Buffer.concat(Array.from({ length: 11 }, (_, n) => hash(n)))
const root = rootOf(filesize, hashes)
const rubbish = Buffer.alloc(blockBytes, 0x66)
const states = (n: number, what: Uint8Array) => frameOf(FrameType.hashes, 0, n, what)
const sends = (n: number, what: Uint8Array) => frameOf(FrameType.data, 0, n * blockBytes, what)

describe('a source of a known root', () => {
  let folder: Folder
  let part: PartFile
  beforeEach(async () => {
    folder = new Folder()
    part = await partFor('first')
    const failed = await hear([
      states(0, hashes),
      ...[0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => sends(n, block(n))),
    ])
    expect(failed.code).to.equal('channel-lost')
    expect(part.heldBytes).to.equal(10 * blockBytes)
    await another()
  })
  afterEach(async () => {
    await part.close()
    folder.remove()
  })

  const partFor = (sid: string, existing?: string) =>
    openPart({
      dir: folder.inbox,
      transfer: { sid, peer: 'p', filename: 'f', filesize, blockBytes, root },
      ...(existing !== undefined && { existing }),
    })

  /** The next source: for another transfer all that is held is only claimed. */
  async function another(): Promise<void> {
    await part.close()
    part = await partFor(`other-${part.transfer.sid}`, part.path)
  }

  async function hear(frames: Buffer[]): Promise<ReceiveFailed> {
    const [sender, far] = channelPair({ chunkBytes: () => 1000 })
    const receiving = receive(far, part)
    for (const frame of frames) sender.write(frame)
    sender.end()
    return receiving.proven.then(
      () => undefined as never,
      (error) => error,
    )
  }

  const isAllThere = () =>
    expect(
      readFileSync(part.path)
        .subarray(0, 10 * blockBytes)
        .equals(content.subarray(0, 10 * blockBytes)),
    ).to.equal(true)

  it('that states other hashes of what is held, and breaks off, has none of it written over (P1, P3)', async () => {
    await hear([
      ...[0, 1, 2, 3].flatMap((n) => [states(n, blake3.hash(rubbish))]),
      states(10, hash(10)),
      sends(10, block(10)),
      ...[0, 1, 2, 3].map((n) => sends(n, rubbish)),
    ])
    isAllThere()
    await another()
    expect((await hear([states(0, hashes)])).code).to.equal('channel-lost')
    expect(part.blocks.provenBytes).to.be.at.least(10 * blockBytes)
  })

  it('that says a lie twice is not believed the second time (P1)', async () => {
    const lie = states(0, blake3.hash(rubbish))
    await hear([lie, lie])
    expect(part.blocks.provenBytes).to.equal(0)
    const failed = await hear([lie, states(0, hash(1))])
    expect(failed.code).to.equal('bad-data')
  })

  it('that states all hashes of another file is refused before a byte of what is held goes (P5)', async () => {
    const others = Buffer.concat(Array.from({ length: 11 }, () => blake3.hash(rubbish)))
    expect((await hear([states(0, others)])).code).to.equal('source-changed')
    isAllThere()
  })

  it('that states all hashes has those blocks written anew that are damaged here (case 90)', async () => {
    const damaged = Buffer.from(block(4))
    damaged[7] = damaged[7]! ^ 1
    part.write(4, 0, damaged)
    await another()
    const failed = await hear([
      states(4, hash(4)),
      states(0, hashes),
      sends(10, block(10)),
      sends(4, block(4)),
      frameOf(FrameType.stop, 0, 0),
    ])
    expect(failed.code).to.equal('stopped')
    expect(part.blocks.allProven).to.equal(true)
    isAllThere()
  })
})
