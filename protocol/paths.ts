/**
 * Which of the paths that work is taken, and when (docs/protocol.md, "Paths"). Pure: the clock and the sockets are the
 * caller's.
 *
 * A straight path is taken as soon as it is there. A relay is made ready meanwhile and held back, so that it is never the
 * link where a straight path would have worked; XMPP itself carries bytes only when nothing else does. The receiving side
 * says `go` on exactly one connection, so it is the one that decides; the sending side begins its part by the same clock.
 */

/** How two devices can reach each other, the cheapest first. */
export const pathKinds = ['direct', 'mapped', 'punch', 'proxy', 'turn', 'inband'] as const
export type PathKind = (typeof pathKinds)[number]

/** What kinds of paths have in common: straight from device to device, through a relay, inside XMPP. */
export type PathClass = 'straight' | 'relay' | 'inband'

export function classOf(kind: PathKind): PathClass {
  if (kind === 'inband') return 'inband'
  return kind === 'proxy' || kind === 'turn' ? 'relay' : 'straight'
}

/** Whether the first costs less than the second. */
export function isCheaper(one: PathKind, other: PathKind): boolean {
  return pathKinds.indexOf(one) < pathKinds.indexOf(other)
}

/** What the rule looks at. */
export interface Situation {
  /** Milliseconds since the candidates of both sides are known; undefined before that. */
  since: number | undefined
  /** Whether something may yet come of a straight path: dials to be made or under way, or a port that waits. */
  straightLeft: boolean
  /** Whether a dial, or a port that waits, may yet give a path that is straighter than a punched one. */
  dialsLeft?: boolean
  /** Whether something may yet come of a relay. */
  relaysLeft: boolean
  /** What worked last with this device. */
  lately?: PathKind | undefined
}

/** Milliseconds, since both sides' candidates are known, until a class is made ready and until it may be taken. */
export const patience = {
  straight: { ready: 0, taken: 0 },
  relay: { ready: 300, taken: 2_500 },
  inband: { ready: 4_000, taken: 6_000 },
} as const

/**
 * Milliseconds for which a punched path waits for a dialled one: an address that lets everybody in is dialled first, and has
 * answered by then, also where it is the other side that dials, which does so a moment later.
 */
export const punchWaits = 350

/** The same where that class was what worked last: nobody waits long for what did not work a moment ago. */
export const patienceLately = {
  straight: patience.straight,
  relay: { ready: 0, taken: 1_000 },
  inband: { ready: 1_500, taken: 2_500 },
} as const

function patienceFor(which: PathClass, { lately }: Situation): { ready: number; taken: number } {
  const known = lately !== undefined && classOf(lately) === which
  return (known ? patienceLately : patience)[which]
}

function nothingCheaperLeft(which: PathClass, { straightLeft, relaysLeft }: Situation): boolean {
  if (which === 'straight') return true
  return !straightLeft && (which === 'relay' || !relaysLeft)
}

/** Whether paths of this class are to be made ready. */
export function mayBegin(which: PathClass, situation: Situation): boolean {
  if (which === 'straight') return true
  if (situation.since === undefined) return false
  return nothingCheaperLeft(which, situation) || situation.since >= patienceFor(which, situation).ready
}

/** Whether a connection of this class that has passed may be taken. */
export function mayTake(which: PathClass, situation: Situation): boolean {
  if (which === 'straight') return true
  if (situation.since === undefined) return false
  return nothingCheaperLeft(which, situation) || situation.since >= patienceFor(which, situation).taken
}

/** Of the connections that have passed, the one to take now: the cheapest that may be; the first of its kind. */
export function toTake<C extends { kind: PathKind }>(
  passed: Iterable<C>,
  situation: Situation,
): C | undefined {
  let best: C | undefined
  for (const one of passed) {
    if (!mayTake(classOf(one.kind), situation) || (one.kind === 'punch' && punchMustWait(situation))) continue
    if (best === undefined || isCheaper(one.kind, best.kind)) best = one
  }
  return best
}

function punchMustWait({ since, dialsLeft, lately }: Situation): boolean {
  return dialsLeft === true && lately !== 'punch' && (since ?? 0) < punchWaits
}

/** Milliseconds until time alone changes what may begin or be taken; undefined if it never does any more. */
export function nextChange(situation: Situation): number | undefined {
  const { since } = situation
  if (since === undefined) return undefined
  const moments = (['relay', 'inband'] as const).flatMap((which) => {
    const { ready, taken } = patienceFor(which, situation)
    return [ready, taken]
  })
  moments.push(punchWaits)
  const ahead = moments.filter((moment) => moment > since)
  return ahead.length === 0 ? undefined : Math.min(...ahead) - since
}
