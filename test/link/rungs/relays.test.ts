/** Links through what carries them for us: proxies and streams inside XMPP; and when they are taken. */

import { connect, type Socket } from 'node:net'
import { setTimeout as moment } from 'node:timers/promises'
import { expect } from 'chai'
import type { Candidate, Link } from '../../../link/index.js'
import { isDirect } from '../../../protocol/candidates.js'
import { patience } from '../../../protocol/paths.js'
import { tcpServer } from '../raw-peer.js'
import { atLoopback, closing, incoming } from '../two-devices.js'
import { bytestreamProxy } from './bytestream-proxy.js'
import { inbandOffers, linksOf, meet, newDst, streamPair } from './meeting.js'

/** Moves bytes both ways, and ends. */
async function carries({ sending, receiving }: { sending: Link; receiving: Link }): Promise<void> {
  const down = Buffer.alloc(3_000_001, 'down')
  const up = Buffer.alloc(234_567, 'up')
  const came = Promise.all([incoming(receiving, down.length), incoming(sending, up.length)])
  sending.write(down)
  receiving.write(up)
  const [atReceiving, atSending] = await came
  expect(atReceiving.equals(down) && atSending.equals(up)).to.equal(true)
  const ends = Promise.all([closing(sending), closing(receiving)])
  receiving.end()
  expect(await ends).to.deep.equal([undefined, undefined])
}

const sides = ['sending', 'receiving'] as const

/** A port that lets everybody through to another, once it is open. */
const detour = (port: number, open: Promise<void>) =>
  tcpServer(async (socket: Socket) => {
    socket.pause()
    await open
    if (socket.destroyed) return
    const far = connect({ host: '127.0.0.1', port })
    far.on('error', () => socket.destroy())
    far.on('close', () => socket.destroy())
    socket.on('close', () => far.destroy())
    socket.pipe(far).pipe(socket)
  })

/** Puts a detour that opens later, or never, before every port where the sending side listens. */
const through =
  (open: Promise<void>, ways: { close(): void }[]) =>
  async (told: Candidate[], from: 'sending' | 'receiving'): Promise<Candidate[]> => {
    if (from === 'receiving') return told
    const moved = told.map(async (one) => {
      if (!isDirect(one)) return one
      const way = await detour(one.port, open)
      ways.push(way)
      return { ...one, port: way.port }
    })
    return await Promise.all(moved)
  }

describe('a relay', () => {
  for (const offering of sides) {
    it(`of the ${offering} side's server carries a link where nothing else can`, async () => {
      const proxy = await bytestreamProxy()
      const met = await meet({ [offering]: { gather: { proxies: [proxy.offer(newDst())] } } })
      const links = await linksOf(met)
      for (const side of sides) {
        expect(links[side].path).to.deep.equal({ kind: 'proxy', dialled: true, family: 4, why: [] })
      }
      await carries(links)
      proxy.close()
    })
  }

  it('of both sides: one link, and the other proxy is left', async () => {
    const proxies = await Promise.all([bytestreamProxy(), bytestreamProxy()])
    const [one, other] = proxies.map((proxy) => ({ gather: { proxies: [proxy.offer(newDst())] } }))
    await carries(await linksOf(await meet({ sending: one!, receiving: other! })))
    for (const proxy of proxies) proxy.close()
  })

  it('is understood however its answers are cut, also with the first bytes of the other side behind them', async () => {
    for (const manners of [{ piecemeal: true }, { hasty: true }, { hasty: true, piecemeal: true }]) {
      for (const offering of sides) {
        const proxy = await bytestreamProxy(manners)
        const links = await linksOf(
          await meet({ [offering]: { gather: { proxies: [proxy.offer(newDst())] } } }),
        )
        expect(links.receiving.path.kind).to.equal('proxy')
        links.receiving.destroy()
        proxy.close()
      }
    }
  })

  /** A relay that is ready, and a straight path that opens then. @returns what the link was made of, and how long it took in ms */
  async function bothWays() {
    const begun = performance.now()
    const proxy = await bytestreamProxy()
    const ways: { close(): void }[] = [proxy]
    let open = (): void => {}
    const opened = new Promise<void>((resolve) => {
      open = resolve
    })
    const met = await meet(
      { sending: { listen: atLoopback, gather: { proxies: [proxy.offer(newDst())] } } },
      through(opened, ways),
    )
    while (proxy.joined === 0) await moment(5)
    open()
    const links = await linksOf(met)
    const tookMs = performance.now() - begun
    await carries(links)
    for (const way of ways) way.close()
    return { path: links.receiving.path, tookMs }
  }

  it('that is ready is held back while a straight path is on its way, and never taken then', async () => {
    for (;;) {
      const { path, tookMs } = await bothWays()
      // Where this machine has halted for longer than a relay is held back, there is nothing to be seen.
      if (path.kind === 'proxy' && tookMs >= patience.relay.taken) continue
      expect(path).to.deep.equal({ kind: 'direct', dialled: true, family: 4, why: [] })
      break
    }
  })

  it('is taken when the straight path hangs, and the link says why', async () => {
    const proxy = await bytestreamProxy()
    const ways: { close(): void }[] = [proxy]
    const met = await meet(
      {
        sending: { listen: atLoopback, gather: { proxies: [proxy.offer(newDst())] } },
        receiving: { lately: 'proxy' },
      },
      through(new Promise(() => {}), ways),
    )
    const links = await linksOf(met)
    expect(links.receiving.path).to.deep.equal({
      kind: 'proxy',
      dialled: true,
      family: 4,
      why: ['direct: no answer'],
    })
    expect(links.sending.path.why).to.deep.equal(['direct: nobody came in'])
    await carries(links)
    for (const way of ways) way.close()
  })

  it('is taken at once when nothing straight is left', async () => {
    const proxy = await bytestreamProxy()
    const closed = await tcpServer(() => {})
    closed.close()
    const met = await meet({ sending: { gather: { proxies: [proxy.offer(newDst())] } } }, (told, from) =>
      from === 'sending' ? [{ kind: 'host', ip: '127.0.0.1', port: closed.port }, ...told] : told,
    )
    const { receiving } = await linksOf(met)
    expect(receiving.path.why).to.deep.equal(['direct: IPv4: connect ECONNREFUSED'])
    receiving.destroy()
    proxy.close()
  })
})

describe('a stream inside XMPP', () => {
  it('carries a link where nothing else can: the sending side announces it, the receiving side opens it', async () => {
    const offers = inbandOffers()
    const met = await meet({
      sending: { gather: { inband: offers.one } },
      receiving: { gather: { inband: offers.other } },
    })
    expect(met.announced.sending).to.deep.equal([
      { kind: 'inband', jid: offers.one.jid, sid: offers.one.sid },
    ])
    expect(met.announced.receiving).to.deep.equal([])
    const links = await linksOf(met)
    const path = { kind: 'inband', family: undefined, why: [] }
    expect(links.receiving.path).to.deep.equal({ ...path, dialled: true })
    expect(links.sending.path).to.deep.equal({ ...path, dialled: false })
    expect(offers.opened).to.equal(1)
    await carries(links)
  })

  it('is not even opened where a relay works', async () => {
    const proxy = await bytestreamProxy()
    const offers = inbandOffers()
    const met = await meet({
      sending: { gather: { proxies: [proxy.offer(newDst())], inband: offers.one } },
      receiving: { gather: { inband: offers.other } },
    })
    const links = await linksOf(met)
    expect([links.receiving.path.kind, offers.opened]).to.deep.equal(['proxy', 0])
    links.receiving.destroy()
    proxy.close()
  })

  it('that breaks under the link is a break', async () => {
    const [near, far] = streamPair()
    const offer = { jid: 'faust@goethe.example/a', sid: 'stream-of-faust' }
    const never = new Promise<never>(() => {})
    const met = await meet({
      sending: { gather: { inband: { ...offer, accept: async () => far, dial: () => never } } },
      receiving: { gather: { inband: { ...offer, accept: () => never, dial: async () => near } } },
    })
    const links = await linksOf(met)
    const ends = [closing(links.sending), closing(links.receiving)]
    near.destroy()
    expect(((await ends[1]) as Error & { code: string }).code).to.equal('broken')
    await ends[0]
  })
})
