/** Which path is taken, and when: the rule alone, with a clock of its own. */

import { expect } from 'chai'
import fc from 'fast-check'
import {
  classOf,
  mayBegin,
  mayTake,
  nextChange,
  type PathKind,
  pathKinds,
  patience,
  patienceLately,
  punchWaits,
  type Situation,
  toTake,
} from '../../protocol/paths.js'

const all: Situation = { since: 0, straightLeft: true, relaysLeft: true }
const passed = (...kinds: PathKind[]): { kind: PathKind }[] => kinds.map((kind) => ({ kind }))

/** When a connection of this kind, there from the beginning, is taken; by the moments that the rule itself names. */
function takenAt(kind: PathKind, situation: Omit<Situation, 'since'>): number {
  let since = 0
  for (;;) {
    const now = { ...situation, since }
    if (toTake(passed(kind), now) !== undefined) return since
    since += nextChange(now)!
  }
}

describe('which path is taken', () => {
  it('a straight one at once, also before the other side has said how it can be reached', () => {
    for (const kind of ['direct', 'mapped', 'punch'] as const) {
      expect(toTake(passed(kind), { ...all, since: undefined })?.kind).to.equal(kind)
      expect(takenAt(kind, all)).to.equal(0)
    }
  })

  it('a punched one a moment later where a dialled one may yet come, unless it was what worked last', () => {
    expect(takenAt('punch', { ...all, dialsLeft: true })).to.equal(punchWaits)
    expect(takenAt('direct', { ...all, dialsLeft: true })).to.equal(0)
    expect(takenAt('punch', { ...all, dialsLeft: true, lately: 'punch' })).to.equal(0)
    expect(punchWaits).to.be.below(patience.relay.taken)
  })

  it('a relay only when nothing straight is left, or when it has been waited for long enough', () => {
    for (const kind of ['proxy', 'turn'] as const) {
      expect(takenAt(kind, all)).to.equal(2_500)
      expect(takenAt(kind, { ...all, straightLeft: false })).to.equal(0)
    }
  })

  it('a stream inside XMPP only when nothing else is left, or last of all', () => {
    expect(takenAt('inband', all)).to.equal(6_000)
    expect(takenAt('inband', { ...all, straightLeft: false })).to.equal(6_000)
    expect(takenAt('inband', { ...all, relaysLeft: false })).to.equal(6_000)
    expect(takenAt('inband', { ...all, straightLeft: false, relaysLeft: false })).to.equal(0)
  })

  it('of several the cheapest, whichever came first', () => {
    const late = { ...all, since: 7_000 }
    expect(toTake(passed('inband', 'turn', 'proxy', 'punch', 'mapped', 'direct'), late)?.kind).to.equal(
      'direct',
    )
    expect(toTake(passed('inband', 'turn', 'proxy'), late)?.kind).to.equal('proxy')
    expect(toTake(passed('turn', 'punch'), { ...all, since: 100 })?.kind).to.equal('punch')
  })

  it('what worked last with that device is not waited with for long, and nothing else is hastened', () => {
    expect(takenAt('turn', { ...all, lately: 'proxy' })).to.equal(1_000)
    expect(takenAt('inband', { ...all, lately: 'inband' })).to.equal(2_500)
    expect(takenAt('proxy', { ...all, lately: 'direct' })).to.equal(2_500)
    expect(takenAt('inband', { ...all, lately: 'turn' })).to.equal(6_000)
  })

  it('none before both sides are known, but for a straight one', () => {
    const unknown = { ...all, since: undefined, straightLeft: false, relaysLeft: false }
    expect(toTake(passed('proxy', 'turn', 'inband'), unknown)).to.equal(undefined)
    expect(nextChange(unknown)).to.equal(undefined)
  })
})

describe('when a path is made ready', () => {
  it('a relay a moment after the straight ones, at once when none of those is left', () => {
    expect(mayBegin('relay', { ...all, since: patience.relay.ready - 1 })).to.equal(false)
    expect(mayBegin('relay', { ...all, since: patience.relay.ready })).to.equal(true)
    expect(mayBegin('relay', { ...all, straightLeft: false })).to.equal(true)
    expect(mayBegin('relay', { ...all, lately: 'turn' })).to.equal(true)
    expect(mayBegin('relay', { ...all, since: undefined, straightLeft: false })).to.equal(false)
  })

  it('always long before it may be taken, so that its making costs no time', () => {
    for (const each of [patience, patienceLately])
      for (const { ready, taken } of [each.relay, each.inband]) expect(taken - ready).to.be.at.least(1_000)
  })

  it('the rule names every moment at which time alone changes something', () => {
    const situations = fc.record({
      straightLeft: fc.boolean(),
      relaysLeft: fc.boolean(),
      lately: fc.option(fc.constantFrom(...pathKinds), { nil: undefined }),
    })
    const says = (situation: Situation): boolean[] =>
      pathKinds.flatMap((kind) => [mayBegin(classOf(kind), situation), mayTake(classOf(kind), situation)])
    fc.assert(
      fc.property(situations, fc.nat(8_000), fc.nat(8_000), (left, since, step) => {
        const next = nextChange({ ...left, since })
        if (next !== undefined && step >= next) return
        expect(says({ ...left, since: since + step })).to.deep.equal(says({ ...left, since }))
      }),
    )
  })
})
