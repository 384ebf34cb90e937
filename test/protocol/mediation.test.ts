/** The rules of one transfer: every step of the table, what is refused, and what holds whatever is said in whatever order. */

import { expect } from 'chai'
import fc from 'fast-check'
import type { Event, Kind, Phase, Said, Transfer } from '../../protocol/mediation/index.js'
import {
  attemptOf,
  edges,
  isEnd,
  isRefusal,
  longestProposal,
  offered,
  offerStep,
  proposalEnds,
  propose,
  shortestProposal,
  step,
} from '../../protocol/mediation/index.js'

const author = { peer: 'faust@goethe.example', device: 'a'.repeat(64) }
const recipient = { peer: 'mephisto@goethe.example', device: 'b'.repeat(64) }
const othersDevice = { peer: recipient.peer, device: 'c'.repeat(64) }
const stranger = { peer: 'wagner@goethe.example', device: recipient.device }

const begin = (kind: Kind = 'offer') => propose({ sid: '0'.repeat(32), kind, author, recipient })

/** Takes steps that must not be refused. */
function then(state: Transfer, ...events: Event[]): Transfer {
  for (const event of events) {
    const outcome = step(state, event)
    if (isRefusal(outcome)) throw new Error(`${event.say} was refused: ${outcome.refuse}`)
    state = outcome.state
  }
  return state
}

/** What comes of one more step, in short. */
function told(state: Transfer, event: Event): string {
  const outcome = step(state, event)
  if (!isRefusal(outcome)) {
    return outcome.effects
      .map((effect) => {
        if (effect.do === 'refuse') return `refuse ${effect.with.refuse}`
        if (effect.do === 'forward') return `${effect.kept ? 'deliver' : 'mention'} to ${effect.to}`
        return effect.do === 'tell' ? `tell ${effect.to} ${effect.what}` : effect.do
      })
      .join(', ')
  }
  return outcome.refuse === 'unexpected-request'
    ? `${outcome.refuse} ${outcome.phase} ${outcome.attempt}`
    : outcome.refuse
}

const accept = (from = recipient, attempt = 1): Said => ({ say: 'accept', from, attempt })
const append = (attempt: number, from = recipient, senderHere = true): Said => ({
  say: 'append',
  from,
  attempt,
  senderHere,
})
const complete = (attempt: number, from = recipient): Said => ({ say: 'complete', from, attempt })
const abort = (from = recipient, attempt?: number): Said => ({ say: 'abort', from, attempt })
const decline = (from = recipient): Said => ({ say: 'decline', from })
const counter = (from = recipient, digest = 'd'): Said => ({ say: 'offer', from, digest })

describe('the rules of a transfer', () => {
  describe('who may do what', () => {
    it('a third party, and another device of a party, get item-not-found in every phase (case 2, P9)', () => {
      const phases = [
        begin(),
        then(begin('request'), counter()),
        then(begin(), accept()),
        then(begin(), accept(), abort(author)),
        then(begin(), accept(), complete(1)),
        then(begin(), decline()),
      ]
      for (const state of phases) {
        for (const from of [stranger, othersDevice, { peer: 'mephisto', device: '' }]) {
          for (const event of [
            accept(from),
            decline(from),
            append(2, from),
            complete(1, from),
            abort(from),
          ]) {
            expect(told(state, event)).to.equal('item-not-found')
          }
        }
      }
    })

    it('its author does not accept or decline what it offered itself (case 4)', () => {
      expect(told(begin(), accept(author))).to.equal('forbidden')
      expect(told(begin(), decline(author))).to.equal('forbidden')
      expect(told(begin('request'), accept(author))).to.equal('forbidden')
    })

    it('only the receiving side appends and completes', () => {
      expect(told(then(begin(), accept()), append(2, author))).to.equal('forbidden')
      expect(told(then(begin(), accept()), complete(1, author))).to.equal('forbidden')
      expect(told(then(begin('request'), accept()), complete(1, recipient))).to.equal('forbidden')
      expect(told(then(begin('request'), accept()), complete(1, author))).to.equal(
        'store, reply, deliver to recipient',
      )
    })

    it('who opened an attempt does not answer it', () => {
      const state = then(begin(), accept())
      expect(told(state, { say: 'listening', from: author, attempt: 1 })).to.equal(
        'reply, mention to recipient',
      )
      expect(told(state, { say: 'listening', from: recipient, attempt: 1 })).to.equal('forbidden')
    })

    it('another file is put forward for a request only, and its author takes it or says block', () => {
      expect(told(begin(), counter())).to.equal('forbidden')
      const countered = then(begin('request'), counter())
      expect(countered.phase).to.equal('countered')
      expect(told(countered, accept(author))).to.equal('store, reply, deliver to recipient')
      expect(told(countered, accept(recipient))).to.equal('forbidden')
      expect(then(countered, decline(author)).phase).to.equal('declined')
    })
  })

  describe('saying it again', () => {
    it('an accept said twice gets the same result and is recorded once (case 12)', () => {
      const state = then(begin(), accept())
      expect(told(state, accept())).to.equal('reply, mention to author')
      expect(then(state, accept())).to.deep.equal(state)
    })

    it('an append said twice gets the same result, and its addresses are sent on again', () => {
      const state = then(begin(), accept(), append(2))
      expect(told(state, append(2))).to.equal('reply, mention to author')
    })

    it('the same file put forward twice is one, another one is a conflict (cases 10 and 11)', () => {
      const state = then(begin('request'), counter())
      expect(told(state, counter())).to.equal('reply')
      expect(told(state, counter(recipient, 'other'))).to.equal('conflict')
    })

    it('complete, decline and abort said twice get the same result', () => {
      expect(told(then(begin(), accept(), complete(1)), complete(1))).to.equal('reply')
      expect(told(then(begin(), decline()), decline())).to.equal('reply')
      expect(told(then(begin(), abort(author)), abort(author))).to.equal('reply')
      expect(told(then(begin(), accept(), abort(author)), abort(author))).to.equal('reply')
    })
  })

  describe('the wrong moment', () => {
    it('accept after decline, abort or complete is refused with the state (cases 12 and 15)', () => {
      expect(told(then(begin(), decline()), accept())).to.equal('unexpected-request declined 0')
      expect(told(then(begin(), abort(author)), accept())).to.equal('unexpected-request aborted 0')
      const done = then(begin(), accept(), append(2), complete(2))
      expect(told(done, accept())).to.equal('unexpected-request complete 2')
      expect(told(done, append(2))).to.equal('unexpected-request complete 2')
      expect(told(done, append(3))).to.equal('unexpected-request complete 2')
    })

    it('an older attempt is told the current one', () => {
      const state = then(begin(), accept(), append(2), append(3))
      expect(told(state, accept())).to.equal('unexpected-request running 3')
      expect(told(state, append(2))).to.equal('unexpected-request running 3')
      expect(told(state, { say: 'timeout', from: author, attempt: 2 })).to.equal(
        'unexpected-request running 3',
      )
      expect(told(state, complete(2))).to.equal('unexpected-request running 3')
      expect(told(state, append(5))).to.equal('unexpected-request running 3')
    })

    it('no address is taken before the accept (case 68, P8)', () => {
      expect(told(begin(), { say: 'listening', from: author, attempt: 1 })).to.equal(
        'unexpected-request proposed 0',
      )
      expect(told(begin(), append(1))).to.equal('unexpected-request proposed 0')
    })
  })

  describe('ends', () => {
    it("a sender's abort waits for the receiver's word, which may be complete (case 13, P6)", () => {
      const aborting = then(begin(), accept(), abort(author))
      expect(aborting.phase).to.equal('aborting')
      expect(then(aborting, complete(1)).phase).to.equal('complete')
      expect(then(aborting, abort()).phase).to.equal('aborted')
      expect(told(then(aborting, complete(1)), abort(author))).to.equal('unexpected-request complete 1')
    })

    it("a receiver's abort is the end at once", () => {
      expect(then(begin(), accept(), abort()).phase).to.equal('aborted')
      expect(then(begin('request'), accept(), abort(author)).phase).to.equal('aborted')
    })

    it('an aborting transfer that nobody speaks of any more ends as aborted', () => {
      const state = then(begin(), accept(), abort(author), { say: 'expire', from: 'component' })
      expect(state.phase).to.equal('aborted')
    })
  })

  describe('a sender that is away', () => {
    it('is owed one ready, however often it was asked for', () => {
      const state = then(begin(), accept())
      expect(told(state, append(2, recipient, false))).to.equal('store, refuse recipient-unavailable')
      const owed = then(state, append(2, recipient, false))
      expect(told(owed, append(2, recipient, false))).to.equal('refuse recipient-unavailable')
      expect(attemptOf(owed)).to.equal(1)
      expect(told(owed, { say: 'back', from: 'component' })).to.equal('store, tell recipient ready')
      expect(
        told(then(owed, { say: 'back', from: 'component' }), { say: 'back', from: 'component' }),
      ).to.equal('')
    })

    it('is owed none any more once an attempt has found it there', () => {
      const found = then(begin(), accept(), append(2, recipient, false), append(2))
      expect(told(found, { say: 'back', from: 'component' })).to.equal('')
    })
  })

  it('an abort that names another attempt than the one that runs ends nothing, whoever says it (case 15)', () => {
    const running = then(begin(), accept(), append(2))
    for (const from of [author, recipient]) {
      expect(told(running, abort(from, 1))).to.equal('unexpected-request running 2')
    }
  })

  it('every step of the table is taken by its rule, and leads where the table says', () => {
    const reached: Record<Phase, Transfer | undefined> = {
      proposed: begin('request'),
      countered: then(begin('request'), counter()),
      running: then(begin('request'), accept()),
      aborting: then(begin('request'), accept(), abort(recipient)),
      complete: undefined,
      declined: undefined,
      aborted: undefined,
      taken: undefined,
      expired: undefined,
    }
    const parties = { author, recipient, sending: recipient, receiving: author, answering: author }
    for (const [phase, actions] of Object.entries(edges)) {
      for (const [say, roles] of Object.entries(actions)) {
        for (const [role, to] of Object.entries(roles)) {
          const from = role === 'component' ? role : parties[role as keyof typeof parties]
          const event = {
            say,
            from,
            attempt: say === 'append' ? 2 : 1,
            digest: 'd',
            senderHere: true,
          } as Event
          expect(then(reached[phase as Phase]!, event).phase, `${phase} ${say} ${role}`).to.equal(to)
        }
      }
    }
  })

  describe('whatever is said in whatever order', () => {
    const parties = [author, recipient, stranger, othersDevice]
    const from = fc.constantFrom(...parties)
    const attempt = fc.integer({ min: 1, max: 4 })
    const event: fc.Arbitrary<Event> = fc.oneof(
      fc.record({
        say: fc.constantFrom('accept' as const, 'listening', 'connecting', 'timeout', 'complete'),
        from,
        attempt,
      }),
      fc.record({ say: fc.constant('append' as const), from, attempt, senderHere: fc.boolean() }),
      fc.record({
        say: fc.constant('abort' as const),
        from,
        attempt: fc.option(attempt, { nil: undefined }),
      }),
      fc.record({ say: fc.constant('decline' as const), from }),
      fc.record({ say: fc.constant('offer' as const), from, digest: fc.constantFrom('d', 'e') }),
      fc.record({
        say: fc.constantFrom('take' as const, 'expire', 'back'),
        from: fc.constant('component' as const),
      }),
    )
    const story = fc.tuple(
      fc.constantFrom<Kind>('offer', 'request'),
      fc.array(event, { maxLength: 30, size: 'max' }),
    )

    it('an end is never left, attempts only grow, and who is bound never changes (P6, P9)', () => {
      fc.assert(
        fc.property(story, ([kind, events]) => {
          let state: Transfer = begin(kind)
          for (const each of events) {
            const outcome = step(state, each)
            if (isRefusal(outcome)) continue
            if (isEnd(state.phase)) expect(outcome.state).to.deep.equal(state)
            expect(attemptOf(outcome.state)).to.be.within(attemptOf(state), attemptOf(state) + 1)
            expect(outcome.state).to.include({ sid: state.sid, kind: state.kind })
            expect([outcome.state.author, outcome.state.recipient]).to.deep.equal([author, recipient])
            state = outcome.state
          }
        }),
      )
    })

    it('what changed is stored before anything is said of it, and what did not change is not stored (P7)', () => {
      fc.assert(
        fc.property(story, ([kind, events]) => {
          let state: Transfer = begin(kind)
          for (const each of events) {
            const outcome = step(state, each)
            if (isRefusal(outcome)) continue
            const order = outcome.effects.map((effect) => effect.do)
            const changed = JSON.stringify(outcome.state) !== JSON.stringify(state)
            expect(order.filter((what) => what === 'store')).to.have.lengthOf(changed ? 1 : 0)
            if (changed) expect(order[0]).to.equal('store')
            if (each.from !== 'component') {
              expect(order.filter((what) => what === 'reply' || what === 'refuse')).to.have.lengthOf(1)
            }
            state = outcome.state
          }
        }),
      )
    })

    it('what was taken is taken again with the same answer and changes nothing', () => {
      fc.assert(
        fc.property(story, ([kind, events]) => {
          let state: Transfer = begin(kind)
          for (const each of events) {
            const outcome = step(state, each)
            if (isRefusal(outcome)) continue
            const again = step(outcome.state, each)
            if (each.from !== 'component' && outcome.effects.some((effect) => effect.do === 'reply')) {
              if (isRefusal(again)) throw new Error(`${each.say} was refused the second time`)
              expect(again.state).to.deep.equal(outcome.state)
              expect(again.effects).to.deep.include({ do: 'reply' })
              expect(again.effects).not.to.deep.include({ do: 'store' })
            }
            state = outcome.state
          }
        }),
      )
    })

    it('is plain JSON at every moment', () => {
      fc.assert(
        fc.property(story, ([kind, events]) => {
          let state: Transfer = begin(kind)
          for (const each of events) {
            const outcome = step(state, each)
            if (!isRefusal(outcome)) state = outcome.state
            expect(JSON.parse(JSON.stringify(state))).to.deep.equal(state)
          }
        }),
      )
    })
  })
})

describe('the sum of an offer over its devices', () => {
  const moved = (to: Phase, from: Phase = 'proposed') => ({ what: 'moved', from, to }) as const
  const delivered = { what: 'delivered' } as const

  it('the first accept takes it from the others, unless it is for every device', () => {
    const one = offerStep(offerStep(offered(false), delivered).state, delivered).state
    expect(offerStep(one, moved('running'))).to.include({ takeOthers: true, over: false })
    expect(offerStep(one, moved('running')).state.open).to.equal(false)
    const every = { ...one, every: true }
    expect(offerStep(every, moved('running'))).to.include({ takeOthers: false })
    expect(offerStep(every, moved('running')).state.open).to.equal(true)
  })

  it('is over when all devices it reached have said no, and is so once', () => {
    let state = offerStep(offerStep(offered(false), delivered).state, delivered).state
    const first = offerStep(state, moved('declined'))
    expect(first.over).to.equal(false)
    state = first.state
    const second = offerStep(state, moved('declined'))
    expect(second).to.deep.include({ over: true })
    expect(second.state.open).to.equal(false)
    expect(offerStep(second.state, { what: 'expired' }).over).to.equal(false)
  })

  it('is not over by a refusal after bytes have moved', () => {
    const running = offerStep(offerStep(offered(true), delivered).state, moved('running')).state
    expect(offerStep(running, moved('aborted', 'running'))).to.include({ over: false })
  })
})

describe('how long the component waits', () => {
  it('clamps what an author asks for, whatever it is (case 50, P21)', () => {
    const now = Date.UTC(2026, 0, 1)
    for (const asked of [0, -1, 1e12 * 1e3, Number.NaN, Number.POSITIVE_INFINITY, now - 1, now + 1e12]) {
      expect(proposalEnds(now, asked)).to.be.within(now + shortestProposal, now + longestProposal)
    }
    expect(proposalEnds(now)).to.equal(now + longestProposal)
    fc.assert(
      fc.property(fc.double(), (asked) => {
        expect(proposalEnds(now, asked)).to.be.within(now + shortestProposal, now + longestProposal)
      }),
    )
  })
})
