/** What routers say, and what strangers in the same network say instead: read, or passed over. */

import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import fc from 'fast-check'
import { ofNetstat, ofRouteTable } from '../../../link/mapping/gateway.js'
import { readAddress, readMap as readNatPmpMap } from '../../../link/mapping/nat-pmp.js'
import { readMap as readPcpMap } from '../../../link/mapping/pcp.js'
import { isPublic } from '../../../link/mapping/public.js'
import { exchange } from '../../../link/mapping/router-http.js'
import { fieldOf, insidesOf } from '../../../link/mapping/router-xml.js'
import { atGateway, readAnswer } from '../../../link/mapping/ssdp.js'
import { readServices } from '../../../link/mapping/upnp.js'

const gateway = '192.168.1.1'
const description = new URL(`http://${gateway}:5000/rootDesc.xml`)

describe('the gateway', () => {
  it('is read from the table of Linux: the default route that is up and costs least', () => {
    const head = 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n'
    const route = (destination: string, via: string, flags: string, metric: number, mask: string): string =>
      `eth0\t${destination}\t${via}\t${flags}\t0\t0\t${metric}\t${mask}\t0\t0\t0\n`
    const near = route('0001A8C0', '00000000', '0001', 0, '00FFFFFF')
    const dear = route('00000000', '0101A8C0', '0003', 600, '00000000')
    const cheap = route('00000000', 'FE01A8C0', '0003', 100, '00000000')
    const down = route('00000000', '0901A8C0', '0002', 1, '00000000')
    expect(ofRouteTable(head + near + dear + cheap + down)).to.equal('192.168.1.254')
    expect(ofRouteTable(head + near)).to.equal(undefined)
    expect(ofRouteTable('')).to.equal(undefined)
  })

  it('is read from what netstat prints elsewhere', () => {
    const mac =
      'Routing tables\n\nInternet:\nDestination  Gateway  Flags  Netif\ndefault  192.168.1.1  UGScg  en0\n127  127.0.0.1  UCS  lo0\n\nInternet6:\ndefault  fe80::%utun0  UGcIg  utun0\n'
    const windows =
      '  Network Destination        Netmask          Gateway       Interface  Metric\r\n          0.0.0.0          0.0.0.0    192.168.1.1    192.168.1.7     25\r\n'
    expect(ofNetstat(mac)).to.equal('192.168.1.1')
    expect(ofNetstat(windows)).to.equal('192.168.1.1')
    expect(ofNetstat('default link#7 UCS en0\n')).to.equal(undefined)
  })
})

describe('an answer to the search for a UPnP router', () => {
  const answer = (location: string, target = 'urn:schemas-upnp-org:device:InternetGatewayDevice:1'): string =>
    `HTTP/1.1 200 OK\r\nCACHE-CONTROL: max-age=120\r\nST: ${target}\r\nLocation: ${location}\r\n\r\n`

  it('counts when it names a description at the gateway', () => {
    expect(readAnswer(answer(description.href), gateway)?.href).to.equal(description.href)
  })

  it('does not make us ask anybody else (P12)', () => {
    const elsewhere = [
      'http://192.168.1.7:5000/rootDesc.xml',
      'http://169.254.169.254/latest/meta-data',
      'http://127.0.0.1:631/',
      'http://localhost/',
      'http://router.lan/rootDesc.xml',
      'https://192.168.1.1/rootDesc.xml',
      'file:///etc/passwd',
      'http://192.168.1.1@evil.example/',
      'http://evil@192.168.1.1/',
      'http://192.168.1.1.evil.example/',
      '/rootDesc.xml',
      '',
    ]
    for (const location of elsewhere)
      expect(readAnswer(answer(location), gateway), location).to.equal(undefined)
    expect(readAnswer(answer(description.href, 'upnp:rootdevice'), gateway)).to.equal(undefined)
    expect(readAnswer(answer(description.href).replace('200', '500'), gateway)).to.equal(undefined)
  })

  it('is read or passed over, whatever it is', () => {
    fc.assert(fc.property(fc.string(), (text) => void readAnswer(`HTTP/1.1 200 OK\r\n${text}`, gateway)))
  })
})

describe('the description of a UPnP router', () => {
  const service = (type: string, control: string): string =>
    `<service><serviceType>urn:schemas-upnp-org:service:${type}</serviceType><serviceId>x</serviceId>
     <controlURL>${control}</controlURL><eventSubURL>/e</eventSubURL></service>`

  it('names the services that map ports, version 2 before version 1, at the gateway only', () => {
    const xml = `<?xml version="1.0"?><root xmlns="urn:schemas-upnp-org:device-1-0"><device><serviceList>
      ${service('WANPPPConnection:1', 'ctl/ppp?a=1&amp;b=2')}
      ${service('WANIPConnection:1', `http://${gateway}:49000/ip`)}
      ${service('WANIPConnection:1', 'http://192.168.1.7/ip')}
      ${service('Layer3Forwarding:1', '/l3f')}
      ${service('WANIPConnection:2', '/ctl/ip2')}
    </serviceList></device></root>`
    const found = readServices(xml, description, gateway)
    expect(
      found.map(({ type, control }) => [type.split(':').slice(-2).join(':'), control.href]),
    ).to.deep.equal([
      ['WANIPConnection:2', `http://${gateway}:5000/ctl/ip2`],
      ['WANIPConnection:1', `http://${gateway}:49000/ip`],
      ['WANPPPConnection:1', `http://${gateway}:5000/ctl/ppp?a=1&b=2`],
    ])
  })

  it('is read with or without prefixes, and without anything that XML can do to a reader', () => {
    expect(
      fieldOf('<s:Body><u:R><NewReservedPort>77</NewReservedPort></u:R></s:Body>', 'NewReservedPort'),
    ).to.equal('77')
    expect(fieldOf('<u:errorCode xmlns:u="urn:x"> 718 </u:errorCode>', 'errorCode')).to.equal('718')
    expect(fieldOf('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', 'a')).to.equal('&b;')
    expect(fieldOf('<a><b>1</b></a>', 'a')).to.equal(undefined)
    expect(fieldOf(`<a>${'x'.repeat(5_000)}</a>`, 'a')).to.equal(undefined)
    expect(fieldOf('<a>1', 'a')).to.equal(undefined)
    expect(insidesOf('<service>'.repeat(20_000), 'service', 32)).to.deep.equal([])
    expect(insidesOf('<service></service>'.repeat(20_000), 'service', 32)).to.have.length(32)
  })

  it('of any text is read or holds nothing', () => {
    const pieces = fc.constantFrom(
      '<service>',
      '</service>',
      '<controlURL>',
      '</controlURL>',
      '<',
      '>',
      '&amp;',
      'x',
      ' ',
    )
    fc.assert(
      fc.property(
        fc.array(pieces, { maxLength: 60 }),
        (all) => void readServices(all.join(''), description, gateway),
      ),
    )
  })

  it('may be at no other place than the gateway, also relative to it', () => {
    expect(atGateway('../x', gateway, description)?.href).to.equal(`http://${gateway}:5000/x`)
    expect(atGateway('//evil.example/x', gateway, description)).to.equal(undefined)
    expect(atGateway('http://[', gateway, description)).to.equal(undefined)
  })
})

describe('a question to the router over HTTP', () => {
  async function asked(listener: RequestListener, timeoutMs = 10_000): Promise<unknown> {
    const server = createServer(listener).listen(0, '127.0.0.1')
    await once(server, 'listening')
    try {
      const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
      return await exchange(url, { timeoutMs })
    } finally {
      server.closeAllConnections()
      server.close()
    }
  }

  it('gives what it answers, and an error as an answer', async () => {
    expect(await asked((_, to) => to.end('yes'))).to.deep.equal({ status: 200, body: 'yes' })
    expect(await asked((_, to) => to.writeHead(500).end('no'))).to.deep.equal({ status: 500, body: 'no' })
  })

  it('is led nowhere else, and takes nothing endless, cut off or late (P21)', async () => {
    const led = await asked((_, to) => to.writeHead(302, { Location: 'http://127.0.0.1:1/' }).end())
    expect(led).to.include({ status: 302 })
    const endless: RequestListener = (_, to) => {
      const more = (): void => {
        while (!to.destroyed && to.write(Buffer.alloc(65_536, 'x')));
      }
      to.on('drain', more)
      more()
    }
    expect(await asked(endless)).to.equal(undefined)
    expect(await asked((_, to) => to.writeHead(200, { 'Content-Length': 10 }).end('short'))).to.equal(
      undefined,
    )
    expect(await asked((request) => request.socket.destroy())).to.equal(undefined)
    expect(await asked(() => {}, 50)).to.equal(undefined)
  })
})

describe('answers of NAT-PMP and PCP', () => {
  const nonce = Buffer.from('twelve bytes')
  const pcp = Buffer.from(
    `02810000000007080000003c000000000000000000000000${nonce.toString('hex')}06000000` +
      '5dc05dc100000000000000000000ffff19000102',
    'hex',
  )

  it('are read when they are of the question that was asked', () => {
    expect(readAddress(Buffer.from('008000000000003c19000102', 'hex'))).to.deep.equal({
      result: 0,
      ip: '25.0.1.2',
    })
    expect(readAddress(Buffer.from('00800003', 'hex'))).to.include({ result: 3 })
    const map = Buffer.from('008200000000003c5dc05dc100000708', 'hex')
    expect(readNatPmpMap(map, 24_000)).to.deep.equal({ result: 0, port: 24_001, lifetimeS: 1800 })
    expect(readNatPmpMap(map, 24_002)).to.equal(undefined)
    expect(readPcpMap(pcp, nonce, 24_000)).to.deep.equal({
      result: 0,
      ip: '25.0.1.2',
      port: 24_001,
      lifetimeS: 1800,
    })
    expect(readPcpMap(pcp, nonce, 24_002)).to.equal(undefined)
    expect(readPcpMap(pcp, Buffer.alloc(12), 24_000)).to.equal(undefined)
  })

  it('of any bytes are read or passed over', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        readAddress(Buffer.from(bytes))
        readNatPmpMap(Buffer.from(bytes), 24_000)
        readPcpMap(Buffer.from(bytes), nonce, 24_000)
      }),
    )
    for (let length = 0; length < pcp.length; length++)
      expect(readPcpMap(pcp.subarray(0, length), nonce, 24_000)).to.equal(undefined)
  })
})

describe('an outer address', () => {
  it('is worth announcing when it is one of the whole Internet', () => {
    for (const ip of ['25.0.1.2', '1.1.1.1', '172.32.0.1', '100.128.0.1', '198.20.0.1'])
      expect(isPublic(ip), ip).to.equal(true)
    const inner = ['10.0.0.1', '172.16.0.1', '172.31.255.1', '192.168.1.1', '100.64.0.1', '198.18.0.1']
    const none = [
      '127.0.0.1',
      '169.254.1.1',
      '0.0.0.0',
      '224.0.0.1',
      '192.0.2.1',
      '203.0.113.7',
      '::1',
      '2001:db8::1',
      'x',
    ]
    for (const ip of [...inner, ...none]) expect(isPublic(ip), ip).to.equal(false)
  })
})
