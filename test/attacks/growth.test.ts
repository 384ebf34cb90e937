/** What two accomplices can make the component keep. */

import Database from 'better-sqlite3'
import { expect } from 'chai'
import { Buckets } from '../../component/limits/buckets.js'
import { device, offer, sidOf, token } from './malicious-component.js'
import { openTown, type Town } from './town.js'

const [a, b] = ['a@evil.localhost/r', 'b@evil.localhost/r'] as const

describe('two accomplices', function () {
  this.timeout(180_000)
  let town: Town

  beforeEach(async () => {
    town = await openTown()
    await town.evil.logIn(a, device(1))
    await town.evil.logIn(b, device(2))
  })
  afterEach(() => town.close())

  async function count(sql: string): Promise<number> {
    await town.stage.component.stop()
    const db = new Database(`${town.stage.state}/component.sqlite`, { readonly: true })
    const found = db.prepare(sql).pluck().get() as number
    db.close()
    return found
  }

  it('cannot pile up words of one transfer for a device that says “later” to all (case 51, P16)', async () => {
    const { evil } = town
    await evil.ask(a, offer('offer-one', 'b@evil.localhost'))
    const sid = sidOf(await evil.until(({ to, text }) => to === b && text.includes('<offer')))
    const words = `sid='${sid}' xmlns='jabberfs:transfer:1'`
    evil.manner = 'wait'
    await evil.ask(b, `<accept ${words} attempt='1'><connecting/>${token}</accept>`)
    for (let attempt = 2; attempt <= 100; attempt++) {
      const more = `<connecting/>${token}<filebytesdone>0</filebytesdone>`
      await evil.ask(b, `<append ${words} attempt='${attempt}'>${more}</append>`)
    }
    expect(await count('select count(*) from outbox')).to.be.at.most(16)
  })

  it('leave one word of an offer that is taken back before the device takes anything (case 51, P16)', async () => {
    const { evil } = town
    evil.manner = 'wait'
    for (let i = 10; i < 50; i++) {
      await evil.ask(a, offer(`offer-${i}`, 'b@evil.localhost'))
      const taken = await evil.ask(a, `<abort xmlns='jabberfs:transfer:1' id='offer-${i}'/>`)
      expect(taken).not.to.contain('<error')
    }
    // Those that were taken back before they were brought to anybody leave none.
    expect(
      await count('select max(words) from (select count(*) as words from outbox group by sid)'),
    ).to.equal(1)
  })

  it('cannot have more offers kept by accepting them all (case 48, P16)', async () => {
    const { evil } = town
    evil.manner = (heard) => {
      if (heard.to === b && heard.text.includes('<offer')) {
        const words = `sid='${sidOf(heard)}' xmlns='jabberfs:transfer:1'`
        evil.say(evil.iq(b, `<accept ${words} attempt='1'><connecting/>${token}</accept>`))
      }
      return 'result'
    }
    for (let i = 0; i < 3_000; i += 8) {
      const ask = (n: number) => evil.ask(a, offer(`offer-${i + n}-xx`, 'b@evil.localhost'))
      await Promise.all(Array.from({ length: 8 }, (_, n) => ask(n)))
    }
    expect(await count('select count(*) from offer')).to.be.at.most(2_048 + 512)
  })

  it('cannot write stray signs or a page a time into the log (case 106, P14)', async () => {
    const { evil, log } = town
    const ns = 'urn:ietf:params:xml:ns:xmpp-stanzas'
    const text = `\u009b31m\u202e\u2028${'x'.repeat(40_000)}`
    evil.manner = ({ from, to, id }) => {
      evil.say(
        `<iq type='error' from='${to}' to='${from}' id='${id}'><error type='cancel'><bad-request xmlns='${ns}'/><text xmlns='${ns}'>${text}</text></error></iq>`,
      )
      return 'silent'
    }
    await evil.ask(a, offer('offer-one', 'b@evil.localhost'))
    await evil.until(({ to, text }) => to === b && text.includes('<offer'))
    await town.stage.component.stop()
    expect(log).not.to.be.empty
    for (const line of log) {
      expect(line.trimEnd()).not.to.match(/[\p{C}\p{Zl}\p{Zp}]/u)
      expect(line.length).to.be.below(1_000)
    }
  })
})

describe('a crowd of addresses', () => {
  it('does not make each new one cost a look at all of them (case 44, P17)', () => {
    const buckets = new Buckets({ perSecond: 50, burst: 500 })
    for (let i = 0; i < 50_000; i++) buckets.take(`early ${i}`, 1_000)
    // The best of a few: a machine that does something else meanwhile says nothing of us.
    const rounds = Array.from({ length: 8 }, (_, round) => {
      const began = performance.now()
      for (let i = 0; i < 1_000; i++) buckets.take(`late ${round} ${i}`, 1_001)
      return performance.now() - began
    })
    expect(Math.min(...rounds), 'ms for a thousand').to.be.below(400)
  })
})
