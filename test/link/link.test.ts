/** A link once it is one: order, flushing, its ends, and its pulse. */

import type { TLSSocket } from 'node:tls'
import { expect } from 'chai'
import fc from 'fast-check'
import { FrameEdge } from '../../link/frame-edge.js'
import { goFrame, helloFrame } from '../../link/greeting.js'
import { type Link, LinkLost } from '../../link/index.js'
import { FrameType, frameHeaderBytes, readFrameHeader, writeFrameHeader } from '../../protocol/frames.js'
import { read, tlsClient } from './raw-peer.js'
import { closing, incoming, linkedPair, newToken, portOf, receiver, sendingAttempt } from './two-devices.js'

/** A link of the sending side to a peer of ours that does what a test wants. */
async function linkToRawPeer(idleMs?: number): Promise<{ link: Link; peer: TLSSocket }> {
  const token = newToken()
  const sending = sendingAttempt({ token, ...(idleMs === undefined ? {} : { idleMs }) })
  const peer = await tlsClient(await portOf(sending), receiver)
  peer.on('error', () => {})
  await read(peer, helloFrame().length)
  peer.write(goFrame(token))
  return { link: await sending.link, peer }
}

/** Both directions of who dialled, as they read differently. */
const directions = {
  'whose receiving side dialled': {},
  'whose sending side dialled': { sending: { listen: false }, receiving: { listen: { host: '127.0.0.1' } } },
} as const

for (const [which, options] of Object.entries(directions)) {
  describe(`a link ${which}`, () => {
    it('gives first what came before there was a receiver, then the rest, in order', async () => {
      const { sending, receiving } = await linkedPair(options)
      const bytes = Buffer.from(Array.from({ length: 1_500_000 }, (_, i) => (i * 7) % 253))
      sending.write(bytes.subarray(0, 100_000))
      await turns(20)
      const all = incoming(receiving, bytes.length)
      for (let at = 100_000; at < bytes.length; at += 50_000) sending.write(bytes.subarray(at, at + 50_000))
      expect((await all).equals(bytes)).to.equal(true)
      receiving.destroy()
    })

    it('holds little while there is no receiver, and loses nothing (P16)', async () => {
      const { sending, receiving } = await linkedPair(options)
      const bytes = Buffer.from(Uint32Array.from({ length: 5_000_000 }, (_, i) => i * 2_654_435_761).buffer)
      let flushed = false
      sending.write(bytes, () => {
        flushed = true
      })
      await turns(200)
      expect(flushed).to.equal(false)
      expect((await incoming(receiving, bytes.length)).equals(bytes)).to.equal(true)
      receiving.destroy()
    })

    it('puts what comes into the memory that its receiver lends, and loses nothing', async () => {
      const { sending, receiving } = await linkedPair(options)
      const bytes = Buffer.from(Uint32Array.from({ length: 500_000 }, (_, i) => i * 2_654_435_761).buffer)
      const gathered = Buffer.alloc(bytes.length)
      let have = 0
      let inPlace = 0
      const whole = new Promise<void>((resolve) => {
        receiving.onBytes((chunk) => {
          if (chunk.buffer === gathered.buffer && chunk.byteOffset === gathered.byteOffset + have) {
            inPlace += chunk.length
          } else gathered.set(chunk, have)
          have += chunk.length
          if (have === bytes.length) resolve()
        })
        // Now and then it has none to lend.
        receiving.lendRoom?.(() => (have % 5 === 0 ? undefined : gathered.subarray(have, have + 100_000)))
      })
      for (let at = 0; at < bytes.length; at += 50_001) sending.write(bytes.subarray(at, at + 50_001))
      await whole
      expect(gathered.equals(bytes)).to.equal(true)
      expect(inPlace).to.be.greaterThan(bytes.length / 4)
      receiving.destroy()
    })

    it('says when a buffer may be used again, once for each, also when the link is gone', async () => {
      const { sending, receiving } = await linkedPair(options)
      receiving.onBytes(() => {})
      let flushed = 0
      await new Promise<void>((resolve) => {
        for (let i = 0; i < 50; i++) sending.write(Buffer.alloc(40_000), () => ++flushed === 50 && resolve())
      })
      receiving.destroy()
      await closing(sending)
      await new Promise<void>((resolve) => sending.write(Buffer.alloc(10), resolve))
      expect(flushed).to.equal(50)
    })

    it('that is gone and is ended then, keeps no process waiting', async () => {
      const { sending, receiving } = await linkedPair(options)
      receiving.destroy()
      await closing(sending)
      const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
      const before = timers()
      sending.end()
      expect(timers()).to.equal(before)
    })

    it('gives false from write while much is queued', async () => {
      const { sending, receiving } = await linkedPair(options)
      expect(sending.write(Buffer.alloc(1000))).to.equal(true)
      expect(sending.write(Buffer.alloc(30_000_000))).to.equal(false)
      receiving.destroy()
    })

    it('ends in order: everything that was written arrives, then the end, without an error, on both sides', async () => {
      for (const end of ['sending', 'receiving'] as const) {
        const pair = await linkedPair(options)
        const other = end === 'sending' ? pair.receiving : pair.sending
        const bytes = Buffer.alloc(2_000_000, 'last words')
        pair[end].write(bytes)
        pair[end].end()
        expect((await incoming(other, bytes.length)).equals(bytes)).to.equal(true)
        expect(await Promise.all([closing(pair.sending), closing(pair.receiving)])).to.deep.equal([
          undefined,
          undefined,
        ])
      }
    })

    it('tells its end only after the last byte, however late somebody asks', async () => {
      const { sending, receiving } = await linkedPair(options)
      sending.write(Buffer.from('goodbye'))
      sending.end()
      const order: string[] = []
      const closed = closing(receiving).then(() => order.push('closed'))
      await turns(20)
      receiving.onBytes((chunk) => order.push(Buffer.from(chunk).toString()))
      await closed
      expect(order).to.deep.equal(['goodbye', 'closed'])
      expect(await closing(sending)).to.equal(undefined)
    })

    it('is over when the other side has ended, however much is queued for it', async () => {
      const { sending, receiving } = await linkedPair(options)
      sending.write(Buffer.alloc(30_000_000))
      await turns(20)
      receiving.end()
      sending.onBytes(() => {})
      expect(await closing(sending)).to.equal(undefined)
      receiving.destroy()
    })

    it('says that it was dropped by this side', async () => {
      const { sending, receiving } = await linkedPair(options)
      receiving.destroy()
      expect(await closing(receiving))
        .to.be.instanceOf(LinkLost)
        .and.include({ code: 'destroyed' })
      await closing(sending)
    })
  })
}

describe('a link of the sending side', () => {
  it('gives what came together with the token', async () => {
    const token = newToken()
    const sending = sendingAttempt({ token })
    const peer = await tlsClient(await portOf(sending), receiver)
    await read(peer, helloFrame().length)
    peer.write(Buffer.concat([goFrame(token), Buffer.from('and more')]))
    const link = await sending.link
    expect((await incoming(link, 8)).toString()).to.equal('and more')
    link.destroy()
    peer.destroy()
  })
})

describe('the pulse of a link', () => {
  it('ends a link on which nothing comes any more (case 77)', async () => {
    const { link } = await linkToRawPeer(200)
    link.onBytes(() => {})
    expect(await closing(link))
      .to.be.instanceOf(LinkLost)
      .and.include({ code: 'idle' })
  })

  it('ends a link on which a peer only says that it lives while it owes bytes of the file (case 77)', async () => {
    const { link, peer } = await linkToRawPeer(600)
    link.onBytes(() => {})
    link.expect(true)
    const alive = frame(FrameType.alive, 0)
    const living = setInterval(() => peer.write(alive), 10)
    expect(await closing(link))
      .to.be.instanceOf(LinkLost)
      .and.include({ code: 'stalled' })
    clearInterval(living)
  })

  it('keeps a link on which both say that they live, as frames, and only between frames', async () => {
    const { sending, receiving } = await linkedPair({ sending: { idleMs: 800 }, receiving: { idleMs: 800 } })
    const closed = Promise.all([closing(sending), closing(receiving)])
    // The second half of this frame is late: nothing may come in between.
    const late = frame(FrameType.data, 10)
    const heard = incoming(receiving, late.length + 4 * frameHeaderBytes)
    sending.write(late.subarray(0, 20))
    await incoming(sending, 2 * frameHeaderBytes)
    sending.write(late.subarray(20))
    const bytes = await heard
    expect(bytes.subarray(0, late.length).equals(late)).to.equal(true)
    for (let at = late.length; at < bytes.length; at += frameHeaderBytes) {
      expect(readFrameHeader(bytes, at)).to.deep.equal({
        type: FrameType.alive,
        file: 0,
        offset: 0,
        payloadBytes: 0,
      })
    }
    sending.end()
    expect(await closed).to.deep.equal([undefined, undefined])
  })
})

describe('the receiving side', () => {
  it('says that it lives also while it receives without a pause, as a proxy ends who says nothing', async () => {
    const { sending, receiving } = await linkedPair({ receiving: { idleMs: 200 } })
    receiving.onBytes(() => {})
    const piece = frame(FrameType.data, 65_536)
    let going = true
    const pour = (): void => {
      if (going) sending.write(piece, pour)
    }
    pour()
    const alive = await incoming(sending, 2 * frameHeaderBytes)
    going = false
    for (const at of [0, frameHeaderBytes])
      expect(readFrameHeader(alive, at)).to.include({ type: FrameType.alive, payloadBytes: 0 })
    receiving.destroy()
  })
})

describe('the edge of frames', () => {
  it('is seen however the frames are cut into writes', () => {
    const sizes = fc.array(fc.nat(60), { minLength: 1, maxLength: 6 })
    const cuts = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(sizes, cuts, (payloads, pieces) => {
        const frames = payloads.map((bytes) => frame(FrameType.data, bytes))
        const ends = frames.map((_, i) => frames.slice(0, i + 1).reduce((sum, one) => sum + one.length, 0))
        const stream = Buffer.concat(frames)
        const edge = new FrameEdge()
        for (let at = 0, piece = 0; at < stream.length; piece++) {
          const next = at + pieces[piece % pieces.length]!
          edge.pass(stream.subarray(at, next))
          at = Math.min(next, stream.length)
          expect(edge.atEdge).to.equal(ends.includes(at))
        }
      }),
    )
  })

  it('is never seen again after bytes that are no frames', () => {
    const edge = new FrameEdge()
    edge.pass(Buffer.alloc(16))
    edge.pass(frame(FrameType.alive, 0))
    expect(edge.atEdge).to.equal(false)
  })
})

/** Lets the event loop go round. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise(setImmediate)
}

function frame(type: FrameType, payloadBytes: number): Buffer {
  const bytes = Buffer.alloc(frameHeaderBytes + payloadBytes, 0x55)
  writeFrameHeader(bytes, 0, { type, file: 0, offset: 0, payloadBytes })
  return bytes
}
