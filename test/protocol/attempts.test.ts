/** The rules of attempts: exactly one at a time, numbers that are never said twice, bounded waits, and no dead end. */

import { expect } from 'chai'
import fc from 'fast-check'
import {
  accepted,
  accepting,
  answersListening,
  edges,
  judgeOpening,
  longestWait,
  opensListening,
  type Receiving,
  type ReceivingEvent,
  shortestWait,
  stepReceiving,
  takenUp,
  waitAfter,
} from '../../protocol/attempts/index.js'
import { seed } from '../seed.js'

const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })

const words = [...new Set(Object.values(edges).flatMap((ways) => Object.keys(ways)))]

/** What may happen next: mostly something that leads somewhere, so that every place is come to. */
const anyPick = fc.record({
  isLegal: fc.constantFrom(true, true, true, false),
  word: fc.nat(),
  attempt: fc.integer({ min: 1, max: 1_000 }),
  listened: fc.boolean(),
  progressed: fc.boolean(),
  chance,
})
type Picked = typeof anyPick extends fc.Arbitrary<infer P> ? P : never
const anyCourse = fc.array(anyPick, { maxLength: 60, size: 'max' })

function eventIn(place: Receiving['place'], { isLegal, word, ...values }: Picked): ReceivingEvent {
  const legal = Object.keys(edges[place])
  const from = isLegal && legal.length > 0 ? legal : words
  return { is: from[word % from.length], ...values } as ReceivingEvent
}
const anyStart = fc.oneof(
  fc.constant(accepting()),
  fc.constant(accepted()),
  fc
    .tuple(fc.integer({ min: 1, max: 99 }), fc.boolean())
    .map(([attempt, recorded]) => takenUp(attempt, recorded)),
)

describe(`attempts of the receiving side, seed ${seed}`, () => {
  it('are opened one at a time, never while a link is looked for or bytes move (case 80)', () => {
    fc.assert(
      fc.property(anyStart, anyCourse, (start, picks) => {
        let state = start
        for (const pick of picks) {
          const event = eventIn(state.place, pick)
          const before = state.place
          const { state: next, effects } = stepReceiving(state, event)
          if (effects.some((effect) => effect.do === 'open')) {
            expect(before).to.be.oneOf(['opening', 'waiting', 'paused'])
            expect(next.place).to.equal('opening')
            expect(next.recorded).to.equal(false)
          }
          const leaves = ['linking', 'moving'].includes(before) && ['waiting', 'paused'].includes(next.place)
          if (leaves) expect(effects).to.deep.include({ do: 'close' })
          state = next
        }
      }),
      { seed },
    )
  })

  it('never say a number again that was recorded, unless the component says where it is (case 15)', () => {
    fc.assert(
      fc.property(anyStart, anyCourse, (start, picks) => {
        let state = start
        let recorded = start.recorded ? start.attempt : start.attempt - 1
        for (const pick of picks) {
          const event = eventIn(state.place, pick)
          const { state: next, effects } = stepReceiving(state, event)
          if (next !== state && event.is === 'behind') recorded = event.attempt
          if (next !== state && event.is === 'recorded') {
            expect(next.attempt).to.be.greaterThan(recorded)
            recorded = next.attempt
          }
          if (effects.some((effect) => effect.do === 'open')) expect(next.attempt).to.equal(recorded + 1)
          state = next
        }
      }),
      { seed },
    )
  })

  it('wait between one second and a minute, whatever happens (P21)', () => {
    fc.assert(
      fc.property(anyStart, anyCourse, (start, picks) => {
        let state = start
        for (const pick of picks) {
          const event = eventIn(state.place, pick)
          const { state: next, effects } = stepReceiving(state, event)
          for (const effect of effects) {
            if (effect.do === 'wait') expect(effect.ms).to.be.within(shortestWait, longestWait)
          }
          state = next
        }
      }),
      { seed },
    )
  })

  it('can always still come to an end well: nothing is stuck (P19)', () => {
    const help: Record<Receiving['place'], ReceivingEvent> = {
      opening: { is: 'recorded' },
      linking: { is: 'linked' },
      moving: { is: 'proven' },
      placing: { is: 'placed' },
      waiting: { is: 'due' },
      paused: { is: 'resume' },
      placed: { is: 'placed' },
    }
    fc.assert(
      fc.property(anyStart, anyCourse, (start, picks) => {
        let state = picks.reduce(
          (state, pick) => stepReceiving(state, eventIn(state.place, pick)).state,
          start,
        )
        for (let steps = 0; steps < 7 && state.place !== 'placed'; steps++) {
          state = stepReceiving(state, help[state.place]).state
        }
        expect(state.place).to.equal('placed')
      }),
      { seed },
    )
  })

  it('are not taken up by the other side’s word when the pause was ours', () => {
    const moving = [{ is: 'recorded' }, { is: 'linked' }] as const
    const run = (events: readonly ReceivingEvent[]) =>
      events.reduce((state, event) => stepReceiving(state, event).state, accepting())
    expect(run([...moving, { is: 'pause' }, { is: 'nudged' }]).place).to.equal('paused')
    expect(run([...moving, { is: 'stopped' }, { is: 'nudged' }]).place).to.equal('opening')
  })

  it('wait longer the more of them brought nothing, and begin anew after one that did', () => {
    const waits = [1, 2, 3, 4, 5, 6, 7, 8, 1_000].map((failures) => waitAfter(failures, 0))
    expect(waits).to.deep.equal([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000])
    let state = stepReceiving({ ...accepted(), failures: 9 }, { is: 'linked' }).state
    state = stepReceiving(state, { is: 'broke', progressed: true, chance: 0 }).state
    expect(state.failures).to.equal(1)
  })

  it('count those in a row that brought nothing, also where bytes moved for a while', () => {
    const moving = { ...accepted(), place: 'moving', failures: 4 } as const
    expect(stepReceiving(moving, { is: 'broke', progressed: false, chance: 0 }).state.failures).to.equal(5)
    const linking = { ...accepted(), failures: 4 }
    expect(stepReceiving(linking, { is: 'noLink', listened: true, chance: 0 }).state.failures).to.equal(5)
  })

  it('come sooner after a sign of life, and less soon after several that brought nothing; never later than they would', () => {
    const hastened = (failures: number) =>
      stepReceiving({ ...accepted(), place: 'waiting', failures }, { is: 'lifeSign' }).effects
    expect(hastened(3)).to.deep.equal([{ do: 'wait', ms: 1_000, atMost: true }])
    expect(hastened(4)).to.deep.equal([{ do: 'wait', ms: 8_000, atMost: true }])
  })

  it('remember who listened, and whether nobody came: that chooses the sides of the next', () => {
    const linking = accepted()
    const waiting = stepReceiving(linking, { is: 'noLink', listened: true, chance: 0 })
    expect(waiting.state.before).to.deep.equal({ listened: true, timedOut: true })
    expect(waiting.effects).to.deep.include({ do: 'wait', ms: 1_000 })
    const moving = { ...waiting.state, place: 'moving' } as const
    const broke = { is: 'broke', progressed: true, chance: 0 } as const
    expect(stepReceiving(moving, broke).state.before).to.deep.equal({ listened: true, timedOut: false })
    expect(stepReceiving({ ...linking, place: 'moving' }, broke).state.before).to.equal(undefined)
  })

  it('have the same number again where the sender was away, and where it was said and never recorded', () => {
    const numbers = (words: readonly ReceivingEvent['is'][], start = accepting()) =>
      words.reduce(
        (state, is) => stepReceiving(state, { is, listened: true, chance: 0 } as ReceivingEvent).state,
        start,
      ).attempt
    expect(numbers(['senderAway', 'ready'])).to.equal(1)
    expect(numbers(['unsaid', 'loggedIn'])).to.equal(1)
    expect(numbers(['pause', 'resume'])).to.equal(1)
    expect(numbers(['noLink', 'due'], accepted())).to.equal(2)
    expect(numbers(['recorded', 'noLink', 'due', 'senderAway', 'ready'])).to.equal(2)
  })

  it('have an edge for every event that can be said in a place, and none leads nowhere', () => {
    const places = new Set(Object.keys(edges))
    for (const steps of Object.values(edges)) {
      for (const place of Object.values(steps)) expect(places).to.include(place)
    }
  })
})

describe('the choice of sides', () => {
  const alternate = { sides: 'alternate', canListen: true } as const
  const both = { sides: 'both', canListen: true } as const

  it('changes after a timeout, and only then, where one side listens an attempt (2002)', () => {
    expect(opensListening(alternate)).to.equal(true)
    expect(opensListening(alternate, { listened: true, timedOut: true })).to.equal(false)
    expect(opensListening(alternate, { listened: false, timedOut: true })).to.equal(true)
    expect(opensListening(alternate, { listened: true, timedOut: false })).to.equal(true)
  })

  it('makes the other side listen where one cannot', () => {
    expect(answersListening(alternate, false)).to.equal(true)
    expect(answersListening(alternate, true)).to.equal(false)
    expect(opensListening({ ...both, canListen: false })).to.equal(false)
    expect(answersListening({ ...both, canListen: false }, false)).to.equal(false)
  })

  it('lets both listen otherwise', () => {
    expect(opensListening(both, { listened: true, timedOut: true })).to.equal(true)
    expect(answersListening(both, true)).to.equal(true)
  })
})

describe('an attempt as the sending side sees it', () => {
  const opening = (attempt: number, token = 'aa') => ({ attempt, isWhole: true, token })

  it('fences an earlier one, and is nothing where it is the earlier one (case 80, case 15)', () => {
    expect(judgeOpening(opening(3), 2, { attempt: 2, token: 'bb' })).to.equal('serve')
    expect(judgeOpening(opening(2), 3, { attempt: 3, token: 'bb' })).to.equal('stale')
    expect(judgeOpening({ attempt: 2, isWhole: false, token: undefined }, 3, undefined)).to.equal('stale')
  })

  it('is served although it is the earlier one, where the component was set back: it has addresses, and nothing is open', () => {
    expect(judgeOpening(opening(2), 3, undefined)).to.equal('serve')
  })

  it('is served once where it is said twice, and anew where its token is another', () => {
    expect(judgeOpening(opening(2), 2, { attempt: 2, token: 'aa' })).to.equal('again')
    expect(judgeOpening(opening(2, 'cc'), 2, { attempt: 2, token: 'aa' })).to.equal('serve')
  })

  it('is void where its addresses were lost on the way, unless it is being served', () => {
    const lost = { attempt: 2, isWhole: false, token: undefined }
    expect(judgeOpening(lost, 2, undefined)).to.equal('void')
    expect(judgeOpening(lost, 2, { attempt: 2, token: 'aa' })).to.equal('again')
  })
})
