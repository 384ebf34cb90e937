/**
 * How many different addresses one peer may make us dial in a day (P12; the rule is in protocol/candidates), and how often
 * each: whoever opens attempts without end would have us knock at somebody's door without end. What a link has led to may be
 * dialled as often as there is something to send. And since accounts are cheap where anybody may ask for something shared, an
 * address is dialled only so often for all peers together. Kept in memory only: addresses are never on disk (P22).
 */

import { addressKey } from '../../protocol/addresses.js'
import { type DialledOnDay, maxAddressesPerDay, withinDay } from '../../protocol/candidates.js'
import type { Candidate } from '../../schemas/index.js'

/** Peers that are remembered; the one not dialled for longest is forgotten first. */
const mostPeers = 10_000
const dayMs = 24 * 3_600_000
/** Dials of one address at once, before it has led anywhere, and how soon there is another one, ms. */
const atOnce = 32
const anotherMs = 500
/** The same for all peers together: more, as a relay or a router may be that of many people. */
const together = { atOnce: 128, anotherMs: 100 }
/** Addresses of which that is remembered. */
const mostAddresses = 10_000

interface Peer {
  day: DialledOnDay | undefined
  /** By address: from when on all of {@link atOnce} are there again, by `performance.now()`. */
  rested: Map<string, number>
}

export class DialBudget {
  readonly #peers = new Map<string, Peer>()
  readonly #together = new Map<string, number>()

  constructor(readonly now: () => number = () => performance.now()) {}

  /** Of these candidates of a peer: those that may still be dialled. They count from now on. */
  allow(peer: string, candidates: readonly Candidate[]): Candidate[] {
    const { day, rested } = this.#peers.get(peer) ?? { day: undefined, rested: new Map<string, number>() }
    const { dial, after } = withinDay(day, Math.floor(Date.now() / dayMs), candidates)
    this.#peers.delete(peer)
    this.#peers.set(peer, { day: after, rested })
    if (this.#peers.size > mostPeers) this.#peers.delete(this.#peers.keys().next().value!)
    return dial.filter((one) => one.kind === 'inband' || this.#isRested(rested, one.ip))
  }

  /** A link with this peer was made over an address, of his or of a relay. */
  proven(peer: string, address: string | undefined): void {
    const key = address && addressKey(address.replace(/^::ffff:/, ''))
    if (!key) return
    this.#peers.get(peer)?.rested.delete(key)
    this.#together.delete(key)
  }

  #isRested(rested: Map<string, number>, ip: string): boolean {
    const key = addressKey(ip)
    if (key === undefined) return false
    const now = this.now()
    // Of yesterday is what is more than a day has.
    const ofPeer = takes(rested, key, { atOnce, anotherMs, most: maxAddressesPerDay }, now)
    return ofPeer && takes(this.#together, key, { ...together, most: mostAddresses }, now)
  }
}

/** Whether there is one for this key, which is taken then; the key not asked for longest is forgotten first. */
function takes(
  rested: Map<string, number>,
  key: string,
  { atOnce, anotherMs, most }: { atOnce: number; anotherMs: number; most: number },
  now: number,
): boolean {
  const until = Math.max(now, rested.get(key) ?? now) + anotherMs
  if (until - now > atOnce * anotherMs) return false
  rested.delete(key)
  rested.set(key, until)
  if (rested.size > most) rested.delete(rested.keys().next().value!)
  return true
}
