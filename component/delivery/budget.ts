/**
 * What all deliveries together may hold: so many on their way, and so much of them.
 *
 * Devices that have not answered anything yet have a part of their own, so that the silent do not keep the others waiting.
 * In each part a domain may hold no more than what is left free, and an account an eighth of that: one alone comes to
 * half, several to less, and for who comes next something is left, without anybody having been named beforehand (P17).
 */

/** Deliveries on their way in one part, and their weight. */
const mostInFlight = 16_384
const heaviest = 5 * 2 ** 20
const shares = { domain: 1, account: 1 / 8 }

interface Held {
  count: number
  weight: number
}

/** A delivery on its way. */
export interface Taken {
  giveBack(): void
}

class Part {
  readonly sum: Held = { count: 0, weight: 0 }
  readonly #held = new Map<string, Held>()

  allows(peer: string, weight: number): boolean {
    const free = { count: mostInFlight - this.sum.count, weight: heaviest - this.sum.weight }
    return (
      this.#isWithin(domainOf(peer), weight, free, shares.domain) &&
      this.#isWithin(peer, weight, free, shares.account)
    )
  }

  add(peer: string, count: number, weight: number): void {
    this.sum.count += count
    this.sum.weight += weight
    for (const who of new Set([peer, domainOf(peer)])) {
      const held = this.#held.get(who) ?? { count: 0, weight: 0 }
      held.count += count
      held.weight += weight
      if (held.count > 0) this.#held.set(who, held)
      else this.#held.delete(who)
    }
  }

  /** The first of anybody needs only room: a share of little may be less than one delivery. */
  #isWithin(who: string, weight: number, free: Held, share: number): boolean {
    const held = this.#held.get(who)
    if (held === undefined) return free.count > 0 && weight <= free.weight
    return held.count < free.count * share && held.weight + weight <= free.weight * share
  }
}

export class Budget {
  readonly #proven = new Part()
  readonly #unproven = new Part()

  get inFlight(): number {
    return this.#proven.sum.count + this.#unproven.sum.count
  }

  /** @returns nothing if there is no room for it now */
  take(peer: string, weight: number, isProven: boolean): Taken | undefined {
    const part = isProven ? this.#proven : this.#unproven
    if (!part.allows(peer, weight)) return undefined
    part.add(peer, 1, weight)
    return { giveBack: () => part.add(peer, -1, -weight) }
  }
}

/** Of a bare JID. */
const domainOf = (peer: string) => peer.slice(peer.indexOf('@') + 1)
