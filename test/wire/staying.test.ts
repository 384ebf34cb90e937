/** What becomes of a stream that breaks, lies or falls silent: it is ended, and opened again. */
import { expect } from 'chai'
import { xml } from '../../schemas/xml.js'
import { createComponentEntity, onPresence, whenRoom } from '../../wire/index.js'
import { logbook } from './logbook.js'
import { type MockComponent, mockComponent, quickly } from './mock-component.js'
import { acceptComponent, componentHeader, type MockServer, mockServer } from './mock-server.js'
import { answerTo } from './raw-client.js'
import type { Talk } from './talk.js'

const ping = (id: string) =>
  `<iq type='get' id='${id}' from='localhost' to='files.localhost'><ping xmlns='urn:xmpp:ping'/></iq>`
const lives = async (talk: Talk) => {
  talk.say(ping('alive'))
  expect(await answerTo(talk, 'alive')).to.contain('type="result"')
}
const streamError = (condition: string) =>
  `<stream:error><${condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>`

describe("a component's stream", () => {
  let mock: MockComponent
  beforeEach(async () => {
    mock = await mockComponent()
  })
  afterEach(() => mock.stop())

  const faults: Record<string, string[]> = {
    'restricted-xml': [
      '<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;">]>',
      '<!-- comment -->',
      '<?target do?>',
      '<iq>&c;</iq>',
    ],
    'not-well-formed': [
      '<iq>&#1;</iq>',
      '<iq>&#xFFFF;</iq>',
      '<iq>&#xD800;</iq>',
      '<iq></message>',
      'text',
      '<iq a=b/>',
    ],
  }
  it('ends with the word for it, and comes back, after XML that is forbidden or none (cases 31, 32)', async () => {
    let { talk } = mock
    for (const [condition, texts] of Object.entries(faults)) {
      for (const text of texts) {
        talk.say(text + ping('unread'))
        await talk.hear(
          new RegExp(
            `<stream:error><${condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>`,
          ),
        )
        talk.socket.end()
        talk = await acceptComponent(mock.server)
        await lives(talk)
        expect(talk.all).not.to.contain('unread')
      }
    }
  })

  it('ends and comes back after bytes that are no UTF-8 (case 32)', async () => {
    mock.talk.say(Buffer.from([0x3c, 0x61, 0x3e, 0xed, 0xa0, 0x80, 0x3c]))
    await mock.talk.hear(/<not-well-formed/)
    await lives(await acceptComponent(mock.server))
  })

  it('is not disturbed by addresses that are none (case 32)', async () => {
    const seen: (string | undefined)[] = []
    onPresence(mock.entity, ({ attrs }) => seen.push(attrs.from))
    for (const from of ['', '@', 'a@', '/r', '@b/c', 'x'.repeat(4000)]) {
      for (const name of ['iq', 'message', 'presence'])
        mock.talk.say(`<${name} from='${from}' to='files.localhost' type='get' id='x'/>`)
      mock.talk.say(`<presence from='a@b' to='${from}'/>`)
    }
    await lives(mock.talk)
    expect(seen).to.have.length(12)
  })

  it('ignores what comes behind its end, and comes back (case 32)', async () => {
    mock.talk.say(`</stream:stream>${ping('late')}<<<&&&`)
    await mock.talk.hear(/<\/stream:stream>/)
    await mock.talk.end()
    expect(mock.talk.all).not.to.contain('late')
    await lives(await acceptComponent(mock.server))
  })

  it('comes back after a reset in the middle of a stanza, and reads nothing of it into the next stream (case 42)', async () => {
    mock.talk.say(Buffer.from(`<message from='a@b' to='files.localhost'>gr\u00fc`).subarray(0, -1))
    mock.talk.socket.resetAndDestroy()
    const talk = await acceptComponent(mock.server)
    await lives(talk)
  })

  it('is given up when the server takes nothing and bytes pile up (P16)', async () => {
    const stuck = await mockComponent({ unsent: 1_000_000 })
    stuck.talk.socket.pause()
    const lost = new Promise((resolve) => stuck.entity.on('disconnect', resolve))
    const message = () => xml('message', { to: 'faust@localhost', id: 'x'.repeat(100_000) })
    // More than the system itself takes in.
    for (let n = 0; n < 300; n++) stuck.entity.send(message()).catch(() => {})
    await lost
    await lives(await acceptComponent(stuck.server))
    expect(stuck.above('warn').map(({ fields }) => fields.reason)).to.deep.equal(['stuck'])
    await stuck.stop()
  })

  it('tells who asks when there is room to write more, and is not given up for a burst of his (P18)', async () => {
    const busy = await mockComponent({ crowded: 500_000, unsent: 1_000_000 })
    let read = 0
    busy.talk.socket.on('data', (data) => {
      read += data.length
    })
    busy.talk.socket.pause()
    const message = () => xml('message', { to: 'faust@localhost', id: 'x'.repeat(100_000) })
    let waits = 0
    for (let n = 0; n < 120; n++) {
      const room = whenRoom(busy.entity)
      if (room) {
        waits++
        busy.talk.socket.resume()
        await room
      }
      busy.entity.send(message()).catch(() => {})
    }
    await lives(busy.talk)
    expect(waits).to.be.above(0)
    expect(read).to.be.above(12_000_000)
    expect(busy.above('warn')).to.deep.equal([])
    await busy.stop()
  })

  it('does not go where another server sends it (case 40)', async () => {
    const other = await mockServer()
    mock.talk.say(
      `<stream:error><see-other-host xmlns='urn:ietf:params:xml:ns:xmpp-streams'>127.0.0.1:${other.port}</see-other-host></stream:error></stream:stream>`,
    )
    await mock.talk.end()
    await lives(await acceptComponent(mock.server))
    expect(other.made).to.equal(0)
    await other.stop()
  })

  it('has no version in its header, for jabberd2, and never says its secret', async () => {
    const talk = mock.talk.all
    expect(/<stream:stream[^>]*>/.exec(talk)?.[0]).not.to.contain('version')
    expect(talk).not.to.contain('geheim')
    expect(JSON.stringify(mock.lines)).not.to.contain('geheim')
  })
})

describe('a component that is not let in', () => {
  let server: MockServer
  beforeEach(async () => {
    server = await mockServer()
  })
  afterEach(() => server.stop())
  const create = (more: object = {}) => {
    const { log, lines, above } = logbook()
    const entity = createComponentEntity({
      service: server.service,
      domain: 'files.localhost',
      secret: 'geheim',
      log,
      backoffMs: quickly,
      limits: { stateMs: 10_000 },
      ...more,
    })
    return { entity, lines, above }
  }

  it('gives up a server that takes the connection and stays silent, at each step, and tries again (case 37)', async () => {
    const { entity, above } = create({ limits: { stateMs: 1_500 } })
    const started = entity.start()
    await (await server.next()).end()
    const headless = await server.next()
    await headless.hear(/<stream:stream/)
    await headless.end()
    const handless = await server.next()
    handless.say(componentHeader)
    await handless.hear(/<handshake>/)
    await handless.end()
    // Neither an answer to an old handshake nor a late error of the last attempt counts in the next.
    const talk = await acceptComponent(server)
    await started
    await lives(talk)
    expect(above('warn').map(({ fields }) => fields.reason)).to.deep.equal(['timeout'])
    await entity.stop()
  })

  for (const condition of ['conflict', 'not-authorized', 'host-unknown']) {
    it(`tries again after \`${condition}\`, at its own pace, and says so once (cases 38, 39)`, async () => {
      const { entity, above, lines } = create()
      const started = entity.start()
      for (let times = 0; times < 6; times++) {
        const talk = await server.next()
        await talk.hear(/<stream:stream[^>]*>/)
        if (condition === 'not-authorized') {
          talk.say(componentHeader)
          await talk.hear(/<handshake>/)
          talk.say(streamError(condition))
        } else talk.say(componentHeader + streamError(condition))
        await talk.end()
      }
      await lives(await acceptComponent(server))
      await started
      expect(above('info').map(({ fields }) => fields.reason ?? 'online')).to.deep.equal([
        condition,
        'online',
      ])
      const waits = lines
        .filter(({ fields }) => 'waitMs' in fields)
        .map(({ fields }) => fields.waitMs as number)
      expect(waits).to.have.length(6)
      for (const wait of waits) expect(wait).to.be.within(quickly.least, quickly.most)
      expect(server.made).to.equal(7)
      await entity.stop()
    })
  }

  it('rejects its start with the reason, if told not to persist (case 39)', async () => {
    const { entity } = create({ persist: false })
    const started = entity.start().then(
      () => expect.fail('it came online'),
      (error) => error,
    )
    const talk = await server.next()
    talk.say(componentHeader)
    await talk.hear(/<handshake>/)
    talk.say(streamError('not-authorized'))
    expect((await started).code).to.equal('not-authorized')
    expect(entity.status).to.equal('offline')
    expect(server.made).to.equal(1)
    // And it can be started again.
    const again = entity.start()
    await acceptComponent(server)
    await again
    await entity.stop()
  })

  it('stops at once in every state, and stays stopped (case 37)', async () => {
    const { entity } = create({ limits: { stateMs: 30_000 } })
    for (const until of ['connect', 'header', 'online']) {
      const started = entity.start().catch((error: { code: string }) => error.code)
      const talk = await server.next()
      if (until !== 'connect') talk.say(componentHeader)
      if (until === 'online') {
        await talk.hear(/<handshake>/)
        talk.say('<handshake/>')
        await started
      }
      talk.hear(/<\/stream:stream>/).then(
        () => talk.socket.end(),
        () => {},
      )
      await entity.stop()
      expect(entity.status).to.equal('offline')
      if (until !== 'online') expect(await started).to.equal('stopped')
    }
    expect(server.made).to.equal(3)
  })

  it('is pinged for when silent, and given up when it stays silent (cases 36, 37)', async () => {
    const { entity, above } = create({ limits: { idleMs: 1_500, stateMs: 10_000 } })
    const started = entity.start()
    const talk = await acceptComponent(server)
    await started
    const [, id] = await talk.hear(/<iq [^>]*id="([0-9a-f]+)"[^>]*><ping xmlns="urn:xmpp:ping"\/><\/iq>/)
    talk.say(
      `<iq type='error' id='${id}' from='files.localhost' to='files.localhost'><error type='cancel'/></iq>`,
    )
    await talk.hear(/<ping/)
    await talk.end()
    await lives(await acceptComponent(server))
    expect(above('warn').map(({ fields }) => fields.reason)).to.deep.equal(['silent'])
    await entity.stop()
  })
})
