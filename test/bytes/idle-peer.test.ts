/** A side that is there and does nothing: it keeps the other no longer than so. */

import { setTimeout as pause } from 'node:timers/promises'
import { expect } from 'chai'
import { blake3 } from '../../bytes/blake3.js'
import { frameOf, lengthPayload } from '../../bytes/frame-writing.js'
import {
  openPart,
  openSource,
  type PartFile,
  type ReceiveFailed,
  receive,
  type ServeFailed,
  type Source,
  serve,
} from '../../bytes/index.js'
import { FrameType } from '../../protocol/frames.js'
import { channelPair, type MemoryEnd } from './channel-pair.js'
import { Folder } from './folder.js'
import { createRandom } from './random.js'

const blockBytes = 65_536
const blocks = 40
const patienceMs = 200

describe('a receiving side that says that it lives', () => {
  let folder: Folder
  let source: Source
  beforeEach(async () => {
    folder = new Folder()
    folder.file('source', blocks * blockBytes)
    source = await openSource(folder.at('source'), { blockBytes })
  })
  afterEach(() => {
    source.close()
    folder.remove()
  })

  /** Says words that cost nothing until the serving has ended. @returns how it did */
  async function livesOn(far: MemoryEnd, done: Promise<unknown>): Promise<ServeFailed> {
    const talk = setInterval(() => {
      far.write(frameOf(FrameType.alive, 0, 0))
      far.write(frameOf(FrameType.held, 0, 0, Buffer.of(1)))
    }, patienceMs / 10)
    try {
      return await done.then(
        () => undefined as never,
        (error) => error,
      )
    } finally {
      clearInterval(talk)
    }
  }

  it('and asks for nothing loses its link (P16)', async () => {
    const [near, far] = channelPair()
    const serving = serve(near, source, { patienceMs })
    expect((await livesOn(far, serving.done)).code).to.equal('bad-peer')
    expect(near.destroyed).to.equal(true)
  })

  it('and never says that it has all loses its link (P16)', async () => {
    const [near, far] = channelPair()
    const serving = serve(near, source, { patienceMs })
    far.write(frameOf(FrameType.held, 0, 0, Buffer.alloc(blocks / 8, 0xff)))
    far.write(frameOf(FrameType.finish, 0, 0))
    const talk = setInterval(() => far.write(frameOf(FrameType.alive, 0, 0)), patienceMs / 10)
    const failed: ServeFailed = await serving.done.then(
      () => undefined as never,
      (error) => error,
    )
    clearInterval(talk)
    expect(failed.code).to.equal('bad-peer')
  })

  it('and asks now and then, as one on a slow line does, is served for as long as it takes', async () => {
    const [near, far] = channelPair()
    const serving = serve(near, source, { patienceMs })
    let failed: unknown
    serving.done.catch((error) => {
      failed = error
    })
    for (let block = 0; block < 10; block++) {
      far.write(frameOf(FrameType.want, 0, block * blockBytes, lengthPayload(blockBytes)))
      await pause(patienceMs / 4)
    }
    expect(failed).to.equal(undefined)
    serving.stop()
  })

  it('and takes what it wants over a line that carries a buffer only in longer than that is served', async () => {
    const [near, far] = channelPair()
    const write = near.write.bind(near)
    near.write = (bytes, flushed) => write(bytes, () => setTimeout(() => flushed?.(), 5 * patienceMs))
    const serving = serve(near, source, { patienceMs })
    far.write(frameOf(FrameType.want, 0, 0, lengthPayload(blockBytes)))
    let failed: unknown
    serving.done.catch((error) => {
      failed = error
    })
    await pause(4 * patienceMs)
    expect(failed).to.equal(undefined)
    serving.stop()
  })

  it('and takes what it wants is not held up by the time that it takes', async () => {
    const [near, far] = channelPair()
    const part = await openPart({
      dir: folder.inbox,
      transfer: { sid: 's', peer: 'p', filename: 'f', filesize: blocks * blockBytes, blockBytes },
    })
    const serving = serve(near, source, { patienceMs })
    const receiving = receive(far, part)
    await receiving.proven
    receiving.finish()
    await serving.done
    await part.close()
  })
})

describe('a sending side that says that it lives', () => {
  let folder: Folder
  let part: PartFile
  const content = createRandom(9).bytes(blocks * blockBytes)
  const hashes = Buffer.concat(
    Array.from({ length: blocks }, (_, n) =>
      blake3.hash(content.subarray(n * blockBytes, (n + 1) * blockBytes)),
    ),
  )
  beforeEach(async () => {
    folder = new Folder()
    const transfer = { sid: 's', peer: 'p', filename: 'f', filesize: content.length, blockBytes }
    part = await openPart({ dir: folder.inbox, transfer })
  })
  afterEach(async () => {
    await part.close()
    folder.remove()
  })

  it('and sends nothing loses its link, and so another source may be asked (P16)', async () => {
    const [near, far] = channelPair()
    const receiving = receive(far, part, { patienceMs })
    const words = Buffer.concat([
      ...Array.from({ length: 256 }, () => frameOf(FrameType.alive, 0, 0)),
      // Said before, or hardly anything.
      frameOf(FrameType.hashes, 0, 0, hashes.subarray(0, 32)),
    ])
    const talk = setInterval(() => near.write(words), patienceMs / 10)
    const failed: ReceiveFailed = await receiving.proven.then(
      () => undefined as never,
      (error) => error,
    )
    clearInterval(talk)
    expect(failed.code).to.equal('channel-lost')
  })

  it('and sends a little at a time is waited for', async () => {
    const [near, far] = channelPair()
    const receiving = receive(far, part, { patienceMs })
    near.write(frameOf(FrameType.hashes, 0, 0, hashes))
    for (let n = 0; n < 8; n++) {
      await pause(patienceMs / 4)
      near.write(
        frameOf(FrameType.data, 0, n * blockBytes, content.subarray(n * blockBytes, (n + 1) * blockBytes)),
      )
    }
    await pause(patienceMs / 4)
    expect(part.heldBytes).to.equal(8 * blockBytes)
    receiving.stop()
    expect(await receiving.proven.catch(({ code }) => code)).to.equal('stopped')
  })

  it('and sends hardly anything once much has come loses its link, as if it had sent nothing (P16)', async () => {
    const [near, far] = channelPair()
    const receiving = receive(far, part, { patienceMs })
    near.write(frameOf(FrameType.hashes, 0, 0, hashes))
    let sent = 0
    const send = (bytes: number) => {
      near.write(frameOf(FrameType.data, 0, sent, content.subarray(sent, sent + bytes)))
      sent += bytes
    }
    for (let n = 0; n < 4; n++) send(blockBytes)
    const talk = setInterval(() => send(16), patienceMs / 20)
    const why = await receiving.proven.catch(({ code }) => code)
    clearInterval(talk)
    expect(why).to.equal('channel-lost')
    expect(part.heldBytes).to.equal(4 * blockBytes)
  })
})
