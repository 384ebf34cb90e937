/**
 * Places for devices of other servers: each that is here, or is asked for whether it is, is kept in memory, and a server may have any number of
 * accounts. One may hold no more of them than it leaves free (docs/decisions/0052). Those of our own server are not counted (P16, P17).
 */

import { bareJid } from '../../schemas/index.js'

/** About a kilobyte each. */
const mostInAll = 100_000

export class Strangers {
  readonly #held = new Map<string, number>()
  #sum = 0

  /** @param home the domain of our own server */
  constructor(private readonly home: string) {}

  hasPlaceFor(jid: string): boolean {
    const domain = domainOf(jid)
    return domain === this.home || (this.#held.get(domain) ?? 0) < mostInAll - this.#sum
  }

  came(jid: string): void {
    this.#count(jid, 1)
  }

  went(jid: string): void {
    this.#count(jid, -1)
  }

  #count(jid: string, by: 1 | -1): void {
    const domain = domainOf(jid)
    if (domain === this.home) return
    const held = (this.#held.get(domain) ?? 0) + by
    this.#sum += by
    if (held > 0) this.#held.set(domain, held)
    else this.#held.delete(domain)
  }
}

const domainOf = (jid: string): string => {
  const bare = bareJid(jid) ?? jid
  return bare.slice(bare.indexOf('@') + 1)
}
