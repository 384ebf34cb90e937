/** Addresses that are known only from outside: what STUN says of a port, what a router maps, and dialling each other at once. */

import { connect, createServer, type Socket } from 'node:net'
import { expect } from 'chai'
import type { MappedPort, PortMapper } from '../../../link/index.js'
import { isDirect } from '../../../protocol/candidates.js'
import { gone, tcpServer } from '../raw-peer.js'
import { atLoopback, outcome, receivingAttempt, sendingAttempt } from '../two-devices.js'
import { linksOf, meet } from './meeting.js'
import { stunServer } from './stun-server.js'

const outside = '203.0.113.9'

/** Where a router can lead to. */
const everywhere = { host: '0.0.0.0' }

/** A router that maps each port to the one above it, or as it is told. */
function router(
  map: (port: number) => Promise<Omit<MappedPort, 'release'> | undefined>,
): PortMapper & { held: number; given: number } {
  const mapper = {
    held: 0,
    /** All in all. */
    given: 0,
    map: async (port: number) => {
      const mapped = await map(port)
      if (mapped === undefined) return undefined
      mapper.held++
      mapper.given++
      return { ...mapped, release: () => void mapper.held-- }
    },
    close: async () => {},
  }
  return mapper
}

describe('what a STUN server says of our port', () => {
  it('is announced beside our own addresses: it was asked from the very port that listens then', async () => {
    const stun = await stunServer((port) => ({ ip: outside, port: port === 40_000 ? 40_001 : port }))
    const sending = sendingAttempt({ gather: { stun: [stun] } })
    const candidates = (await sending.candidates()).filter(isDirect)
    const [own, outer, punch] = candidates
    expect(candidates).to.deep.equal([
      { kind: 'host', ip: '127.0.0.1', port: own!.port },
      { kind: 'host', ip: outside, port: outer!.port },
      { kind: 'punch', ip: outside, port: punch!.port },
    ])
    expect(stun.seen).to.have.members([own!.port, punch!.port])
    expect(own!.port).not.to.equal(punch!.port)
    const caller = connect({ host: '127.0.0.1', port: own!.port })
    await new Promise((resolve) => caller.once('connect', resolve))
    sending.close()
    await gone(caller)
    stun.close()
  })

  it('is left out where it is our own address: there is no router', async () => {
    const stun = await stunServer()
    const sending = sendingAttempt({ gather: { stun: [stun] } })
    expect((await sending.candidates()).map(({ kind }) => kind)).to.deep.equal(['host', 'punch'])
    sending.close()
    stun.close()
  })

  it('is left out where nobody would dial it', async () => {
    const stun = await stunServer(() => ({ ip: outside, port: 5_432 }))
    const sending = sendingAttempt({ gather: { stun: [stun] } })
    expect((await sending.candidates()).map(({ kind }) => kind)).to.deep.equal(['host'])
    expect(sending.reasons).to.deep.equal(['punch: not to be announced: port'])
    sending.close()
    stun.close()
  })

  it('does not keep us from listening in a range of ports of which some are taken', async () => {
    const taken = await tcpServer(() => {})
    const stun = await stunServer((port) => ({ ip: outside, port }))
    const listen = { host: '127.0.0.1', ports: [taken.port, taken.port + 20] as [number, number] }
    const sending = sendingAttempt({ listen, gather: { stun: [stun] } })
    const [own] = (await sending.candidates()).filter(isDirect)
    expect(own!.port).to.be.within(taken.port + 1, taken.port + 20)
    expect(stun.seen).to.include(own!.port)
    sending.close()
    taken.close()
    stun.close()
  })
})

describe('a mapped port', () => {
  it('takes the place of what STUN says, is dialled like any other, and is held while its link lives', async () => {
    const stun = await stunServer((port) => ({ ip: outside, port }))
    const mapper = router(async (port) => ({ ip: '127.0.0.1', port }))
    const met = await meet(
      { sending: { listen: everywhere, gather: { stun: [stun], mapper } }, receiving: {} },
      (told) => told.filter(({ kind }) => kind === 'mapped'),
    )
    const kinds = met.announced.sending.map(({ kind }) => kind)
    expect(kinds.filter((kind) => kind !== 'host')).to.deep.equal(['mapped', 'punch'])
    expect(
      met.announced.sending.filter((one) => isDirect(one) && one.ip === outside && one.kind === 'host'),
    ).to.deep.equal([])
    const { receiving } = await linksOf(met)
    expect(receiving.path.kind).to.equal('mapped')
    receiving.destroy()
    stun.close()
  })

  it('is not asked for where only this machine is heard', async () => {
    const mapper = router(() => expect.fail('asked'))
    const sending = sendingAttempt({ listen: atLoopback, gather: { mapper } })
    expect((await sending.candidates()).map(({ kind }) => kind)).to.deep.equal(['host'])
    expect(sending.reasons).to.deep.equal([])
    sending.close()
  })

  it('is given back with the attempt', async () => {
    const mapper = router(async (port) => ({ ip: outside, port }))
    const sending = sendingAttempt({ listen: everywhere, gather: { mapper } })
    await sending.candidates()
    expect(mapper.held).to.equal(1)
    sending.close()
    expect(mapper.held).to.equal(0)
    // On a busy machine a short deadline may pass before anything is mapped.
    for (let deadlineMs = 50; mapper.given < 2; deadlineMs *= 2) {
      const receiving = receivingAttempt({ listen: everywhere, gather: { mapper }, deadlineMs })
      await receiving.candidates()
      expect(await outcome(receiving)).to.equal('timeout')
      expect(mapper.held).to.equal(0)
    }
  })

  it('that comes too late for the attempt is given back', async () => {
    let come: () => void = () => {}
    const late = new Promise<void>((resolve) => {
      come = resolve
    })
    const mapper = router(async (port) => {
      await late
      return { ip: outside, port }
    })
    const sending = sendingAttempt({ listen: everywhere, gather: { mapper } })
    expect((await sending.candidates()).filter(({ kind }) => kind === 'mapped')).to.deep.equal([])
    come()
    await new Promise(setImmediate)
    expect(mapper.held).to.equal(0)
    sending.close()
  })
})

describe('dialling each other at once', () => {
  it('is from the port that was announced, to the one port of the other side, and again when it was refused', async () => {
    const stun = await stunServer()
    const probe = await tcpServer(() => {})
    const { port } = probe
    probe.close()
    const receiving = receivingAttempt({ listen: false, gather: { stun: [stun] } })
    const [own] = (await receiving.candidates()).filter(isDirect)
    expect(own!.kind).to.equal('punch')
    const came = new Promise<Socket>((resolve) => {
      const later = createServer((socket) => {
        later.close()
        resolve(socket)
      })
      receiving.dial([{ kind: 'punch', ip: '127.0.0.1', port }])
      // It was refused by then, since nobody was there.
      const look = setInterval(() => {
        if (receiving.reasons.length === 0) return
        clearInterval(look)
        later.listen(port, '127.0.0.1')
      }, 5)
    })
    const socket = await came
    expect(socket.remotePort).to.equal(own!.port)
    expect(receiving.reasons).to.deep.equal(['punch: IPv4: connect ECONNREFUSED'])
    receiving.close()
    await gone(socket)
    stun.close()
  })

  it('is from a port that the next STUN server tells, where one is not there or is silent', async () => {
    const stun = await stunServer()
    const gone = await tcpServer(() => {})
    gone.close()
    const silent = await tcpServer(() => {})
    for (const port of [gone.port, silent.port]) {
      let told = 0
      const first = { ip: '127.0.0.1', port, failed: () => void told++ }
      const receiving = receivingAttempt({ listen: false, gather: { stun: [first, stun] } })
      const kinds = (await receiving.candidates()).map(({ kind }) => kind)
      expect(kinds).to.deep.equal(['punch'])
      expect(told).to.equal(port === gone.port ? 1 : 0)
      receiving.close()
    }
    silent.close()
    stun.close()
  })

  it('is done only by who has announced a port for it, and nobody else’s is dialled', async () => {
    let callers = 0
    const open = await tcpServer(() => {
      callers++
    })
    const theirs = { kind: 'punch' as const, ip: '127.0.0.1', port: open.port }
    const without = receivingAttempt({ listen: false })
    await without.candidates()
    without.dial([theirs])
    expect(await outcome(without)).to.equal('bad-candidate')
    expect(callers).to.equal(0)
    const stun = await stunServer()
    const alone = receivingAttempt({ listen: false, gather: { stun: [stun] } })
    await alone.candidates()
    alone.dial([])
    expect(await outcome(alone)).to.equal('bad-candidate')
    expect(alone.reasons).to.deep.equal(['punch: the other side has no port for it (IPv4)'])
    open.close()
    stun.close()
  })
})
