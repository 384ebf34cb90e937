/** Requests: what counts as an answer, and what becomes of those that get none. */
import { expect } from 'chai'
import { xml } from '../../schemas/xml.js'
import { figures, newId, RequestFailed, RequestRefused, request, Unsendable } from '../../wire/index.js'
import { type MockComponent, mockComponent } from './mock-component.js'

const alice = 'alice@example.org/Phone'
const ask = (entity: MockComponent['entity'], more: object = {}) =>
  request(entity, { to: alice, type: 'get', payload: xml('q', { xmlns: 'urn:q' }), ...more })
const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.fail('it was answered'),
    (error) => error,
  )

describe('a request', () => {
  let mock: MockComponent
  beforeEach(async () => {
    mock = await mockComponent()
  })
  afterEach(() => mock.stop())
  const idHeard = async () => (await mock.talk.hear(/<iq [^>]*id="([^"]+)"[^>]*>.*?<\/iq>/))[1] as string

  it('is answered by the one that was asked, and by nobody else, whatever the id says (case 5)', async () => {
    const asked = ask(mock.entity)
    const id = await idHeard()
    for (const from of [
      'mallory@evil/x',
      'alice@example.org',
      'alice@example.org/phone',
      'example.org',
      'files.localhost',
      '@',
      '',
    ]) {
      mock.talk.say(`<iq type='result' id='${id}' from='${from}' to='files.localhost'><forged/></iq>`)
      mock.talk.say(
        `<iq type='error' id='${id}' from='${from}' to='files.localhost'><error type='cancel'/></iq>`,
      )
    }
    mock.talk.say(`<iq type='result' id='${id}' to='files.localhost'><forged/></iq>`)
    mock.talk.say(`<iq type='result' id='${id}x' from='${alice}' to='files.localhost'><forged/></iq>`)
    mock.talk.say(
      `<iq type='result' id='${id}' from='Alice@EXAMPLE.org/Phone' to='files.localhost'><true/></iq>`,
    )
    expect((await asked)?.name).to.equal('true')
    expect(figures(mock.entity).strayReplies).to.equal(16)
    // A second answer finds nobody waiting.
    mock.talk.say(`<iq type='result' id='${id}' from='${alice}' to='files.localhost'/>`)
  })

  it('has an id of 128 random bits: a million differ, and each bit is set in half of them (case 6)', () => {
    const ids = new Set<string>()
    const ones = new Uint32Array(32)
    for (let n = 0; n < 1_000_000; n++) {
      const id = newId()
      ids.add(id)
      if (n < 10_000) for (let at = 0; at < 32; at++) ones[at]! += Number.parseInt(id[at]!, 16) & 1
    }
    expect(ids.size).to.equal(1_000_000)
    for (const id of [...ids].slice(0, 100)) expect(id).to.match(/^[0-9a-f]{32}$/)
    // 10,000 tosses: 500 away from the middle is ten standard deviations.
    for (const count of ones) expect(count).to.be.within(4_500, 5_500)
  })

  it('is refused at once by an error without an error element, and fulfilled by a result without a child (case 7)', async () => {
    const bare = failure(ask(mock.entity))
    mock.talk.say(`<iq type='error' id='${await idHeard()}' from='${alice}' to='files.localhost'/>`)
    const refused = await bare
    expect(refused).to.be.instanceOf(RequestRefused)
    expect([refused.condition, refused.type]).to.deep.equal(['undefined-condition', 'cancel'])
    const empty = ask(mock.entity)
    mock.talk.say(`<iq type='result' id='${await idHeard()}' from='${alice}' to='files.localhost'/>`)
    expect(await empty).to.equal(undefined)
  })

  it('is refused with the condition, type and application condition of the error', async () => {
    const asked = failure(ask(mock.entity))
    mock.talk.say(
      `<iq type='error' id='${await idHeard()}' from='${alice}' to='files.localhost'><q xmlns='urn:q'/><error type='wait'><resource-constraint xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/><retry xmlns='jabberfs:transfer:1' after='5'/></error></iq>`,
    )
    const { condition, type, app } = await asked
    expect({ condition, type, app }).to.deep.equal({
      condition: 'resource-constraint',
      type: 'wait',
      app: { name: 'retry', afterSeconds: 5 },
    })
  })

  it('ends by its own time, by its signal, or with the connection, and leaves nothing behind (cases 7, 42)', async () => {
    expect((await failure(ask(mock.entity, { timeoutMs: 20 }))).code).to.equal('timeout')
    const control = new AbortController()
    const aborted = failure(ask(mock.entity, { signal: control.signal }))
    control.abort()
    expect((await aborted).code).to.equal('aborted')
    expect((await failure(ask(mock.entity, { signal: control.signal }))).code).to.equal('aborted')
    const lost = failure(ask(mock.entity))
    await idHeard()
    mock.talk.say("<iq type='res")
    mock.talk.socket.resetAndDestroy()
    const error = await lost
    expect(error).to.be.instanceOf(RequestFailed)
    expect(error.code).to.equal('disconnected')
    expect((await failure(ask(mock.entity))).code).to.equal('disconnected')
    expect(figures(mock.entity).pending).to.equal(0)
  })

  it('fails when the answer is over our caps: it is never built (case 28)', async () => {
    const asked = failure(ask(mock.entity))
    mock.talk.say(
      `<iq type='result' id='${await idHeard()}' from='${alice}' to='files.localhost'>${'<a/>'.repeat(30_000)}</iq>`,
    )
    expect((await asked).code).to.equal('bad-answer')
  })

  it('is not sent when it is over the cap of what we write, or has characters that XML lacks (cases 34, 35)', async () => {
    const big = await failure(
      ask(mock.entity, { payload: xml('q', { xmlns: 'urn:q', a: '"'.repeat(25_000) }) }),
    )
    expect(big).to.be.instanceOf(Unsendable)
    expect(big.code).to.equal('stanza-too-big')
    for (const bad of ['\x00', '\x1b', '\ufffe', '\ud800']) {
      expect(
        (await failure(ask(mock.entity, { payload: xml('q', { xmlns: 'urn:q', a: bad }) }))).code,
      ).to.equal('illegal-characters')
    }
    expect(mock.talk.all).not.to.contain('urn:q')
    expect(figures(mock.entity).pending).to.equal(0)
  })
})
