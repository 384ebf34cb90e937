/** What a side allows: relays only, or none; and what of it the other side may see. */

import type { Socket } from 'node:net'
import { expect } from 'chai'
import { wishFrame } from '../../../link/bundle/words.js'
import { type Candidate, LinkFailed } from '../../../link/index.js'
import { tcpServer } from '../raw-peer.js'
import { atLoopback, incoming, outcome, receivingAttempt, sendingAttempt } from '../two-devices.js'
import { bytestreamProxy } from './bytestream-proxy.js'
import { inbandOffers, linksOf, meet, newDst } from './meeting.js'

/** A port that nobody is to come to. */
async function trap(): Promise<{ port: number; readonly callers: number; close(): void }> {
  const callers: Socket[] = []
  const server = await tcpServer((socket) => callers.push(socket))
  return {
    port: server.port,
    get callers() {
      return callers.length
    },
    close: server.close,
  }
}

describe('relays only', () => {
  it('announces no address of its own, opens no port, asks no STUN server and no router (case 69)', async () => {
    const stun = await trap()
    const proxy = await bytestreamProxy()
    const offers = inbandOffers()
    const ports = (): number =>
      process.getActiveResourcesInfo().filter((name) => name === 'TCPServerWrap').length
    const before = ports()
    const sending = sendingAttempt({
      policy: 'relay',
      listen: atLoopback,
      gather: {
        stun: [{ ip: '127.0.0.1', port: stun.port }],
        mapper: { map: () => expect.fail('asked'), close: async () => {} },
        proxies: [proxy.offer(newDst())],
        inband: offers.one,
      },
    })
    expect((await sending.candidates()).map(({ kind }) => kind)).to.deep.equal(['proxy', 'inband'])
    expect(ports()).to.equal(before)
    sending.close()
    expect(stun.callers).to.equal(0)
    stun.close()
    proxy.close()
  })

  for (const side of ['sending', 'receiving'] as const) {
    it(`of the ${side} side: nothing straight is dialled, and the link is over the relay`, async () => {
      const open = await trap()
      const proxy = await bytestreamProxy()
      const met = await meet(
        { [side]: { policy: 'relay', gather: { proxies: [proxy.offer(newDst())] } } },
        (told, from) => {
          if (from === side) return told
          const straight = (['host', 'mapped', 'punch'] as const).map(
            (kind): Candidate => ({ kind, ip: '127.0.0.1', port: open.port }),
          )
          return [...straight, { kind: 'turn', ip: '127.0.0.1', port: open.port }]
        },
      )
      const links = await linksOf(met)
      expect(links[side].path).to.deep.include({ kind: 'proxy', why: ['direct: candidate refused: policy'] })
      expect(open.callers).to.equal(0)
      links.receiving.destroy()
      open.close()
      proxy.close()
    })
  }

  for (const side of ['sending', 'receiving'] as const) {
    it(`without any of its own server: the ${side} side is told that there is none`, async () => {
      const deadlineMs = 1_000
      const met = await meet({
        [side]: { policy: 'relay' },
        [side === 'sending' ? 'receiving' : 'sending']: { deadlineMs },
      })
      const failure = await met[side].link.catch((error: unknown) => error)
      expect(failure).to.be.instanceOf(LinkFailed).and.include({ code: 'no-relay' })
      // Nor does it hear anything of the other side.
      const alone = (side === 'sending' ? sendingAttempt : receivingAttempt)({ policy: 'relay', deadlineMs })
      await alone.candidates()
      expect(await outcome(alone)).to.equal('no-relay')
    })
  }

  it('has one socket for ever: another would be a straight one', async () => {
    const proxy = await bytestreamProxy()
    const sockets = { most: 4, anywhere: true }
    const relayOnly = () => ({
      policy: 'relay' as const,
      sockets,
      gather: { proxies: [proxy.offer(newDst())] },
    })
    const { sending, receiving } = await linksOf(await meet({ sending: relayOnly(), receiving: relayOnly() }))
    const ports = (): number =>
      process.getActiveResourcesInfo().filter((name) => name === 'TCPServerWrap').length
    const before = ports()
    receiving.onBytes(() => {})
    expect(receiving.widen(3)).to.equal(false)
    // Nor does the other heed the wish, if one comes all the same.
    const heard = incoming(sending, wishFrame(3).length)
    receiving.write(wishFrame(3))
    await heard
    await new Promise(setImmediate)
    expect([ports(), sending.sockets, receiving.sockets]).to.deep.equal([before, 1, 1])
    receiving.destroy()
    proxy.close()
  })

  it('contacts no proxy that the other side names, as that would show it our address; but one that is ours as well', async () => {
    const named = await trap()
    const receiving = receivingAttempt({ policy: 'relay', listen: false })
    receiving.dial([{ kind: 'proxy', ip: '127.0.0.1', port: named.port, dst: newDst() }])
    expect(await outcome(receiving)).to.equal('no-relay')
    expect(receiving.reasons).to.deep.equal(['proxy: candidate refused: policy'])
    expect(named.callers).to.equal(0)
    named.close()
    const proxy = await bytestreamProxy()
    const relayOnly = () => ({ policy: 'relay' as const, gather: { proxies: [proxy.offer(newDst())] } })
    const { receiving: link } = await linksOf(await meet({ sending: relayOnly(), receiving: relayOnly() }))
    expect(link.path.kind).to.equal('proxy')
    link.destroy()
    proxy.close()
  })
})

describe('straight paths only', () => {
  it('neither announces nor uses a relay or a stream inside XMPP', async () => {
    const relay = await trap()
    const offers = inbandOffers()
    const proxy = {
      ip: '127.0.0.1',
      port: relay.port,
      dst: newDst(),
      activate: async () => 'joined' as const,
    }
    const met = await meet(
      {
        receiving: { policy: 'direct', listen: atLoopback, gather: { proxies: [proxy], inband: offers.one } },
        sending: { policy: 'direct' },
      },
      (told, from) =>
        from === 'receiving'
          ? told
          : [
              { kind: 'proxy', ip: '127.0.0.1', port: relay.port, dst: newDst() },
              { kind: 'turn', ip: '127.0.0.1', port: relay.port },
              { kind: 'inband', jid: 'x@y.example/z', sid: '12345678' },
            ],
    )
    expect(met.announced.receiving.map(({ kind }) => kind)).to.deep.equal(['host'])
    const links = await linksOf(met)
    expect(links.receiving.path.kind).to.equal('direct')
    expect([relay.callers, offers.opened]).to.deep.equal([0, 0])
    links.receiving.destroy()
    relay.close()
  })
})
