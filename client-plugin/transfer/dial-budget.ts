/**
 * How many different addresses one peer may make us dial in a day (P12; the rule is in protocol/candidates). Kept in memory
 * only: addresses are never on disk (P22).
 */

import { type DialledOnDay, withinDay } from '../../protocol/candidates.js'
import type { Candidate } from '../../schemas/index.js'

/** Peers that are remembered; the one not dialled for longest is forgotten first. */
const mostPeers = 10_000
const dayMs = 24 * 3_600_000

export class DialBudget {
  readonly #peers = new Map<string, DialledOnDay>()

  /** Of these candidates of a peer: those that may still be dialled. They count from now on. */
  allow(peer: string, candidates: readonly Candidate[]): Candidate[] {
    const { dial, after } = withinDay(this.#peers.get(peer), Math.floor(Date.now() / dayMs), candidates)
    this.#peers.delete(peer)
    this.#peers.set(peer, after)
    if (this.#peers.size > mostPeers) this.#peers.delete(this.#peers.keys().next().value!)
    return dial
  }
}
