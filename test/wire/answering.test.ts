/** Answers: one for each get and set, none for anything else, and nothing echoed. */
import { pbkdf2 } from 'node:crypto'
import { expect } from 'chai'
import { Malformed } from '../../schemas/index.js'
import { xml } from '../../schemas/xml.js'
import { answer, figures, onPresence, Refused } from '../../wire/index.js'
import { type MockComponent, mockComponent } from './mock-component.js'
import { answerTo } from './raw-client.js'

const ns = 'jabberfs:transfer:1'
const stanzas = 'urn:ietf:params:xml:ns:xmpp-stanzas'
const iq = (
  id: string,
  inside: string,
  { type = 'set', from = 'faust@localhost/r', to = 'files.localhost' } = {},
) => `<iq type='${type}' id='${id}' from='${from}' to='${to}'>${inside}</iq>`
const refusal = (condition: string, type: string) =>
  new RegExp(`<error type="${type}"><${condition} xmlns="${stanzas}"/>`)

describe('a component', () => {
  let mock: MockComponent
  beforeEach(async () => {
    mock = await mockComponent({ answerMs: 1_000, running: 2, queued: 2 })
  })
  afterEach(() => mock.stop())

  /** Waits until all that was said has been dealt with, and gives what was answered since the start. */
  const said = async () => {
    mock.talk.say(iq('settled', "<ping xmlns='urn:xmpp:ping'/>", { type: 'get' }))
    await answerTo(mock.talk, 'settled')
    return mock.talk.all.slice(mock.talk.all.indexOf('</handshake>') + 12)
  }

  it('answers what it has a handler for, from the address that was asked', async () => {
    answer(mock.entity, {
      type: 'set',
      ns,
      name: 'offer',
      handle: (payload, { from, to }) => xml('got', { xmlns: ns, from, to, a: payload.attrs.a }),
    })
    mock.talk.say(iq('1', `<offer xmlns='${ns}' a='&lt;&quot;'/>`, { to: 'files.localhost/x' }))
    const text = await answerTo(mock.talk, '1')
    expect(text).to.equal(
      '<iq type="result" id="1" to="faust@localhost/r" from="files.localhost/x"><got xmlns="jabberfs:transfer:1" from="faust@localhost/r" to="files.localhost/x" a="&lt;&quot;"/></iq>',
    )
  })

  it('has nobody at addresses of its domain with a local part: it says so from there, once, whatever is asked', async () => {
    let heard = 0
    answer(mock.entity, { type: 'set', ns, name: 'offer', handle: () => void heard++ })
    const asked = [
      `<offer xmlns='${ns}'/>`,
      `<offer xmlns='jabberfs:transfer:2'/>`,
      "<query xmlns='alien'/>",
      '',
      "<a xmlns='alien'/><b xmlns='alien'/>",
    ]
    for (const to of ['anyone@files.localhost', 'anyone@files.localhost/x']) {
      for (const [at, inside] of asked.entries()) {
        const id = `${at}-${to}`
        mock.talk.say(iq(id, inside, { to }))
        const text = await answerTo(mock.talk, id)
        expect(text).to.match(refusal('service-unavailable', 'cancel')).and.contain(`from="${to}"`)
        expect(text).not.to.match(/field|unsupported|alien/)
      }
      mock.talk.say(iq('never', `<offer xmlns='${ns}'/>`, { to, type: 'result' }))
    }
    mock.talk.say(iq('never', `<offer xmlns='${ns}'/>`, { to: 'anyone@elsewhere.localhost' }))
    expect(await said()).not.to.contain('never')
    expect(heard).to.equal(0)
  })

  it('says feature-not-implemented to an unknown action, another type or a newer version of its namespace (case 16)', async () => {
    answer(mock.entity, { type: 'set', ns, name: 'offer', handle: () => {} })
    for (const [id, inside, type] of [
      ['1', `<dance xmlns='${ns}'/>`, 'set'],
      ['2', `<offer xmlns='${ns}'/>`, 'get'],
      ['3', "<offer xmlns='jabberfs:transfer:2'/>", 'set'],
    ] as const) {
      mock.talk.say(iq(id, inside, { type }))
      const text = await answerTo(mock.talk, id)
      expect(text).to.match(refusal('feature-not-implemented', 'cancel'))
      expect(text).to.contain(`<unsupported-version xmlns="${ns}"/>`)
    }
  })

  it('says of a language of others, which it speaks otherwise, that this is not done, and nothing of versions of ours (XEP-0030)', async () => {
    answer(mock.entity, {
      type: 'get',
      ns: 'http://jabber.org/protocol/disco#info',
      name: 'query',
      handle: () => {},
    })
    mock.talk.say(iq('1', "<query xmlns='http://jabber.org/protocol/disco#info'/>", { type: 'set' }))
    const text = await answerTo(mock.talk, '1')
    expect(text).to.match(refusal('feature-not-implemented', 'cancel'))
    expect(text).not.to.contain('unsupported-version')
  })

  it('says service-unavailable to an unknown namespace, echoing nothing, and takes no other for its own (case 17)', async () => {
    answer(mock.entity, { type: 'set', ns, name: 'offer', handle: () => {} })
    const strange = [
      "<offer xmlns='alien'>secret</offer>",
      '<offer>secret</offer>',
      "<offer xmlns=''>secret</offer>",
      '<a:offer>secret</a:offer>',
      `<a:offer xmlns='${ns}' xmlns:a='alien'>secret</a:offer>`,
    ]
    for (const [at, inside] of strange.entries()) {
      mock.talk.say(iq(`${at}`, inside))
      const text = await answerTo(mock.talk, `${at}`)
      expect(text).to.match(refusal('service-unavailable', 'cancel'))
      expect(text).not.to.match(/secret|offer|alien/)
    }
    // With a prefix it is the same element.
    mock.talk.say(iq('p', `<x:offer xmlns:x='${ns}'/>`))
    expect(await answerTo(mock.talk, 'p')).to.contain('type="result"')
    mock.talk.say(iq('q', `<x:offer xmlns='alien' xmlns:x='${ns}'/>`))
    expect(await answerTo(mock.talk, 'q')).to.contain('type="result"')
  })

  it('never answers an error, a result, a message or a presence (case 18)', async () => {
    const heard: string[] = []
    onPresence(mock.entity, ({ attrs }) => heard.push(attrs.type ?? 'available'))
    const error = `<error type='cancel'><item-not-found xmlns='${stanzas}'/></error>`
    for (const type of ['error', 'result', 'normal', 'chat', 'get2', '']) {
      mock.talk.say(iq(`i${type}`, `<offer xmlns='${ns}'/>${error}`, { type }))
      mock.talk.say(iq(`i${type}`, '', { type }))
    }
    for (const type of ['error', 'unavailable', 'subscribe', 'probe']) {
      mock.talk.say(
        `<presence type='${type}' from='faust@localhost/r' to='files.localhost'>${error}</presence>`,
      )
      mock.talk.say(
        `<message type='${type}' from='faust@localhost/r' to='files.localhost' id='m'>${error}</message>`,
      )
    }
    expect(await said()).to.match(/^<iq type="result" id="settled"[^>]*\/>$/)
    expect(heard).to.deep.equal(['error', 'unavailable', 'subscribe', 'probe'])
  })

  it('ignores an offer that comes forwarded inside a message (case 8)', async () => {
    let offers = 0
    answer(mock.entity, { type: 'set', ns, name: 'offer', handle: () => void offers++ })
    const offer = iq('f', `<offer xmlns='${ns}'/>`)
    for (const wrap of ["<received xmlns='urn:xmpp:carbons:2'>", "<result xmlns='urn:xmpp:mam:2'>"]) {
      const end = `</${wrap.slice(1, wrap.indexOf(' '))}>`
      mock.talk.say(
        `<message from='faust@localhost' to='files.localhost'>${wrap}<forwarded xmlns='urn:xmpp:forward:0'>${offer}</forwarded>${end}</message>`,
      )
    }
    expect(await said()).not.to.contain('id="f"')
    expect(offers).to.equal(0)
  })

  it('says bad-request to an IQ of no or two children, and ignores one without an id or a sender (case 20)', async () => {
    answer(mock.entity, { type: 'set', ns, name: 'offer', handle: () => {} })
    const offer = `<offer xmlns='${ns}'/>`
    for (const [id, inside] of [
      ['none', ''],
      ['text', 'only text'],
      ['two', offer + offer],
    ] as const) {
      mock.talk.say(iq(id, inside))
      expect(await answerTo(mock.talk, id)).to.match(refusal('bad-request', 'modify'))
    }
    mock.talk.say(`<iq type='set' from='faust@localhost/r' to='files.localhost'>${offer}</iq>`)
    mock.talk.say(`<iq type='set' id='' from='faust@localhost/r' to='files.localhost'>${offer}</iq>`)
    mock.talk.say(`<iq type='set' id='nobody' to='files.localhost'>${offer}</iq>`)
    mock.talk.say(`<iq id='untyped' from='faust@localhost/r' to='files.localhost'>${offer}</iq>`)
    mock.talk.say(iq('badfrom', offer, { from: '@' }))
    mock.talk.say(iq('badfrom', offer, { from: 'a@b@c' }))
    // From a foreign address no answer may go out: the server would end our stream.
    mock.talk.say(iq('foreign', offer, { to: 'other.localhost' }))
    expect(await said()).not.to.match(/nobody|untyped|badfrom|foreign/)
    expect(figures(mock.entity).ignored).to.equal(7)
  })

  it('says policy-violation to stanzas over its caps, without echo, and goes on (cases 26, 27, 28)', async () => {
    const monsters = {
      quotes: `<a xmlns='${ns}' b='${'"'.repeat(250_000)}'/>`,
      deep: '<a>'.repeat(24_000) + '</a>'.repeat(24_000),
      wide: '<a/>'.repeat(30_000),
      attributes: `<a ${Array.from({ length: 1_000 }, (_, n) => `a${n}='1'`).join(' ')}/>`,
    }
    for (const [id, inside] of Object.entries(monsters)) {
      mock.talk.say(iq(id, inside))
      const text = await answerTo(mock.talk, id)
      expect(text).to.match(refusal('policy-violation', 'modify'))
      expect(text).to.contain('<stanza-too-big xmlns="urn:xmpp:errors"/>')
      expect(text.length).to.be.lessThan(400)
      for (const type of ['result', 'error']) mock.talk.say(iq(id, inside, { type }))
    }
    expect((await said()).split('<iq').length - 1).to.equal(5)
    expect(figures(mock.entity).oversize).to.equal(12)
  })

  it('says policy-violation when its own answer would be over the cap (case 34)', async () => {
    answer(mock.entity, {
      type: 'get',
      ns,
      name: 'list',
      handle: () => xml('list', { xmlns: ns, a: '"'.repeat(30_000) }),
    })
    mock.talk.say(iq('big', `<list xmlns='${ns}'/>`, { type: 'get' }))
    expect(await answerTo(mock.talk, 'big')).to.match(refusal('policy-violation', 'modify'))
  })

  it("carries a peer's signs in its answers as they were (case 35)", async () => {
    answer(mock.entity, {
      type: 'get',
      ns,
      name: 'echo',
      handle: (payload) => xml('echo', { xmlns: ns, a: payload.attrs.a }, payload.getText()),
    })
    mock.talk.say(
      iq(
        'e',
        `<echo xmlns='${ns}' a='&lt;&gt;&amp;&quot;&apos;&#10;&#9;'>]]&gt;&lt;/iq&gt;&amp;lt;\n\t"'</echo>`,
        { type: 'get' },
      ),
    )
    expect(await answerTo(mock.talk, 'e')).to.contain(
      `a="&lt;&gt;&amp;&quot;&apos;&#10;&#9;">]]&gt;&lt;/iq&gt;&amp;lt;\n\t"'</echo>`,
    )
    answer(mock.entity, {
      type: 'get',
      ns,
      name: 'bell',
      handle: () => xml('bell', { xmlns: ns, a: '\x07' }),
    })
    mock.talk.say(iq('b', `<bell xmlns='${ns}'/>`, { type: 'get' }))
    expect(await answerTo(mock.talk, 'b')).to.match(refusal('internal-server-error', 'cancel'))
  })

  it('answers once whatever its handler does: refuse, fail to read, throw, reject, never end (case 53)', async () => {
    let late: ((element?: undefined) => void) | undefined
    const handlers = {
      refuses: () => {
        throw Refused.by('not-found')
      },
      malformed: async () => {
        throw new Malformed('offer/file[1]', 'missing')
      },
      throws: () => {
        throw new Error('our bug, with a secret')
      },
      rejects: () => Promise.reject(new Error('our bug, with a secret')),
      'never-ends': () => new Promise<undefined>((resolve) => (late = resolve)),
    }
    for (const [name, handle] of Object.entries(handlers))
      answer(mock.entity, { type: 'set', ns, name, handle })
    const ask = async (name: string) => {
      mock.talk.say(iq(name, `<${name} xmlns='${ns}'/>`))
      return answerTo(mock.talk, name)
    }
    expect(await ask('refuses')).to.match(refusal('item-not-found', 'cancel'))
    const malformed = await ask('malformed')
    expect(malformed).to.match(refusal('bad-request', 'modify'))
    expect(malformed).to.contain('name="offer/file[1]"')
    for (const name of ['throws', 'rejects', 'never-ends']) {
      const text = await ask(name)
      expect(text).to.match(refusal('internal-server-error', 'cancel'))
      expect(text).not.to.contain('secret')
      const errorId = /<text[^>]*>([0-9a-f]{16})<\/text>/.exec(text)?.[1]
      expect(
        mock.lines.some(({ level, fields }) => level === 'error' && fields.errorId === errorId),
      ).to.equal(true)
    }
    late?.()
    const all = await said()
    for (const name of Object.keys(handlers)) expect(all.split(`id="${name}"`).length - 1).to.equal(1)
  })

  it('that was halted past the deadline says what its handlers have done, and nothing else of those that never end (case 53)', async () => {
    await mock.stop()
    mock = await mockComponent({ answerMs: 500, running: 2, queued: 2 })
    // What is under way outside of this thread goes on, as the disk does.
    const handle = () =>
      new Promise<void>((resolve) => {
        pbkdf2('a', 'b', 20_000, 64, 'sha512', () => resolve())
        setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2_000))
      })
    answer(mock.entity, { type: 'set', ns, name: 'recorded', handle })
    answer(mock.entity, { type: 'set', ns, name: 'lost', handle: () => new Promise<void>(() => {}) })
    mock.talk.say(iq('1', `<lost xmlns='${ns}'/>`))
    mock.talk.say(iq('2', `<recorded xmlns='${ns}'/>`))
    expect(await answerTo(mock.talk, '2')).to.contain('type="result"')
    expect(await answerTo(mock.talk, '1')).to.match(refusal('internal-server-error', 'cancel'))
    expect(figures(mock.entity)).to.include({ running: 0, queued: 0 })
  })

  it('runs so many handlers at once, lets so many wait, and tells the rest to come back (case 53)', async () => {
    await mock.stop()
    mock = await mockComponent({ answerMs: 60_000, running: 2, queued: 2 })
    const open: (() => void)[] = []
    let ran = 0
    answer(mock.entity, {
      type: 'set',
      ns,
      name: 'slow',
      handle: () => {
        ran++
        return new Promise<void>((resolve) => open.push(resolve))
      },
    })
    for (const id of ['1', '2', '3', '4', '5']) mock.talk.say(iq(id, `<slow xmlns='${ns}'/>`))
    const shed = await answerTo(mock.talk, '5')
    expect(shed).to.match(refusal('resource-constraint', 'wait'))
    expect(shed).to.contain('<retry ')
    expect(ran).to.equal(2)
    expect(figures(mock.entity)).to.include({ running: 2, queued: 2, shed: 1 })
    for (const id of ['1', '2', '3', '4']) {
      open.shift()?.()
      expect(await answerTo(mock.talk, id)).to.contain('type="result"')
    }
    expect(figures(mock.entity)).to.include({ running: 0, queued: 0 })
  })

  it('tells those that waited too long for a place to come back, and then has places again (cases 45 and 53)', async () => {
    await mock.stop()
    mock = await mockComponent({ answerMs: 500, running: 2, queued: 2 })
    answer(mock.entity, { type: 'set', ns, name: 'stuck', handle: () => new Promise<void>(() => {}) })
    for (const id of ['1', '2', '3']) mock.talk.say(iq(id, `<stuck xmlns='${ns}'/>`))
    const stuck = refusal('internal-server-error', 'cancel')
    expect(await answerTo(mock.talk, '1')).to.match(stuck)
    // There is a place now, and too little time left for it.
    const shed = await answerTo(mock.talk, '3')
    expect(shed).to.match(refusal('resource-constraint', 'wait'))
    expect(shed).to.contain('<retry ')
    expect(await answerTo(mock.talk, '2')).to.match(stuck)
    expect(figures(mock.entity)).to.include({ running: 0, queued: 0 })
  })
})
