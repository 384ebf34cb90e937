/** The hardened component at a real Prosody, with raw clients that say what no library would. */
import { expect } from 'chai'
import { xml } from '../../schemas/xml.js'
import { type PrivateProsody, startProsody } from '../../scripts/private-prosody.js'
import {
  answer,
  createClientEntity,
  createComponentEntity,
  figures,
  request,
  type XmppEntity,
} from '../../wire/index.js'
import { logbook } from './logbook.js'
import { answerTo, rawClient } from './raw-client.js'
import type { Talk } from './talk.js'

const ns = 'jabberfs:transfer:1'
const iq = (id: string, inside: string, type = 'set', to = 'files.localhost') =>
  `<iq type='${type}' id='${id}' to='${to}'>${inside}</iq>`
const code = (promise: Promise<unknown>) =>
  promise.then(
    () => 'done',
    (error) => error.condition ?? error.code,
  )
/** Resolves at the entity's next event of this name. */
const next = (entity: XmppEntity, event: string) =>
  new Promise<void>((resolve) => entity.on(event, () => resolve()))

describe('a component at a real Prosody', function () {
  this.timeout(180_000)
  let prosody: PrivateProsody
  let files: XmppEntity
  let other: XmppEntity
  let faust: XmppEntity
  let mallory: Talk
  const { log, lines } = logbook()
  const component = (domain: string, more: object = {}) =>
    createComponentEntity({ service: prosody.componentService, domain, secret: prosody.secret, log, ...more })

  before(async () => {
    prosody = await startProsody({ components: ['other.localhost'], users: { faust: 'f', mallory: 'm' } })
    files = component('files.localhost')
    other = component('other.localhost')
    answer(files, { type: 'set', ns, name: 'offer', handle: () => {} })
    faust = createClientEntity({
      jid: 'faust@localhost',
      password: 'f',
      service: prosody.service,
      resource: 'x',
    })
    await Promise.all([files.start(), other.start(), faust.start()])
    mallory = await rawClient(prosody.c2sPort, 'mallory', 'm', 'raw')
  })
  after(async () => {
    mallory?.socket.destroy()
    await Promise.all([files, other, faust].map((entity) => entity?.stop()))
    await prosody?.stop()
  })

  /**
   * A newer expat puts off reading a long tag until twice as much has come, so that Prosody would wait for more:
   * the blanks that may stand between stanzas are more.
   */
  const say = (text: string) => mallory.say(text.length > 10_000 ? text + ' '.repeat(text.length) : text)

  /** The service answers others, and never lost its stream. */
  const serves = async () => {
    await request(faust, { to: 'files.localhost', type: 'set', payload: xml('offer', { xmlns: ns }) })
    expect(lines.filter(({ level }) => level === 'warn' || level === 'error')).to.deep.equal([])
  }

  const monsters: [name: string, inside: string][] = [
    ['250 KB of quotes in an attribute (case 26)', `<offer xmlns='${ns}' a='${'"'.repeat(250_000)}'/>`],
    [
      '24,000 nested elements (case 27)',
      `<offer xmlns='${ns}'>${'<a>'.repeat(24_000)}${'</a>'.repeat(24_000)}</offer>`,
    ],
    ['30,000 siblings (case 28)', `<offer xmlns='${ns}'>${'<a/>'.repeat(30_000)}</offer>`],
    [
      '1,000 attributes (case 28)',
      `<offer xmlns='${ns}' ${Array.from({ length: 1_000 }, (_, n) => `a${n}='1'`).join(' ')}/>`,
    ],
    ['250 KB of text in many pieces', `<offer xmlns='${ns}'>${'&lt;&amp;é'.repeat(20_000)}</offer>`],
    ['a name of 100 KB', `<${'n'.repeat(100_000)} xmlns='${ns}'/>`],
  ]
  for (const [name, inside] of monsters) {
    it(`survives ${name}: it is refused shortly, and the service is there for everybody`, async () => {
      say(iq('monster', inside))
      const text = await answerTo(mallory, 'monster')
      expect(text).to.contain('<policy-violation ').and.contain('stanza-too-big')
      expect(text.length).to.be.lessThan(500)
      for (const kind of ['message', 'presence']) say(`<${kind} to='files.localhost'>${inside}</${kind}>`)
      for (const type of ['result', 'error']) say(iq('monster', inside, type))
      say(iq('behind', `<offer xmlns='${ns}'/>`))
      expect(await answerTo(mallory, 'behind')).to.match(/type=['"]result/)
      await serves()
    })
  }

  it('answers an IQ whose id is 2,000 quotes, and lives through one of 200,000 (case 26)', async () => {
    for (const size of [2_000, 200_000]) {
      say(`<iq type='set' to='files.localhost' id='${'"'.repeat(size)}'><offer xmlns='${ns}'/></iq>`)
      if (size === 2_000) await mallory.hear(/<iq [^>]*(?:&quot;){2000}/)
    }
    say(iq('behind', `<offer xmlns='${ns}'/>`))
    await answerTo(mallory, 'behind')
    await serves()
  })

  it('answers each get and set once, without echo, and nothing else (cases 17, 18, 20)', async () => {
    say(iq('alien', "<q xmlns='urn:alien'>secret</q>"))
    const alien = await answerTo(mallory, 'alien')
    expect(alien).to.contain('<service-unavailable ')
    expect(alien).not.to.contain('secret')
    const from = mallory.all.length
    for (const type of ['error', 'result']) say(iq('deaf', "<q xmlns='urn:alien'/>", type))
    for (const name of ['message', 'presence']) {
      say(`<${name} type='error' to='files.localhost' id='deaf'><error type='cancel'/></${name}>`)
    }
    // Prosody itself answers what is no IQ at all; what it lets through, we do.
    say(iq('none', ''))
    say(iq('two', `<offer xmlns='${ns}'/><offer xmlns='${ns}'/>`))
    for (const id of ['none', 'two']) expect(await answerTo(mallory, id)).to.contain('<bad-request ')
    say(`<iq type='set' to='files.localhost'><offer xmlns='${ns}'/></iq>`)
    say(iq('odd', `<offer xmlns='${ns}'/>`, 'sit'))
    say(iq('behind', `<offer xmlns='${ns}'/>`))
    await answerTo(mallory, 'behind')
    expect(mallory.all.slice(from)).not.to.contain('deaf')
    await serves()
  })

  it("stays silent to the other component's refusals: one stanza each way (cases 18, 19)", async () => {
    const before = figures(files)
    expect(
      await code(
        request(files, { to: 'other.localhost', type: 'get', payload: xml('q', { xmlns: 'urn:alien' }) }),
      ),
    ).to.equal('service-unavailable')
    // An error out of the blue, to a component that answers anything: whatever came back would be counted as stray.
    await files.send(
      xml('iq', { type: 'error', id: 'blue', to: 'other.localhost' }, xml('error', { type: 'cancel' })),
    )
    await files.send(
      xml('message', { type: 'error', to: 'other.localhost' }, xml('error', { type: 'cancel' })),
    )
    await request(files, {
      to: 'other.localhost',
      type: 'get',
      payload: xml('ping', { xmlns: 'urn:xmpp:ping' }),
    })
    expect(figures(files).strayReplies).to.equal(before.strayReplies)
    expect(figures(other).strayReplies).to.be.greaterThan(0)
    await serves()
  })

  it('takes no forged answer: Prosody stamps who it is from (case 5)', async () => {
    const asked = request(files, {
      to: 'faust@localhost/x',
      type: 'get',
      payload: xml('ping', { xmlns: 'urn:xmpp:ping' }),
    })
    say("<iq type='result' id='guess' to='files.localhost'/>")
    await asked
    await serves()
  })

  it("is reached by nothing that XML cannot carry: Prosody ends such a client's stream, not ours (cases 31, 32)", async () => {
    const bad = [
      '&#1;',
      '&#xFFFF;',
      '\u0001',
      Buffer.from([0xef, 0xbf, 0xbe]),
      Buffer.from([0xed, 0xa0, 0x80]),
      '<!-- c -->',
      '<?p i?>',
      '&b;',
      '<!DOCTYPE a>',
      "<a b='1' b='2'/>",
    ]
    for (const piece of bad) {
      const vandal = await rawClient(prosody.c2sPort, 'mallory', 'm', 'vandal')
      vandal.say(
        Buffer.concat([
          Buffer.from(`<iq type='set' id='v' to='files.localhost'><offer xmlns='${ns}'>`),
          Buffer.from(piece as string),
          Buffer.from('</offer></iq>'),
        ]),
      )
      await Promise.race([vandal.end(), answerTo(vandal, 'v')]).catch(() => {})
      vandal.socket.destroy()
    }
    await serves()
  })

  it('answers within the time it has when 3,000 requests of a raw client come at once', async () => {
    const from = mallory.all.length
    say(Array.from({ length: 3_000 }, (_, n) => iq(`n${n}`, `<offer xmlns='${ns}'/>`)).join(''))
    await answerTo(mallory, 'n2999')
    for (let n = 0; n < 3_000; n += 271)
      expect(mallory.all.slice(from).split(new RegExp(`id=['"]n${n}['"]`)).length - 1).to.equal(1)
    await serves()
  })

  it('refuses a wrong password with its code, at once (case 39)', async () => {
    const wrong = createClientEntity({ jid: 'faust@localhost', password: 'wrong', service: prosody.service })
    expect(await code(wrong.start())).to.equal('not-authorized')
    expect(wrong.status).to.equal('offline')
    const stranger = component('nobody.localhost', { persist: false })
    expect(await code(stranger.start())).to.equal('host-unknown')
  })

  it('waits for its place while another holds its name, without a storm, and takes it then (case 38)', async () => {
    const { log: own, lines: said } = logbook()
    const second = component('other.localhost', { log: own, backoffMs: { least: 20, most: 60 } })
    const started = second.start()
    while (said.filter(({ fields }) => 'waitMs' in fields).length < 3)
      await new Promise((resolve) => setTimeout(resolve, 5))
    expect(second.status).not.to.equal('online')
    await other.stop()
    await started
    expect(said.filter(({ level }) => level === 'warn').map(({ fields }) => fields.reason)).to.deep.equal([
      'conflict',
    ])
    await second.stop()
    await other.start()
  })

  it('is back after Prosody was killed, restarted or stopped in the middle (case 36)', async () => {
    lines.length = 0
    const lost = code(
      request(files, { to: 'mallory@localhost/raw', type: 'get', payload: xml('q', { xmlns: 'urn:q' }) }),
    )
    await mallory.hear(/urn:q/)
    const online = [files, faust].map((entity) => next(entity, 'online'))
    await prosody.kill()
    expect(await lost).to.equal('disconnected')
    await prosody.restart()
    await Promise.all(online)
    const again = [files, faust].map((entity) => next(entity, 'online'))
    await prosody.restart()
    await Promise.all(again)
    await request(faust, { to: 'files.localhost', type: 'set', payload: xml('offer', { xmlns: ns }) })
    expect(
      lines.filter(({ level, message }) => level === 'error' || /secret|127\./.test(message)),
    ).to.deep.equal([])
    expect(JSON.stringify(lines)).not.to.contain(prosody.secret)
  })

  it('finds out that Prosody hangs, and is back when it goes on (case 36)', async () => {
    const { log: own, lines: said } = logbook()
    const quick = component('other.localhost', {
      log: own,
      limits: { idleMs: 1_500, stateMs: 1_500 },
      backoffMs: { least: 20, most: 60 },
    })
    await other.stop()
    await quick.start()
    said.length = 0
    process.kill(prosody.pid!, 'SIGSTOP')
    const reasons = () =>
      said.filter(({ fields }) => 'waitMs' in fields).map(({ fields }) => fields.reason ?? fields.state)
    while (reasons().at(-1) !== 'timeout') await new Promise((resolve) => setTimeout(resolve, 5))
    const back = next(quick, 'online')
    process.kill(prosody.pid!, 'SIGCONT')
    await back
    // On a busy machine each may be said more than once, and the server is asked again and again.
    expect(reasons()[0]).to.equal('silent')
    expect(new Set(reasons())).to.deep.equal(new Set(['silent', 'timeout']))
    await quick.stop()
  })
})
