/** Which hosts that one's own server names are contacted. */
import { expect } from 'chai'
import { serverHostFault } from '../../protocol/server-hosts.js'

describe('a host that the own server names', () => {
  const fault = (ip: string, stream: string | undefined, port = 3478) => serverHostFault({ ip, port }, stream)

  it('is contacted where it is public, wherever the server is', () => {
    for (const stream of ['203.0.113.5', '10.0.0.5', '127.0.0.1', '::1', undefined]) {
      expect(fault('198.51.100.7', stream)).to.equal(undefined)
      expect(fault('2001:4860::7', stream)).to.equal(undefined)
    }
  })

  it('is not where it is inside and the server is not: nobody has us knock at a printer (P12)', () => {
    for (const stream of ['203.0.113.5', '2001:4860::1', undefined]) {
      for (const ip of ['192.168.1.9', '10.1.2.3', '172.20.0.1', '100.64.0.1', 'fd00::9'])
        expect(fault(ip, stream), ip).to.equal('inside')
      expect(fault('127.0.0.1', stream)).to.equal('loopback')
      expect(fault('::1', stream)).to.equal('loopback')
    }
  })

  it('is where the server is in the same private network, and in no other', () => {
    expect(fault('192.168.7.9', '192.168.1.2')).to.equal(undefined)
    expect(fault('10.9.9.9', '10.1.2.3')).to.equal(undefined)
    expect(fault('fd00:1:2::9', 'fd00:1:2:3::1')).to.equal(undefined)
    expect(fault('10.1.2.3', '192.168.1.2')).to.equal('inside')
    expect(fault('fd00:1:9::9', 'fd00:1:2:3::1')).to.equal('inside')
    expect(fault('127.0.0.1', '192.168.1.2')).to.equal('loopback')
  })

  it('is where the server is on this machine: it is our own, or we reach it through a tunnel', () => {
    for (const ip of ['127.0.0.1', '127.0.0.9', '::1', '10.1.2.3', '192.168.1.9'])
      expect(fault(ip, '127.0.0.1'), ip).to.equal(undefined)
  })

  it('is the very machine that the stream goes to, at any port', () => {
    expect(fault('10.0.0.5', '10.0.0.5', 22)).to.equal(undefined)
    expect(fault('203.0.113.5', '::ffff:203.0.113.5', 25)).to.equal(undefined)
  })

  it('is, in a network of IPv6 only, what is public behind its NAT64, and nothing else there', () => {
    for (const stream of ['64:ff9b::cb00:7105', '2001:4860::1', '::1']) {
      expect(fault('64:ff9b::c633:6407', stream)).to.equal(undefined)
      expect(fault('64:ff9b::c0a8:109', stream)).to.equal('embedded-ipv4')
      expect(fault('64:ff9b::7f00:1', stream)).to.equal('embedded-ipv4')
      expect(fault('64:ff9b::c633:6407', stream, 25)).to.equal('embedded-ipv4')
      expect(fault('64:ff9b:1::c633:6407', stream)).to.equal('embedded-ipv4')
    }
  })

  it('is nowhere else at the port of another service, but for those of the web, where relays hide', () => {
    expect(fault('198.51.100.7', '203.0.113.5', 25)).to.equal('port')
    expect(fault('198.51.100.7', '203.0.113.5', 5432)).to.equal('port')
    for (const port of [80, 443, 3478, 5349, 49_152])
      expect(fault('198.51.100.7', '203.0.113.5', port)).to.equal(undefined)
  })

  it('is never link-local, multicast, a metadata service, or an address in another’s clothes (case 66)', () => {
    for (const stream of ['127.0.0.1', '10.0.0.1', '203.0.113.5']) {
      expect(fault('169.254.169.254', stream)).to.equal('link-local')
      expect(fault('224.0.0.1', stream)).to.equal('multicast')
      expect(fault('100.100.100.200', stream)).to.equal('metadata-service')
      expect(fault('::ffff:127.0.0.1', stream)).to.equal('not-an-ip')
      expect(fault('64:ff9b::7f00:1', stream)).to.equal('embedded-ipv4')
      expect(fault('relay.example', stream)).to.equal('not-an-ip')
    }
  })
})
