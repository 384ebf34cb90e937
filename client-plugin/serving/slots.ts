/**
 * Who is served now, and who is next: so many at once, of one peer no more than a few, and peers take turns. Pure
 * bookkeeping; what is done with a turn is uploads.ts.
 *
 * Rules: nobody overtakes within one peer; whoever has much served or waiting comes after those who have less; the queue
 * is bounded; what takes a part of a slot only goes before nobody who waits for a whole one.
 */

interface Held<K> {
  readonly key: K
  readonly peer: string
  /** How much of a slot it takes, at most 1. */
  readonly part: number
}

export interface SlotBounds {
  /** Served at once. */
  all: number
  /** Of one peer at once. */
  perPeer: number
  /** Waiting at most. */
  waiting: number
}

export class Slots<K> {
  /** In the order in which they came. */
  readonly #waiting = new Map<K, Held<K>>()
  readonly #served = new Map<K, Held<K>>()
  /** Of peers who wait or are served: when one of them was served last, counted. */
  readonly #lastServed = new Map<string, number>()
  #servings = 0

  constructor(readonly bounds: SlotBounds) {}

  /** Asks for a turn, or for a part of one; asked again, it says how things are. */
  ask(key: K, peer: string, part = 1): 'served' | 'waits' | 'full' {
    if (this.#served.has(key)) return 'served'
    if (!this.#waiting.has(key)) {
      const held = { key, peer, part }
      // Somebody who waits may have to: because of his peer's bound, not because nothing is free.
      if (this.#isRoom(held) && this.#isRoomForPeer(held) && !this.#overtakes(peer)) {
        this.#serve(held)
        return 'served'
      }
      if (this.#waiting.size >= this.bounds.waiting) return 'full'
      this.#waiting.set(key, held)
    }
    return 'waits'
  }

  /** Whether it is served or waits. */
  has(key: K): boolean {
    return this.#served.has(key) || this.#waiting.has(key)
  }

  /** It needs no turn any more. @returns those whose turn it is now */
  leave(key: K): K[] {
    this.#waiting.delete(key)
    this.#served.delete(key)
    const next: K[] = []
    for (const held of this.#next()) {
      // Whoever is next and needs more than is free has what comes free.
      if (!this.#isRoom(held)) break
      this.#waiting.delete(held.key)
      this.#serve(held)
      next.push(held.key)
    }
    this.#forgetPeers()
    return next
  }

  /** Those who wait, the next one first. */
  queue(): K[] {
    return this.#order().map(({ key }) => key)
  }

  /** All that are served or wait. */
  all(): K[] {
    return [...this.#served.keys(), ...this.#waiting.keys()]
  }

  #serve(held: Held<K>): void {
    this.#served.set(held.key, held)
    this.#lastServed.set(held.peer, ++this.#servings)
  }

  /** Only of those who are here anything is remembered. */
  #forgetPeers(): void {
    const here = new Set([...this.#served.values(), ...this.#waiting.values()].map(({ peer }) => peer))
    for (const peer of this.#lastServed.keys()) if (!here.has(peer)) this.#lastServed.delete(peer)
  }

  #isRoom({ part }: Held<K>): boolean {
    return this.#taken() + part <= this.bounds.all
  }

  #isRoomForPeer({ peer, part }: Held<K>): boolean {
    return this.#taken(peer) + part <= this.bounds.perPeer
  }

  #overtakes(peer: string): boolean {
    for (const held of this.#waiting.values()) if (held.peer === peer) return true
    for (const _held of this.#next()) return true
    return false
  }

  /** Those who wait and whose own bound lets them be served, the next one first; of one peer none before the one before him. */
  *#next(): Generator<Held<K>> {
    const full = new Set<string>()
    for (const held of this.#order()) {
      if (!full.has(held.peer) && this.#isRoomForPeer(held)) yield held
      else full.add(held.peer)
    }
  }

  /** Slots that are taken, by one peer or by all. */
  #taken(peer?: string): number {
    let taken = 0
    for (const held of this.#served.values()) if (peer === undefined || held.peer === peer) taken += held.part
    return taken
  }

  /** One of each peer, then the second of each, and so on; what is served counts as those before. Whoever was served just now comes last. */
  #order(): Held<K>[] {
    const rounds = new Map<string, number>()
    const ranked = [...this.#waiting.values()].map((held, arrival) => {
      const round = rounds.get(held.peer) ?? this.#taken(held.peer)
      rounds.set(held.peer, round + held.part)
      return { held, round, last: this.#lastServed.get(held.peer) ?? 0, arrival }
    })
    ranked.sort((a, b) => a.round - b.round || a.last - b.last || a.arrival - b.arrival)
    return ranked.map(({ held }) => held)
  }
}
