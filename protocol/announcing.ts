/**
 * Of all that a side has found out about how it can be reached: what it announces
 * (docs/protocol.md, "Candidates"). Pure. There are four places for direct ones and two for relays, and often more to say.
 */

import { parseAddress } from './addresses.js'
import { type DirectCandidate, maxDirect, maxRelays, type RelayCandidate } from './candidates.js'

export interface Reachable {
  /** Where it listens on this machine, the likeliest first. */
  own: readonly DirectCandidate[]
  /** The outer address of the port that listens, if that is another. */
  outer?: DirectCandidate | undefined
  /** The same port, mapped at the router. */
  mapped?: DirectCandidate | undefined
  /** Ports that dial, at most one of each family. */
  punches: readonly DirectCandidate[]
}

/**
 * Two places at least are for our own addresses: who is in the same network needs nothing else. A mapping makes needless
 * what STUN says of the port, and the punched port of IPv4 where there is one of IPv6. An outer address helps only where the
 * router lets everybody in, which few do, so it is the first to give way.
 */
export function directToAnnounce({ own, outer, mapped, punches }: Reachable): DirectCandidate[] {
  const four = punches.find(({ ip }) => parseAddress(ip)?.family === 4)
  const six = punches.find(({ ip }) => parseAddress(ip)?.family === 6)
  const beyond =
    mapped !== undefined ? [mapped, six ?? four] : six && four ? [four, six] : [outer, four ?? six]
  const known = beyond.filter((one) => one !== undefined)
  return [...own.slice(0, maxDirect - known.length), ...known]
}

/** One relay of each kind before a second of the same, as what keeps one from working keeps its like too. */
export function relaysToAnnounce(relays: readonly RelayCandidate[]): RelayCandidate[] {
  const firsts = relays.filter(({ kind }, at) => relays.findIndex((one) => one.kind === kind) === at)
  return [...firsts, ...relays.filter((one) => !firsts.includes(one))].slice(0, maxRelays)
}
