/** Who may use the catalogue at all: an operator's rule, before any other (docs/catalogue.md, "Visibility"). */

import { parseJid } from '../../schemas/index.js'

export class Access {
  readonly #users: ReadonlySet<string>

  /** @param users domains, bare JIDs, or `*` for everybody */
  constructor(users: readonly string[]) {
    this.#users = new Set(users)
  }

  /** Whether whoever has this address may. */
  allows(from: string): boolean {
    if (this.#users.has('*')) return true
    const jid = parseJid(from)
    return jid !== undefined && (this.#users.has(jid.bare) || this.#users.has(jid.domain))
  }
}
