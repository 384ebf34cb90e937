/** What may be dialled: addresses and ports. */

import { isIP, isIPv4 } from 'node:net'
import { expect } from 'chai'
import fc from 'fast-check'
import { addressFault, addressKey, parseAddress } from '../../protocol/addresses.js'
import { portAllowed } from '../../protocol/ports.js'

describe('the rule for addresses', () => {
  const refused: [string, string][] = [
    ['localhost', 'not-an-ip'],
    ['example.org', 'not-an-ip'],
    ['', 'not-an-ip'],
    ['0', 'not-an-ip'],
    ['127.1', 'not-an-ip'],
    ['2130706433', 'not-an-ip'],
    ['0x7f.0.0.1', 'not-an-ip'],
    ['0177.0.0.1', 'not-an-ip'],
    ['1.2.3.04', 'not-an-ip'],
    ['1.2.3.256', 'not-an-ip'],
    ['1.2.3.4.', 'not-an-ip'],
    [' 1.2.3.4', 'not-an-ip'],
    ['1.2.3.4\0', 'not-an-ip'],
    ['1.2.3.4\0.example.org', 'not-an-ip'],
    ['１.2.3.4', 'not-an-ip'],
    ['[2001:db8::1]', 'not-an-ip'],
    ['2001:db8::1::2', 'not-an-ip'],
    ['2001:db8:1', 'not-an-ip'],
    ['2001:db8::12345', 'not-an-ip'],
    ['1:2:3:4:5:6:7:8::', 'not-an-ip'],
    [`2001:db8::${'0'.repeat(200)}1`, 'not-an-ip'],
    ['fe80::1%eth0', 'scope-id'],
    ['2001:db8::1%1', 'scope-id'],
    ['0.0.0.0', 'unspecified'],
    ['::', 'unspecified'],
    ['0:0:0:0:0:0:0:0', 'unspecified'],
    ['0.1.2.3', 'reserved'],
    ['127.0.0.1', 'loopback'],
    ['127.255.0.9', 'loopback'],
    ['::1', 'loopback'],
    ['0:0:0:0:0:0:0:1', 'loopback'],
    ['169.254.169.254', 'link-local'],
    ['169.254.0.1', 'link-local'],
    ['fe80::1', 'link-local'],
    ['febf::1', 'link-local'],
    ['224.0.0.1', 'multicast'],
    ['239.255.255.250', 'multicast'],
    ['ff02::1', 'multicast'],
    ['255.255.255.255', 'broadcast'],
    ['240.0.0.1', 'reserved'],
    ['192.0.0.8', 'reserved'],
    ['192.88.99.1', 'embedded-ipv4'],
    ['fec0::1', 'reserved'],
    ['4000::1', 'reserved'],
    ['100::1', 'reserved'],
    ['::ffff:127.0.0.1', 'embedded-ipv4'],
    ['::ffff:10.0.0.1', 'embedded-ipv4'],
    ['::ffff:7f00:1', 'embedded-ipv4'],
    ['::127.0.0.1', 'embedded-ipv4'],
    ['::7f00:1', 'embedded-ipv4'],
    ['64:ff9b::7f00:1', 'embedded-ipv4'],
    ['64:ff9b:1::a00:1', 'embedded-ipv4'],
    ['2002:7f00:1::', 'embedded-ipv4'],
    ['2001:0:53aa:64c::1', 'embedded-ipv4'],
    ['100.100.100.200', 'metadata-service'],
    ['168.63.129.16', 'metadata-service'],
    ['fd00:ec2::254', 'metadata-service'],
  ]

  for (const [ip, fault] of refused) {
    it(`refuses ${JSON.stringify(ip.slice(0, 40))} as ${fault} (case 66)`, () => {
      expect(addressFault(ip)).to.equal(fault)
    })
  }

  it('takes plain addresses of the internet and of a local network, in both families', () => {
    const plain = [
      '93.184.216.34',
      '10.1.2.3',
      '172.16.0.9',
      '192.168.1.2',
      '100.64.3.4',
      '192.0.1.8',
      '192.88.98.1',
    ]
    const six = [
      '2606:2800:220:1::1',
      '2001:db8::1',
      '2a01:ff9b::1',
      'fd12:3456::9',
      'FD12::A',
      '1:2:3:4:5:6:7::'.replace('1', '2003'),
    ]
    for (const ip of [...plain, ...six]) expect(addressFault(ip), ip).to.equal(undefined)
  })

  it('takes loopback only where it is allowed, and still nothing that embeds it (case 66, P12)', () => {
    for (const ip of ['127.0.0.1', '127.0.0.9', '::1']) {
      expect(addressFault(ip, { allowLoopback: true }), ip).to.equal(undefined)
      expect(addressFault(ip, { allowLoopback: false }), ip).to.equal('loopback')
    }
    for (const ip of ['::ffff:127.0.0.1', '127.1', '0', '169.254.169.254']) {
      expect(addressFault(ip, { allowLoopback: true }), ip).not.to.equal(undefined)
    }
  })

  it('reads exactly the literals that the system reads, of those without dots in IPv6, zeros in front and scopes', () => {
    const text = fc.oneof(
      fc.ipV4(),
      fc.ipV6(),
      fc.string({ unit: fc.constantFrom(...'0123456789abcdefF.:'), maxLength: 41 }),
    )
    fc.assert(
      fc.property(text, (ip) => {
        const plain = isIPv4(ip) || (isIP(ip) === 6 && !ip.includes('.'))
        expect(parseAddress(ip) !== undefined).to.equal(plain)
      }),
      { numRuns: 3000 },
    )
  })

  it('never takes what the system would not read as an address (case 66)', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (ip) => {
        if (addressFault(ip, { allowLoopback: true }) === undefined) expect(isIP(ip)).not.to.equal(0)
      }),
      { numRuns: 3000 },
    )
  })

  it('gives one key for one address however it is written', () => {
    const ways = ['2001:db8::1', '2001:DB8:0:0:0:0:0:1', '2001:0db8::0001', '2001:db8:0::0:1']
    expect(new Set(ways.map(addressKey)).size).to.equal(1)
    expect(addressKey('nowhere')).to.equal(undefined)
  })
})

describe('the rule for ports', () => {
  it('refuses what is no port, the ports of the system and those of known services (case 66)', () => {
    const bad = [
      0, 22, 25, 53, 80, 443, 587, 1023, 3306, 5222, 5432, 6379, 8080, 9100, 11211, 27017, 65_536, 70_000,
    ]
    for (const port of [...bad, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(portAllowed(port), String(port)).to.equal(false)
    }
  })

  it('takes the ports that a system gives', () => {
    for (const port of [1024, 32_768, 40_001, 49_152, 60_999, 65_535])
      expect(portAllowed(port)).to.equal(true)
  })
})
