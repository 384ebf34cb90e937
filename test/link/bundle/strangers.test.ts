/** Who wants to join a link's sockets and may not, who joins and does not keep to the rules, and who knows nothing of it. */

import { connect } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { expect } from 'chai'
import { proofOf } from '../../../link/bundle/proof.js'
import { fromFrame, joinFrame, pieceHeader, wishFrame } from '../../../link/bundle/words.js'
import { goFrame, helloFrame } from '../../../link/greeting.js'
import { type Link, LinkLost } from '../../../link/index.js'
import { maxPieceBytes } from '../../../protocol/frames.js'
import { gone, read, tlsClient, tlsServer } from '../raw-peer.js'
import {
  at,
  closing,
  incoming,
  linkedPair,
  newToken,
  portOf,
  receiver,
  receivingAttempt,
  sender,
  sendingAttempt,
  stranger,
} from '../two-devices.js'
import { four, having, numbered } from './widened.js'

/** A link of the sending side to a receiving side of ours, which has said its wish and may join. */
async function wished(more = 3): Promise<{ link: Link; port: number; peer: TLSSocket }> {
  const token = newToken()
  const sending = sendingAttempt({ token, ...four })
  const port = await portOf(sending)
  const peer = await tlsClient(port, receiver)
  peer.on('error', () => {})
  await read(peer, helloFrame().length)
  peer.write(goFrame(token))
  const link = await sending.link
  link.onBytes(() => {})
  peer.write(wishFrame(more))
  return { link, port, peer }
}

/** A connection to a port that is about to be open, as far as the sending side's hello. */
async function knock(port: number, identity = receiver): Promise<TLSSocket> {
  for (;;) {
    const socket = await tlsClient(port, identity).catch((error): undefined => {
      if (error.code !== 'ECONNREFUSED') throw error
    })
    if (socket === undefined) continue
    socket.on('error', () => {})
    await read(socket, helloFrame().length)
    return socket
  }
}

/** Whether the port is closed. */
const isClosed = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port })
    socket.on('error', () => resolve(true))
    socket.once('connect', () => {
      socket.destroy()
      resolve(false)
    })
  })

describe('joining the sockets of a link, at the sending side', () => {
  it('takes the proof of that link, that number and that side, once (case 116)', async () => {
    const { link, port, peer } = await wished()
    const three = having(link, 3)
    const bad = {
      forged: joinFrame(1, new Uint8Array(32)),
      'of another number': joinFrame(1, proofOf(peer, 2, 'receiving')),
      'of the other side': joinFrame(1, proofOf(peer, 1, 'sending')),
      'of no socket': joinFrame(0, proofOf(peer, 0, 'receiving')),
      'of one too many': joinFrame(4, proofOf(peer, 4, 'receiving')),
      'that is no join': goFrame(newToken()),
    }
    for (const frame of Object.values(bad)) {
      const socket = await knock(port)
      socket.write(frame)
      await gone(socket)
    }
    const good = joinFrame(1, proofOf(peer, 1, 'receiving'))
    const one = await knock(port)
    one.write(good)
    const answer = joinFrame(1, proofOf(peer, 1, 'sending'))
    expect((await read(one, answer.length)).subarray(0, answer.length).equals(answer)).to.equal(true)
    const again = await knock(port)
    again.write(good)
    await gone(again)
    expect(link.sockets).to.equal(2)
    const two = await knock(port)
    two.write(joinFrame(3, proofOf(peer, 3, 'receiving')))
    await three
    link.destroy()
  })

  it('takes no other device, whatever it says (case 116)', async () => {
    const { link, port, peer } = await wished()
    const known = await knock(port)
    const other = await tlsClient(port, stranger)
    other.write(joinFrame(1, proofOf(peer, 1, 'receiving')))
    await gone(other)
    expect(link.sockets).to.equal(1)
    known.destroy()
    link.destroy()
  })

  it('takes the proof of another link of the same two devices for none (case 116)', async () => {
    const [one, other] = [await wished(), await wished()]
    const socket = await knock(one.port)
    socket.write(joinFrame(1, proofOf(other.peer, 1, 'receiving')))
    await gone(socket)
    expect([one.link.sockets, other.link.sockets]).to.deep.equal([1, 1])
    one.link.destroy()
    other.link.destroy()
  })

  it('is over when all have come, and when the link is gone (case 116)', async () => {
    const full = await wished(1)
    const all = having(full.link, 2)
    const socket = await knock(full.port)
    socket.write(joinFrame(1, proofOf(full.peer, 1, 'receiving')))
    await all
    await until(() => isClosed(full.port))
    full.link.destroy()
    const left = await wished()
    const waiting = await knock(left.port)
    left.link.destroy()
    await gone(waiting)
    await until(() => isClosed(left.port))
  })

  it('gives at most three, however many are wished for, and hears the first wish only', async () => {
    const { link, port, peer } = await wished(2 ** 40)
    peer.write(wishFrame(3))
    const full = having(link, 4)
    for (const number of [1, 2, 3]) {
      const socket = await knock(port)
      socket.write(joinFrame(number, proofOf(peer, number, 'receiving')))
    }
    await full
    await until(() => isClosed(port))
    link.destroy()
  })

  it('loses the link to one that says what may not be said there (case 97)', async () => {
    const { link, port, peer } = await wished(1)
    const socket = await knock(port)
    socket.write(joinFrame(1, proofOf(peer, 1, 'receiving')))
    socket.write(pieceHeader(0, 1))
    expect(await closing(link)).to.be.instanceOf(LinkLost)
  })
})

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise(setImmediate)
}

/** A link of the receiving side to a sending side of ours, which sees every further socket. */
async function asked() {
  const sockets: TLSSocket[] = []
  let wake = (): void => {}
  const server = await tlsServer(sender, (socket) => {
    socket.on('error', () => {})
    sockets.push(socket)
    wake()
  })
  const further = async (): Promise<TLSSocket> => {
    while (sockets.length === 0) await new Promise<void>((resolve) => (wake = resolve))
    return sockets.shift()!
  }
  const receiving = receivingAttempt({ listen: false, ...four })
  receiving.dial([at(server.port)])
  const first = await further()
  first.write(helloFrame())
  await read(first, goFrame(newToken()).length)
  const link = await receiving.link
  return { link, first, further, close: server.close }
}

/** A further socket that has joined. */
async function joined(
  link: Link,
  first: TLSSocket,
  further: () => Promise<TLSSocket>,
): Promise<{ socket: TLSSocket; number: number }> {
  const socket = await further()
  socket.write(helloFrame())
  const length = joinFrame(1, new Uint8Array(32)).length
  const said = await read(socket, length)
  const number = said[length - 33]!
  expect(said.equals(joinFrame(number, proofOf(first, number, 'receiving')))).to.equal(true)
  const more = having(link, link.sockets + 1)
  socket.write(joinFrame(number, proofOf(first, number, 'sending')))
  await more
  return { socket, number }
}

describe('joining the sockets of a link, at the receiving side', () => {
  it('closes who cannot prove that it is the other end of the link, which goes on (case 116)', async () => {
    const { link, first, further, close } = await asked()
    const all = incoming(link, 5)
    link.widen(1)
    const socket = await further()
    socket.write(helloFrame())
    await read(socket, joinFrame(1, new Uint8Array(32)).length)
    // What it has said itself it knows already.
    socket.write(joinFrame(1, proofOf(first, 1, 'receiving')))
    await gone(socket)
    first.write('bytes')
    expect(String(await all)).to.equal('bytes')
    expect(link.sockets).to.equal(1)
    link.destroy()
    close()
  })

  const broken: Record<string, (before: number) => Uint8Array[]> = {
    'pieces of what came before': () => [fromFrame(10), pieceHeader(2, 4), Buffer.alloc(4)],
    'a beginning that is behind': () => [fromFrame(4)],
    'two beginnings': () => [fromFrame(10), fromFrame(10)],
    'a piece that is too long': () => [fromFrame(10), pieceHeader(10, maxPieceBytes + 1)],
    'an empty piece': () => [fromFrame(10), pieceHeader(10, 0)],
    'pieces that go back': () => [fromFrame(10), pieceHeader(90, 1), Buffer.alloc(1), pieceHeader(80, 1)],
    'no frame at all': () => [Buffer.alloc(16, 0xff)],
    'a want': () => [goFrame(newToken())],
  }
  for (const [what, frames] of Object.entries(broken)) {
    it(`loses the link to ${what} (case 97)`, async () => {
      const { link, first, further, close } = await asked()
      const ten = incoming(link, 10)
      first.write('0123456789')
      await ten
      link.widen(1)
      const { socket } = await joined(link, first, further)
      const lost = closing(link)
      for (const frame of frames(10)) socket.write(frame)
      expect(await lost).to.be.instanceOf(LinkLost)
      close()
    })
  }

  it('keeps a bounded part of what lies ahead, and goes on when the gap is filled (P16)', async () => {
    const { link, first, further, close } = await asked()
    const bytes = numbered(4_000_000)
    const all = incoming(link, bytes.length)
    link.widen(1)
    const { socket } = await joined(link, first, further)
    socket.write(fromFrame(0))
    await read(socket, fromFrame(0).length)
    let flushed = 0
    for (let from = maxPieceBytes; from < bytes.length; from += maxPieceBytes) {
      const piece = bytes.subarray(from, from + maxPieceBytes)
      socket.write(pieceHeader(from, piece.length))
      socket.write(piece, () => {
        flushed += piece.length
      })
    }
    // As long as it takes until nothing more goes.
    for (let before = -1, still = 0; still < 100; before = flushed) {
      still = flushed === before ? still + 1 : 0
      await new Promise(setImmediate)
    }
    expect(link.bytesMoved).to.be.lessThan(10_000_000)
    first.write(pieceHeader(0, maxPieceBytes))
    first.write(bytes.subarray(0, maxPieceBytes))
    expect((await all).equals(bytes)).to.equal(true)
    link.destroy()
    close()
  })
})

describe('more sockets', () => {
  for (const [who, options] of Object.entries({
    'knows nothing of them': { receiving: four },
    'wants one only': { receiving: four, sending: { sockets: { most: 1, anywhere: true } } },
    'is on this machine': { receiving: four, sending: { sockets: { most: 4 } } },
  })) {
    it(`are not there where the sending side ${who}: the link stays as it is (case 112)`, async () => {
      const { sending, receiving } = await linkedPair(options)
      sending.onBytes(() => {})
      const bytes = numbered(500_000)
      const all = incoming(receiving, bytes.length)
      expect(receiving.widen(3)).to.equal(true)
      sending.write(bytes)
      expect((await all).equals(bytes)).to.equal(true)
      expect([sending.sockets, receiving.sockets]).to.deep.equal([1, 1])
      receiving.destroy()
    })
  }

  it('are not asked for on this machine, nor by who wants one only, nor by the sending side', async () => {
    for (const receiving of [{ sockets: { most: 4 } }, { sockets: { most: 1, anywhere: true } }, {}]) {
      const links = await linkedPair({ sending: four, receiving })
      links.receiving.onBytes(() => {})
      expect([links.receiving.widen(3), links.sending.widen(3)]).to.deep.equal([false, false])
      links.receiving.destroy()
    }
  })
})

describe('a link of several sockets that is ending', () => {
  it('is over at the receiving side also where one joins behind the end of the link and stays (case 116)', async () => {
    const { link, first, further, close } = await asked()
    link.onBytes(() => {})
    link.widen(2)
    const length = joinFrame(1, new Uint8Array(32)).length
    const { socket: open } = await joined(link, first, further)
    const late = await further()
    late.write(helloFrame())
    const number = (await read(late, length))[length - 33]!
    const proof = joinFrame(number, proofOf(first, number, 'sending'))
    const closed = closing(link)
    const isRefused = gone(late)
    first.end()
    await new Promise((resolve) => first.once('close', resolve))
    late.write(proof)
    await isRefused
    open.end()
    expect(await closed).to.equal(undefined)
    close()
  })

  it('is lost at the receiving side where one of them ends and the link does not', async () => {
    const { link, first, further, close } = await asked()
    link.onBytes(() => {})
    link.widen(1)
    const { socket } = await joined(link, first, further)
    socket.end()
    expect(await closing(link)).to.be.instanceOf(LinkLost)
    close()
  })

  it('listens no more at the sending side for who wishes behind its end (case 116)', async () => {
    const token = newToken()
    const sending = sendingAttempt({ token, ...four })
    const port = await portOf(sending)
    const peer = await tlsClient(port, receiver, { allowHalfOpen: true } as object)
    await read(peer, helloFrame().length)
    peer.write(goFrame(token))
    const link = await sending.link
    const wish = wishFrame(3)
    const heard = incoming(link, wish.length)
    await until(() => isClosed(port))
    link.end()
    peer.write(wish)
    await heard
    for (let turn = 0; turn < 20; turn++) expect(await isClosed(port)).to.equal(true)
    link.destroy()
  })
})
