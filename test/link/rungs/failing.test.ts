/** Every rung failing in every way: the attempt ends with a clear reason, in time, and nothing stays open. */

import type { Duplex } from 'node:stream'
import { expect } from 'chai'
import fc from 'fast-check'
import type { Candidate, Gathering, LinkFailed, PathKind } from '../../../link/index.js'
import { gone, tcpServer } from '../raw-peer.js'
import { outcome, receivingAttempt, sendingAttempt } from '../two-devices.js'
import { bytestreamProxy } from './bytestream-proxy.js'
import { inbandOffers, meet, newDst, streamPair } from './meeting.js'

const failureOf = async (attempt: { link: Promise<unknown> }): Promise<LinkFailed> =>
  (await attempt.link.then(
    () => expect.fail('a link'),
    (error: unknown) => error,
  )) as LinkFailed

const never = new Promise<never>(() => {})
const silentOffer = { jid: 'faust@goethe.example/a', sid: 'stream-of-faust' }
const anAddress = /127\.0\.0\.1|::1/

/** What a SOCKS5 server may do instead of its work: what it says to each message, and what is said of it. */
const socksWays: Record<string, { says: (Uint8Array | 'end')[]; reason: RegExp }> = {
  'ends at once': { says: ['end'], reason: /^proxy: closed$/ },
  'speaks something else': {
    says: [Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')],
    reason: /^proxy: no SOCKS5$/,
  },
  'wants a password': { says: [Uint8Array.of(5, 2)], reason: /^proxy: wants authentication$/ },
  'knows no such way in': { says: [Uint8Array.of(5, 255)], reason: /^proxy: wants authentication$/ },
  'ends after the greeting': { says: [Uint8Array.of(5, 0), 'end'], reason: /^proxy: closed$/ },
  'refuses the name': {
    says: [Uint8Array.of(5, 0), Uint8Array.of(5, 2, 0, 1, 0, 0, 0, 0, 0, 0)],
    reason: /^proxy: not allowed$/,
  },
  'has a reply that is none': {
    says: [Uint8Array.of(5, 0), Uint8Array.of(4, 0, 0, 1, 0, 0, 0, 0, 0, 0)],
    reason: /^proxy: no SOCKS5$/,
  },
  'answers with an address of no type': {
    says: [Uint8Array.of(5, 0), Uint8Array.of(5, 0, 0, 9, 0, 0, 0)],
    reason: /^proxy: no SOCKS5$/,
  },
  'is no proxy but a stranger behind it': {
    says: [Uint8Array.of(5, 0), Uint8Array.of(5, 0, 0, 1, 0, 0, 0, 0, 0, 0), Buffer.from('who is there?')],
    reason: /^proxy: IPv4: /,
  },
}

describe('a proxy that', () => {
  for (const [what, { says, reason }] of Object.entries(socksWays)) {
    it(`${what}: no link, and the reason is told without an address (case 107, P22)`, async () => {
      const server = await tcpServer((socket) => {
        const left = [...says]
        socket.on('data', () => {
          const next = left.shift()
          if (next === 'end') socket.end()
          else if (next !== undefined) socket.write(next)
        })
      })
      const candidate: Candidate = { kind: 'proxy', ip: '127.0.0.1', port: server.port, dst: newDst() }
      const receiving = receivingAttempt({ listen: false })
      receiving.dial([candidate])
      const failure = await failureOf(receiving)
      expect(failure.code).to.equal('refused')
      expect(failure.reasons).to.have.length(1)
      expect(failure.reasons[0]).to.match(reason)
      expect(failure.message).not.to.match(anAddress)
      server.close()
    })
  }

  it('is not there: refused', async () => {
    const closed = await tcpServer(() => {})
    closed.close()
    const receiving = receivingAttempt({ listen: false })
    receiving.dial([{ kind: 'proxy', ip: '127.0.0.1', port: closed.port, dst: newDst() }])
    expect((await failureOf(receiving)).reasons).to.deep.equal(['proxy: connect ECONNREFUSED'])
  })

  it('never answers: the end of the attempt ends it, and its connection', async () => {
    let came: (ends: Promise<void>) => void = () => {}
    const ended = new Promise<void>((resolve) => {
      came = resolve
    })
    const server = await tcpServer((socket) => came(gone(socket)))
    const receiving = receivingAttempt({ listen: false, deadlineMs: 500 })
    receiving.dial([{ kind: 'proxy', ip: '127.0.0.1', port: server.port, dst: newDst() }])
    expect((await failureOf(receiving)).code).to.equal('timeout')
    await ended
    server.close()
  })

  it('is our own, and joins nobody: the attempt ends in time, whatever the asking does', async () => {
    for (const activate of [
      async (): Promise<'joined'> => {
        throw new Error('item-not-found')
      },
      (): Promise<'joined'> => never,
    ]) {
      const proxy = await bytestreamProxy()
      const offer = { ...proxy.offer(newDst()), activate }
      const met = await meet({
        sending: { gather: { proxies: [offer] }, deadlineMs: 300 },
        receiving: { deadlineMs: 300 },
      })
      expect(await Promise.all([outcome(met.sending), outcome(met.receiving)])).to.deep.equal([
        'timeout',
        'timeout',
      ])
      proxy.close()
    }
  })
})

describe('a proxy of our own that will never join two', () => {
  it('is not waited for until the attempt ends: nothing is left at once, and the reason is told', async () => {
    const proxy = await bytestreamProxy()
    let asked = 0
    const activate = async () => {
      asked++
      return 'refused' as const
    }
    const offer = { ...proxy.offer(newDst()), activate }
    const sending = sendingAttempt({ gather: { proxies: [offer] }, listen: false, deadlineMs: 60_000 })
    await sending.candidates()
    sending.dial([])
    const { code, reasons } = await failureOf(sending)
    expect([code, reasons, asked]).to.deep.equal(['refused', ['proxy: it does not join two'], 1])
    proxy.close()
  })
})

describe('a stream inside XMPP that', () => {
  const ways: Record<string, () => Promise<Duplex>> = {
    'cannot be opened': async () => {
      throw new Error('service-unavailable of mephisto@goethe.example/b')
    },
    'is gone at once': async () => {
      const [near] = streamPair()
      near.destroy()
      return near
    },
    'breaks a moment later': async () => {
      const [near] = streamPair()
      setImmediate(() => near.destroy(new Error('remote-server-timeout')))
      return near
    },
  }
  for (const [what, dial] of Object.entries(ways)) {
    it(`${what}: no link, and nobody's name is in the reason`, async () => {
      const receiving = receivingAttempt({
        listen: false,
        gather: { inband: { ...silentOffer, accept: () => never, dial } },
      })
      await receiving.candidates()
      receiving.dial([{ kind: 'inband', jid: 'mephisto@goethe.example/b', sid: 'some-stream' }])
      const failure = await failureOf(receiving)
      expect(failure.code).to.equal('refused')
      expect(failure.message).not.to.contain('goethe')
    })
  }

  it('hangs, or comes too late, delays nothing', async () => {
    const [near, far] = streamPair()
    let come: (stream: Duplex) => void = () => {}
    const late = new Promise<Duplex>((resolve) => {
      come = resolve
    })
    const receiving = receivingAttempt({
      listen: false,
      deadlineMs: 150,
      gather: { inband: { ...silentOffer, accept: () => never, dial: () => late } },
    })
    await receiving.candidates()
    receiving.dial([{ kind: 'inband', jid: 'mephisto@goethe.example/b', sid: 'some-stream' }])
    expect((await failureOf(receiving)).code).to.equal('timeout')
    const left = new Promise((resolve) => far.once('close', resolve))
    come(near)
    await left
  })
})

describe('an attempt with every kind of path', () => {
  it('and servers that are not there is announced without them, and says so', async () => {
    const closed = await tcpServer(() => {})
    closed.close()
    const nobody = { ip: '127.0.0.1', port: closed.port }
    const gather: Gathering = {
      stun: [nobody],
      turn: [{ ...nobody, username: 'user', password: 'secret' }],
      mapper: { map: async () => undefined, close: async () => {} },
      inband: { ...silentOffer, accept: () => never, dial: () => never },
    }
    const sending = sendingAttempt({ listen: { host: '0.0.0.0' }, gather })
    const kinds = new Set((await sending.candidates()).map(({ kind }) => kind))
    expect([...kinds]).to.deep.equal(['host', 'inband'])
    expect([...sending.reasons].sort()).to.deep.equal([
      'mapped: no router maps the port',
      'punch: the STUN server cannot be reached',
      'turn: TURN: unreachable',
    ])
    expect(sending.reasons.join()).not.to.match(/127|secret|user/)
    sending.close()
  })

  it('and servers that never answer is announced within a second', async () => {
    const silent = await tcpServer(() => {})
    const nobody = { ip: '127.0.0.1', port: silent.port }
    const sending = sendingAttempt({
      listen: { host: '0.0.0.0' },
      gather: {
        stun: [nobody],
        turn: [{ ...nobody, username: 'user', password: 'secret' }],
        mapper: { map: () => never, close: async () => {} },
      },
    })
    const kinds = new Set((await sending.candidates()).map(({ kind }) => kind))
    expect([...kinds]).to.deep.equal(['host'])
    sending.close()
    silent.close()
  })

  it('is not upset by any candidates whatever: refused ones are not dialled, and it ends (cases 66, 67)', async () => {
    const kinds: PathKind[] = ['direct', 'mapped', 'punch', 'proxy', 'turn', 'inband']
    const ip = fc.constantFrom(
      '10.0.0.1',
      '0.0.0.0',
      '169.254.169.254',
      '::ffff:10.0.0.1',
      'fe80::1%1',
      'a.b',
      '',
      '224.0.0.1',
    )
    const candidate = fc.record({
      kind: fc.constantFrom('host', ...kinds.slice(1)),
      ip,
      port: fc.constantFrom(22, 0, 70_000, 5432, 40_000),
      dst: fc.constantFrom(newDst(), ''),
      jid: fc.constantFrom('', 'x@y/z'),
      sid: fc.constant('12345678'),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(candidate, { maxLength: 100 }), async (candidates) => {
        // Of these, only 10.0.0.1 at 40000 may be dialled; it is left out here, as it may be somebody's.
        const bad = candidates.filter(
          ({ ip, port }) => ip !== '10.0.0.1' || port !== 40_000,
        ) as unknown as Candidate[]
        const receiving = receivingAttempt({ listen: false, allowLoopback: false })
        receiving.dial(bad)
        expect((await failureOf(receiving)).code).to.equal('bad-candidate')
      }),
      { numRuns: 200 },
    )
  })

  it('leaves nothing open, whatever became of it', async () => {
    const handles = (): string[] =>
      process.getActiveResourcesInfo().filter((name) => /TCP|TLS|Timeout|Connect/.test(name))
    await new Promise(setImmediate)
    const before = handles().length
    const proxy = await bytestreamProxy()
    const offers = inbandOffers()
    let released = 0
    const gather = {
      proxies: [proxy.offer(newDst())],
      inband: offers.one,
      mapper: {
        map: async () => ({ ip: '127.0.0.1', port: 40_001, release: () => void released++ }),
        close: async () => {},
      },
    }
    const met = await meet({
      sending: { gather, listen: { host: '0.0.0.0' } },
      receiving: { gather: { inband: offers.other } },
    })
    ;(await met.receiving.link).destroy()
    await met.sending.link
    const abandoned = await meet({ sending: { gather: { ...gather, proxies: [proxy.offer(newDst())] } } })
    abandoned.sending.close()
    abandoned.receiving.close()
    proxy.close()
    while (handles().length > before) await new Promise(setImmediate)
    expect(released).to.equal(1)
  })
})
