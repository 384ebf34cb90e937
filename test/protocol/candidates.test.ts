/** Candidates: which are dialled, which are announced, and how many a day. */

import { expect } from 'chai'
import fc from 'fast-check'
import {
  announced,
  candidateFault,
  candidateKey,
  type DialledOnDay,
  type DirectCandidate,
  dialOrder,
  isPrivate,
  maxAddressesPerDay,
  withinDay,
} from '../../protocol/candidates.js'

const at = (ip: string, port = 40_000): DirectCandidate => ({ ip, port, kind: 'host' })
const ips = (candidates: readonly DirectCandidate[]): string[] => candidates.map(({ ip }) => ip)

const anyCandidate = fc.record({
  ip: fc.oneof(fc.ipV4(), fc.ipV6(), fc.constantFrom('localhost', '127.0.0.1', '10.0.0.1', 'fe80::1')),
  port: fc.integer({ min: -1, max: 70_000 }),
  kind: fc.constant('host' as const),
})

describe('which candidates are dialled', () => {
  it('looks at the first four of a hundred only (case 67)', () => {
    const hundred = Array.from({ length: 100 }, (_, i) => at(`10.0.0.${i + 1}`))
    expect(ips(dialOrder(hundred).dial)).to.deep.equal(['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4'])
  })

  it('does not let a refused one make room for a fifth (case 67)', () => {
    const five = [at('127.0.0.1'), at('10.0.0.1', 80), at('10.0.0.2'), at('10.0.0.3'), at('10.0.0.4')]
    expect(dialOrder(five)).to.deep.equal({
      dial: [at('10.0.0.2'), at('10.0.0.3')],
      refused: ['loopback', 'port'],
    })
  })

  it('alternates the families, beginning with that of the first', () => {
    const given = [at('10.0.0.1'), at('10.0.0.2'), at('fd00::1'), at('fd00::2')]
    expect(ips(dialOrder(given).dial)).to.deep.equal(['10.0.0.1', 'fd00::1', '10.0.0.2', 'fd00::2'])
  })

  it('knows private networks by their borders (RFC 1918, 4193, 6598)', () => {
    const within = [
      ...['10.0.0.0', '10.255.255.255', '172.16.0.0', '172.31.255.255', '192.168.0.0', '192.168.255.255'],
      ...['100.64.0.0', '100.127.255.255', 'fc00::', 'fdff:ffff::1'],
    ]
    const outside = [
      ...[
        '9.255.255.255',
        '11.0.0.0',
        '172.15.255.255',
        '172.32.0.0',
        '192.167.255.255',
        '192.169.0.0',
        '193.168.0.1',
      ],
      ...[
        '173.16.0.1',
        '100.63.255.255',
        '100.128.0.0',
        '101.64.0.1',
        'fbff::1',
        'fe00::1',
        '2001:db8::1',
        'none',
      ],
    ]
    expect(within.filter((ip) => !isPrivate(ip))).to.deep.equal([])
    expect(outside.filter(isPrivate)).to.deep.equal([])
  })

  it('dials one address once, however it is written', () => {
    const given = [at('fd00::1'), at('fd00:0::1'), at('FD00::1'), at('fd00::1', 40_001)]
    expect(dialOrder(given).dial.map(({ port }) => port)).to.have.members([40_000, 40_001])
  })

  it('dials, of whatever is given, at most four different that the rule takes (case 66, P12)', () => {
    fc.assert(
      fc.property(fc.array(anyCandidate, { maxLength: 12 }), (given) => {
        const { dial } = dialOrder(given)
        expect(dial.length).to.be.at.most(4)
        expect(new Set(dial.map(candidateKey)).size).to.equal(dial.length)
        for (const candidate of dial) expect(candidateFault(candidate)).to.equal(undefined)
      }),
    )
  })
})

describe('what is announced', () => {
  const eth = (ip: string) => ({ interfaceName: 'eth0', ip })

  it('has both families, global IPv6 first, and nothing that the other side would refuse', () => {
    const own = [eth('192.168.1.2'), eth('fe80::1'), eth('fd00::2'), eth('169.254.3.4'), eth('2001:db8::7')]
    expect(ips(announced(own, 40_000))).to.deep.equal(['2001:db8::7', '192.168.1.2', 'fd00::2'])
  })

  it('puts interfaces that lead to containers last', () => {
    const own = [{ interfaceName: 'docker0', ip: '172.17.0.1' }, eth('192.168.1.2')]
    expect(ips(announced(own, 40_000))).to.deep.equal(['192.168.1.2', '172.17.0.1'])
  })

  it('has at most four, and loopback first where it is allowed', () => {
    const own = Array.from({ length: 9 }, (_, i) => eth(`10.0.0.${i + 1}`))
    expect(ips(announced(own, 40_000))).to.have.length(4)
    expect(ips(announced(own, 40_000, { allowLoopback: true })).slice(0, 2)).to.deep.equal([
      '127.0.0.1',
      '10.0.0.1',
    ])
  })

  it('is nothing for a port that nobody would dial', () => {
    expect(announced([eth('10.0.0.1')], 8080, { allowLoopback: true })).to.deep.equal([])
  })
})

describe('how many addresses one peer may make us dial', () => {
  it('is sixteen different ones in a day, and known ones are free (P12)', () => {
    let record: DialledOnDay | undefined
    const dialled = new Set<string>()
    for (let i = 0; i < 40; i++) {
      const { dial, after } = withinDay(record, 20_000, [at(`10.0.0.${i}`), at('10.0.0.0', 50_001)])
      record = after
      for (const { ip } of dial) dialled.add(ip)
    }
    expect(dialled.size).to.equal(maxAddressesPerDay)
    expect(ips(withinDay(record, 20_000, [at('10.0.0.3'), at('10.0.0.99')]).dial)).to.deep.equal(['10.0.0.3'])
  })

  it('begins anew with the next day, and not with a clock set back (P12)', () => {
    const full = {
      day: 20_000,
      addresses: Array.from({ length: maxAddressesPerDay }, (_, i) => `10.0.1.${i}`),
    }
    expect(withinDay(full, 19_999, [at('10.0.0.1')])).to.deep.equal({ dial: [], after: full })
    expect(withinDay(full, 20_001, [at('10.0.0.1')])).to.deep.equal({
      dial: [at('10.0.0.1')],
      after: { day: 20_001, addresses: ['10.0.0.1'] },
    })
  })

  it('never keeps more than sixteen, whatever is given (P21)', () => {
    fc.assert(
      fc.property(fc.array(fc.array(anyCandidate, { maxLength: 9 }), { maxLength: 12 }), (attempts) => {
        let record: DialledOnDay | undefined
        for (const given of attempts) record = withinDay(record, 1, given).after
        expect(record?.addresses.length ?? 0).to.be.at.most(maxAddressesPerDay)
      }),
    )
  })
})
