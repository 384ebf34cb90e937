/** How a client of ours logs in: never with its password in the clear, only at a server that knows it, without stream management. */
import { createHash, createHmac, pbkdf2Sync } from 'node:crypto'
import { expect } from 'chai'
import { xml } from '../../schemas/xml.js'
import { createClientEntity, request } from '../../wire/index.js'
import { chooseMechanism, isLoopback } from '../../wire/mechanism.js'
import { bySrv } from '../../wire/services.js'
import { quickly } from './mock-component.js'
import {
  acceptClient,
  bindFeatures,
  clientHeader,
  type MockServer,
  mechanisms,
  mockServer,
} from './mock-server.js'
import type { Talk } from './talk.js'

const code = (promise: Promise<unknown>) =>
  promise.then(
    () => 'online',
    (error) => error.code,
  )

describe('a client', () => {
  let server: MockServer
  beforeEach(async () => {
    server = await mockServer()
  })
  afterEach(() => server.stop())
  const create = (more: object = {}) =>
    createClientEntity({
      jid: 'faust@localhost',
      password: 'geheim',
      service: server.service,
      allowPlain: true,
      backoffMs: quickly,
      ...more,
    })
  const features = async (talk: Talk, ...names: string[]) => {
    await talk.hear(/<stream:stream[^>]*>/)
    talk.say(clientHeader + mechanisms(...names))
  }

  it('does not ask for stream management, though the server offers it', async () => {
    const entity = create()
    const started = entity.start()
    const talk = await acceptClient(server)
    expect(String(await started)).to.equal('faust@localhost/r')
    const asked = request(entity, {
      to: 'files.localhost',
      type: 'get',
      payload: xml('q', { xmlns: 'urn:q' }),
    })
    const [, id] = await talk.hear(/ id="([0-9a-f]{32})"[\s\S]*<\/iq>/)
    talk.say(`<iq type='result' id='${id}' from='files.localhost'/>`)
    await asked
    await entity.stop()
    await talk.end()
    expect(talk.all).not.to.contain('urn:xmpp:sm')
  })

  it('gives up a server that falls silent anywhere in the login (case 37)', async () => {
    for (const step of ['features', 'auth', 'bind']) {
      const entity = create({ limits: { stateMs: 500 } })
      const started = code(entity.start())
      const talk = await server.next()
      const speak = async () => {
        await talk.hear(/<stream:stream[^>]*>/)
        talk.say(clientHeader)
        if (step !== 'features') talk.say(mechanisms('PLAIN'))
        if (step === 'bind') {
          await talk.hear(/<auth /)
          talk.say("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>")
          await talk.hear(/<stream:stream[^>]*>/)
          talk.say(clientHeader + bindFeatures)
        }
      }
      // On a busy machine it may give up before it has come so far: that is all right too.
      await speak().catch(() => {})
      expect(await started, step).to.equal('timeout')
      await talk.end()
    }
  })

  it('sends no password in the clear: PLAIN only inside TLS, or to this machine if that is allowed', async () => {
    const plain = (circumstances: {
      encrypted: boolean
      loopback: boolean
      allowPlain?: boolean
      allowUnencrypted?: boolean
    }) => {
      try {
        return chooseMechanism(['PLAIN'], circumstances)
      } catch (error) {
        return (error as { code: string }).code
      }
    }
    expect(plain({ encrypted: true, loopback: false })).to.equal('PLAIN')
    expect(plain({ encrypted: false, loopback: true })).to.equal('no-mechanism')
    expect(plain({ encrypted: false, loopback: true, allowPlain: true })).to.equal('PLAIN')
    expect(plain({ encrypted: false, loopback: false, allowPlain: true })).to.equal('not-encrypted')
    expect(plain({ encrypted: false, loopback: false, allowPlain: true, allowUnencrypted: true })).to.equal(
      'no-mechanism',
    )
    expect(chooseMechanism(['SCRAM-SHA-1', 'PLAIN'], { encrypted: true, loopback: false })).to.equal(
      'SCRAM-SHA-1',
    )
    expect(['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1'].every(isLoopback)).to.equal(true)
    expect(
      ['10.0.0.1', '::', 'fe80::1', '1127.0.0.1', '::ffff:10.0.0.1', undefined].some(isLoopback),
    ).to.equal(false)

    const entity = create({ allowPlain: false })
    const started = code(entity.start())
    const talk = await server.next()
    await features(talk, 'PLAIN')
    expect(await started).to.equal('no-mechanism')
    await talk.end()
    expect(talk.all).not.to.contain('<auth')
  })

  it('prefers SCRAM, by the stronger hash', async () => {
    const entity = create()
    const started = code(entity.start())
    const talk = await server.next()
    await features(talk, 'PLAIN', 'SCRAM-SHA-1', 'SCRAM-SHA-256', 'ANONYMOUS')
    await talk.hear(/<auth [^>]*mechanism="SCRAM-SHA-256"/)
    talk.socket.destroy()
    expect(await started).to.equal('closed')
  })

  /** Plays the server's side of SCRAM-SHA-1, knowing the password or not. */
  const scramServer = async (
    talk: Talk,
    known: string,
    how: 'success' | 'challenge' | 'nothing' | 'early',
    rounds = '4096',
  ) => {
    await features(talk, 'SCRAM-SHA-1')
    const [, initial] = await talk.hear(/<auth [^>]*>([^<]*)<\/auth>/)
    const first = Buffer.from(initial!, 'base64').toString().slice(3)
    const ns = "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'"
    if (how === 'early') return talk.say(`<success ${ns}/>`)
    const salt = Buffer.from('salz')
    const challenge = `r=${/r=(.*)/.exec(first)?.[1]}server,s=${salt.toString('base64')},i=${rounds}`
    talk.say(`<challenge ${ns}>${Buffer.from(challenge).toString('base64')}</challenge>`)
    const [, response] = await talk.hear(/<response [^>]*>([^<]*)<\/response>/)
    const [bare, proof] = Buffer.from(response!, 'base64').toString().split(',p=') as [string, string]
    const hmac = (key: Buffer, text: string) => createHmac('sha1', key).update(text).digest()
    const salted = pbkdf2Sync(known, salt, Number(rounds), 20, 'sha1')
    const words = `${first},${challenge},${bare}`
    const stored = createHash('sha1').update(hmac(salted, 'Client Key')).digest()
    const key = Buffer.from(proof, 'base64').map((byte, at) => byte ^ hmac(stored, words)[at]!)
    const right = createHash('sha1').update(key).digest().equals(stored)
    const last = Buffer.from(`v=${hmac(hmac(salted, 'Server Key'), words).toString('base64')}`).toString(
      'base64',
    )
    if (how === 'success') talk.say(`<success ${ns}>${last}</success>`)
    else if (how === 'nothing') talk.say(`<success ${ns}/>`)
    else {
      talk.say(`<challenge ${ns}>${last}</challenge>`)
      await talk.hear(/<response [^>]*(?:\/>|><\/response>)/)
      talk.say(`<success ${ns}/>`)
    }
    return right
  }

  for (const how of ['success', 'challenge'] as const) {
    it(`proves its password and takes the server's proof from a ${how}`, async () => {
      const entity = create()
      const started = entity.start()
      const talk = await server.next()
      expect(await scramServer(talk, 'geheim', how)).to.equal(true)
      await talk.hear(/<stream:stream[^>]*>/)
      talk.say(clientHeader + bindFeatures)
      const [, id] = await talk.hear(/<iq [^>]*id="([^"]+)"[^>]*><bind[\s\S]*?<\/iq>/)
      talk.say(
        `<iq type='result' id='${id}'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>faust@localhost/r</jid></bind></iq>`,
      )
      await started
      await entity.stop()
    })
  }

  it('does not enter at a server that does not prove to know the password', async () => {
    for (const [known, how] of [
      ['geraten', 'success'],
      ['geraten', 'challenge'],
      ['geheim', 'nothing'],
      ['geheim', 'early'],
    ] as const) {
      const entity = create()
      const started = code(entity.start())
      const talk = await server.next()
      await scramServer(talk, known, how).catch(() => {})
      expect(await started, `${known} ${how}`).to.equal('server-unproven')
      expect(talk.all.split('<stream:stream').length - 1).to.equal(1)
    }
  })

  it("lets a server's number of rounds cost it only so much (P21)", async () => {
    const entity = create()
    const started = code(entity.start())
    await scramServer(await server.next(), 'geheim', 'success', '999999999').catch(() => {})
    expect(await started).to.equal('bad-challenge')
  })

  it('reads nothing in the clear once STARTTLS is agreed', async () => {
    const entity = create()
    const started = code(entity.start())
    const talk = await server.next()
    await talk.hear(/<stream:stream[^>]*>/)
    talk.say(
      `${clientHeader}<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:features>`,
    )
    await talk.hear(/<starttls/)
    talk.say(
      `<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>${mechanisms('PLAIN')}<iq type='get' id='in' from='localhost'/>`,
    )
    await talk.hear(/\x16\x03/)
    talk.say('no TLS at all')
    expect(await started).to.match(/^ERR_SSL|^EPROTO|^closed/)
    expect(talk.all).not.to.match(/<auth|id="in"/)
  })

  it('logs in anew after each break, with nothing left of the login before (cases 7, 42)', async () => {
    const entity = create({ persist: true })
    const started = entity.start()
    for (let times = 0; times < 3; times++) {
      const talk = await server.next()
      await features(talk, 'SCRAM-SHA-1')
      await talk.hear(/<auth/)
      talk.socket.resetAndDestroy()
    }
    const talk = await server.next()
    await scramServer(talk, 'geheim', 'success')
    await talk.hear(/<stream:stream[^>]*>/)
    expect(talk.all.split('<response').length - 1).to.equal(1)
    talk.socket.resetAndDestroy()
    const last = await acceptClient(server, 'faust@localhost/second')
    expect(String(await started)).to.equal('faust@localhost/second')
    const back = new Promise((resolve) => entity.on('online', resolve))
    last.say('</stream:stream>')
    const again = await acceptClient(server, 'faust@localhost/third')
    await back
    const asked = request(entity, { type: 'get', payload: xml('q', { xmlns: 'urn:q' }) })
    const [, id] = await again.hear(/id="([0-9a-f]{32})"/)
    again.say(`<iq type='result' id='${id}' to='faust@localhost/third'/>`)
    await asked
    expect(String(entity.jid)).to.equal('faust@localhost/third')
    await entity.stop()
  })

  it('finds its server by SRV records in their order, and without any at the domain itself', async () => {
    const services = bySrv('example.org', async (name) =>
      name.startsWith('_xmpps')
        ? [{ name: 'tls.example.org', port: 5223, priority: 20, weight: 0 }]
        : [
            { name: 'second.example.org', port: 5222, priority: 10, weight: 0 },
            { name: 'first.example.org', port: 5222, priority: 5, weight: 0 },
            { name: '.', port: 0, priority: 0, weight: 0 },
          ],
    )
    const got = [await services.next(), await services.next(), await services.next()]
    expect(got).to.deep.equal([
      'xmpp://first.example.org:5222',
      'xmpp://second.example.org:5222',
      'xmpps://tls.example.org:5223',
    ])
    expect(services.count).to.equal(3)
    expect(await services.next()).to.equal(got[0])
    const none = bySrv('example.org', () => Promise.reject(new Error('ENOTFOUND')))
    expect(await none.next()).to.equal('xmpp://example.org:5222')
  })
})
