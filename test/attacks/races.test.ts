/** Words that come in the same instant as a login: the sum of both is what either order would have brought. */

import { expect } from 'chai'
import { device, offer, sidOf, token } from './malicious-component.js'
import { openTown, type Town } from './town.js'

const [a, b] = ['a@evil.localhost/r', 'b@evil.localhost/r'] as const

describe('a login and a word in one piece', function () {
  this.timeout(180_000)
  let town: Town

  beforeEach(async () => {
    town = await openTown()
  })
  afterEach(() => town.close())

  it('bring the offer to the device that has just logged in (case 23, P19)', async () => {
    const { evil } = town
    await evil.logIn(a, device(1))
    const ids = Array.from({ length: 10 }, (_, i) => `offer-000${i}`)
    for (const id of ids) {
      const peer = `${id}@evil.localhost`
      evil.say(evil.presence(`${peer}/r`, device(2)) + evil.iq(a, offer(id, peer)))
    }
    // What comes behind them is answered and delivered behind them.
    await evil.logIn(b, device(2))
    await evil.ask(a, offer('offer-last', 'b@evil.localhost'))
    await evil.until(({ to, text }) => to === b && text.includes('<offer'))
    const undelivered = ids.filter(
      (id) => !evil.heard.some(({ to, text }) => to === `${id}@evil.localhost/r` && text.includes('<offer')),
    )
    expect(undelivered, 'never delivered').to.have.length(0)
  })

  it('never leave a receiver told that the sender is away, and not told that it is back (P19)', async () => {
    const { evil } = town
    await evil.logIn(a, device(1))
    await evil.logIn(b, device(2))
    await evil.ask(a, offer('offer-one', 'b@evil.localhost'))
    const sid = sidOf(await evil.until(({ to, text }) => to === b && text.includes('<offer')))
    const words = `sid='${sid}' xmlns='jabberfs:transfer:1'`
    await evil.ask(b, `<accept ${words} attempt='1'><connecting/>${token}</accept>`)
    evil.say(`<presence from='${a}' to='${evil.target}' type='unavailable'/>`)
    await evil.ask(b, `<timeout ${words} attempt='1'/>`)
    const id = evil.newId()
    const append = `<append ${words} attempt='2'><connecting/>${token}<filebytesdone>0</filebytesdone></append>`
    evil.say(evil.presence(a, device(1)) + evil.iq(b, append, id))
    const { text } = await evil.until((heard) => heard.id === id)
    if (!text.includes('recipient-unavailable')) return
    // Both are online for good now: `ready` is already on its way, or never comes.
    await evil.ask(b, `<timeout ${words} attempt='1'/>`)
    await evil.ask(b, `<timeout ${words} attempt='1'/>`)
    expect(evil.heard.some(({ to, text }) => to === b && text.includes('<ready'))).to.equal(true)
  })
})
