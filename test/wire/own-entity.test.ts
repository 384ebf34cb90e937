/** Entities that the program brought itself: hardened by `harden`, or not at all. */
// @ts-expect-error its types do not work with nodenext
import { client } from '@xmpp/client'
import { expect } from 'chai'
import { type Element, xml } from '../../schemas/xml.js'
import { answer, harden, request, type XmppEntity } from '../../wire/index.js'
import { acceptClient, clientHeader, type MockServer, mechanisms, mockServer } from './mock-server.js'
import { answerTo } from './raw-client.js'
import type { Talk } from './talk.js'

const ns = 'jabberfs:transfer:1'

describe("a program's own client", () => {
  let server: MockServer
  beforeEach(async () => {
    server = await mockServer()
  })
  afterEach(() => server.stop())

  const create = (): XmppEntity =>
    client({
      service: server.service,
      domain: 'localhost',
      resource: 'r',
      // Stock code has no PLAIN without TLS.
      credentials: (authenticate: (credentials: object, mechanism: string) => Promise<void>) =>
        authenticate({ username: 'faust', password: 'geheim' }, 'PLAIN'),
    })
  /** The login of a client that enables stream management. */
  const managed = async (): Promise<Talk> => {
    const talk = await acceptClient(server)
    await talk.hear(/<enable[^>]*>/)
    talk.say("<enabled xmlns='urn:xmpp:sm:3'/><r xmlns='urn:xmpp:sm:3'/>")
    await talk.hear(/<a [^>]*h="0"/)
    return talk
  }
  const counts = async (talk: Talk) => {
    talk.say("<r xmlns='urn:xmpp:sm:3'/>")
    return Number((await talk.hear(/<a [^>]*h="(\d+)"/))[1])
  }

  for (const hardened of [true, false]) {
    it(`${hardened ? 'hardened' : 'as it is'}: asks and answers beside other handlers, and its count of stanzas is right`, async () => {
      const entity = create()
      entity.on('error', () => {})
      if (hardened) harden(entity)
      const stop = answer(entity, {
        type: 'set',
        ns,
        name: 'offer',
        handle: (_, { from }) => xml('got', { xmlns: ns, from }),
      })
      entity.iqCallee.get('urn:theirs', 'q', () => xml('theirs', { xmlns: 'urn:theirs' }))
      const started = entity.start()
      const talk = await managed()
      await started

      talk.say(`<iq type='set' id='1' from='files.localhost'><offer xmlns='${ns}'/></iq>`)
      expect(await answerTo(talk, '1')).to.contain('from="files.localhost"')
      talk.say("<iq type='get' id='2' from='files.localhost'><q xmlns='urn:theirs'/></iq>")
      expect(await answerTo(talk, '2')).to.contain('<theirs ')
      expect(await counts(talk)).to.equal(2)

      const asked = request(entity, {
        to: 'files.localhost',
        type: 'get',
        payload: xml('q', { xmlns: 'urn:q' }),
      })
      const [, id] = await talk.hear(/id="([0-9a-f]{32})"/)
      talk.say(`<iq type='result' id='${id}' from='mallory@localhost/x'/>`)
      talk.say(`<iq type='result' id='${id}' from='files.localhost'><yes/></iq>`)
      expect((await asked)?.name).to.equal('yes')
      expect(await counts(talk)).to.equal(4)

      stop()
      talk.say(`<iq type='set' id='3' from='files.localhost'><offer xmlns='${ns}'/></iq>`)
      const refused = await answerTo(talk, '3')
      expect(refused).to.contain('<service-unavailable ')
      // The stock reply carries the request back.
      expect(refused.includes('<offer')).to.equal(!hardened)
      const stopped = entity.stop()
      talk.hear(/<\/stream:stream>/).then(
        () => talk.say('</stream:stream>'),
        () => {},
      )
      await stopped
    })
  }

  it('hardened: counts what is over the caps, and refuses it (cases 26–28)', async () => {
    const entity = create()
    harden(entity, { limits: { stanza: 10_000 } })
    const started = entity.start()
    const talk = await managed()
    await started
    talk.say(
      `<iq type='set' id='1' from='files.localhost'><offer a='${'"'.repeat(20_000)}'/></iq><message>${'x'.repeat(20_000)}</message>`,
    )
    expect(await answerTo(talk, '1')).to.contain('stanza-too-big')
    expect(await counts(talk)).to.equal(2)
    await entity.stop()
  })

  it('hardened: lives through handlers that throw and requests that never end (cases 7, 53)', async () => {
    const entity = create()
    harden(entity, { backoffMs: { least: 5, most: 20 } })
    entity.iqCallee.get('urn:theirs', 'q', () => {
      throw new Error('theirs')
    })
    const started = entity.start()
    const talk = await managed()
    await started
    talk.say("<iq type='get' id='2' from='files.localhost'><q xmlns='urn:theirs'>secret</q></iq>")
    const text = await answerTo(talk, '2')
    expect(text).to.contain('<internal-server-error ')
    expect(text).not.to.contain('secret')
    const stock = entity.iqCaller as unknown as { get(payload: Element, to: string): Promise<unknown> }
    const lost = stock
      .get(xml('q', { xmlns: 'urn:q' }), 'files.localhost')
      .catch((error: { code: string }) => error.code)
    await talk.hear(/urn:q/)
    talk.socket.resetAndDestroy()
    expect(await lost).to.equal('disconnected')
    // It comes back by itself, and again lets nobody in between change its mind.
    const again = await server.next()
    await again.hear(/<stream:stream[^>]*>/)
    again.say(clientHeader + mechanisms('PLAIN'))
    await again.hear(/<auth/)
    await entity.stop()
  })

  it('is hardened before it is started, and only once', async () => {
    const entity = create()
    harden(entity)
    harden(entity)
    const late = create()
    late.on('error', () => {})
    late.start().catch(() => {})
    expect(() => harden(late)).to.throw('before start()')
    const talk = await server.next()
    talk.socket.destroy()
    await late.stop()
  })
})
