/** What servers say of their relays, and bytes inside stanzas: XEP-0065, XEP-0047, XEP-0215. */

import { expect } from 'chai'
import fc from 'fast-check'
import {
  activation,
  askExternalServices,
  askServiceCredentials,
  askStreamHosts,
  type ExternalService,
  inBandClose,
  inBandData,
  inBandOpen,
  Malformed,
  parseXml,
  readDiscoItems,
  readExternalServices,
  readStreamHosts,
  writeDiscoItems,
  writeExternalServices,
  writeStreamHosts,
} from '../../schemas/index.js'

const again = (element: { toString(): string }) => parseXml(String(element))

describe('a proxy for bytestreams (XEP-0065)', () => {
  const hosts = [
    { jid: 'proxy.goethe.example', host: 'relay.goethe.example', port: 5000 },
    { jid: 'proxy.goethe.example', host: '2001:db8::1', port: 7777 },
  ]

  it('says where it takes connections, and is asked for it', () => {
    expect(String(askStreamHosts())).to.equal('<query xmlns="http://jabber.org/protocol/bytestreams"/>')
    expect(readStreamHosts(again(writeStreamHosts(hosts)))).to.deep.equal(hosts)
  })

  it('is not believed what is no address: a strange host, no port, a port of words', () => {
    const say = (attrs: string) => `<streamhost ${attrs}/>`
    const text = `<query xmlns='http://jabber.org/protocol/bytestreams'>${[
      say("jid='p.x' host='a b' port='5000'"),
      say("jid='p.x' host='a.b'"),
      say("jid='p.x' host='a.b' port='http'"),
      say("jid='p.x' host='a.b' port='70000'"),
      say("host='a.b' port='5000'"),
      say(`jid='p.x' host='${'a'.repeat(300)}' port='5000'`),
      say("jid='p.x' host='a.b' port='5000'"),
    ].join('')}</query>`
    expect(readStreamHosts(parseXml(text))).to.deep.equal([{ jid: 'p.x', host: 'a.b', port: 5000 }])
    expect(() => readStreamHosts(parseXml("<query xmlns='jabber:iq:version'/>"))).to.throw(Malformed)
  })

  it('is read no further than its eighth address', () => {
    const many = Array.from({ length: 40 }, (_, i) => ({ jid: 'p.x', host: `10.0.0.${i}`, port: 5000 }))
    expect(readStreamHosts(again(writeStreamHosts(many)))).to.have.length(8)
  })

  it('is told whom to join', () => {
    const said = { sid: 'b5f1', target: 'mephisto@goethe.example/Studierzimmer' }
    const written = activation.write(said)
    expect(String(written)).to.equal(
      '<query xmlns="http://jabber.org/protocol/bytestreams" sid="b5f1">' +
        '<activate>mephisto@goethe.example/Studierzimmer</activate></query>',
    )
    expect(activation.read(again(written))).to.deep.equal(said)
    expect(() => activation.write({ sid: '', target: 'a@b' })).to.throw(Malformed, 'query/@sid')
  })
})

describe('an in-band bytestream (XEP-0047)', () => {
  it('is opened and closed by its name', () => {
    const open = { blockSize: 4096, sid: 'i781hf64', stanza: 'iq' as const }
    expect(inBandOpen.read(again(inBandOpen.write(open)))).to.deep.equal(open)
    expect(
      inBandOpen.read(parseXml("<open xmlns='http://jabber.org/protocol/ibb' block-size='1' sid='a'/>")),
    ).to.deep.equal({ blockSize: 1, sid: 'a' })
    expect(inBandClose.read(again(inBandClose.write({ sid: 'a' })))).to.deep.equal({ sid: 'a' })
    expect(() => inBandOpen.write({ ...open, blockSize: 0 })).to.throw(Malformed, 'open/@block-size')
  })

  it('carries any bytes', () => {
    const bytes = fc.uint8Array({ maxLength: 5_000 })
    fc.assert(
      fc.property(bytes, fc.integer({ min: 0, max: 65_535 }), (bytes, seq) => {
        const data = { sid: 'a', seq, bytes }
        expect(inBandData.read(again(inBandData.write(data)))).to.deep.equal(data)
      }),
      { numRuns: 50 },
    )
  })

  it('is refused a block that is no base64, that has no number, or one that is too large', () => {
    const data = (attrs: string, text: string) =>
      parseXml(`<data xmlns='http://jabber.org/protocol/ibb' ${attrs}>${text}</data>`)
    expect(inBandData.read(data("sid='a' seq='0'", ' qANQ\n R1DB ')).bytes).to.have.length(6)
    expect(() => inBandData.read(data("sid='a' seq='0'", 'qANQR'))).to.throw(Malformed, 'data: not base64')
    expect(() => inBandData.read(data("sid='a'", ''))).to.throw(Malformed, 'data/@seq: missing')
    expect(() => inBandData.read(data("sid='a' seq='65536'", ''))).to.throw(Malformed, 'data/@seq')
    expect(() => inBandData.read(data("sid='a' seq='0'", 'A'.repeat(100_000)))).to.throw(Malformed)
  })
})

describe('services beside the server (XEP-0215)', () => {
  const turn: ExternalService = {
    type: 'turn',
    transport: 'tcp',
    host: 'turn.goethe.example',
    port: 3478,
    username: '1924812312',
    password: 'Vk3x/+=',
    expires: '2026-11-21T12:00:00Z',
    restricted: true,
  }

  it('are read as they were written', () => {
    const all: ExternalService[] = [turn, { type: 'stun', host: '192.0.2.7', port: 3478, transport: 'udp' }]
    expect(readExternalServices(again(writeExternalServices(all)))).to.deep.equal(all)
    expect(readExternalServices(again(writeExternalServices([turn], 'credentials')))).to.deep.equal([turn])
  })

  it('are asked for all, or for the credentials of one', () => {
    expect(String(askExternalServices())).to.equal('<services xmlns="urn:xmpp:extdisco:2"/>')
    expect(String(askServiceCredentials(turn))).to.equal(
      '<credentials xmlns="urn:xmpp:extdisco:2"><service type="turn" host="turn.goethe.example" port="3478"/></credentials>',
    )
  })

  it('that are none, or that are taken back, are left out', () => {
    const text = `<services xmlns='urn:xmpp:extdisco:2'>
      <service type='turn' host='a b'/><service host='a.b'/><service type='turn' host='a.b' port='0'/>
      <service type='turn' host='a.b' action='delete'/>
      <service type='stun' host='a.b' expires='soon' username='${'x'.repeat(2_000)}'/></services>`
    expect(readExternalServices(parseXml(text))).to.deep.equal([{ type: 'stun', host: 'a.b' }])
    const many = Array.from({ length: 99 }, () => ({ type: 'stun', host: 'a.b' }))
    expect(readExternalServices(again(writeExternalServices(many)))).to.have.length(32)
    expect(() => readExternalServices(parseXml("<services xmlns='urn:xmpp:extdisco:1'/>"))).to.throw(
      Malformed,
    )
  })
})

describe('the items of a server (XEP-0030)', () => {
  it('are read as far as they are addresses', () => {
    const items = [{ jid: 'Proxy.goethe.example' }, { jid: 'a@b', node: 'n' }, { jid: '@' }, { jid: 'x.y' }]
    expect(readDiscoItems(again(writeDiscoItems(items)))).to.deep.equal(['proxy.goethe.example', 'x.y'])
    expect(() => readDiscoItems(parseXml("<query xmlns='other'/>"))).to.throw(Malformed)
  })
})
