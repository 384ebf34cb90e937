/**
 * Who may see what is shared. What may not be seen does not exist: not in results, counts, order, tags or errors (P11).
 *
 * The catalogue applies this rule in SQL, before it counts or cuts anything; this is the same rule in a form that can
 * be read, and that the tests hold the other to.
 */

export type Audience =
  | { kind: 'everybody' }
  /** All accounts of one domain. */
  | { kind: 'domain'; domain: string }
  /** These bare JIDs, and nobody else. */
  | { kind: 'listed'; jids: readonly string[] }

export interface Shared {
  /** Bare JID. */
  owner: string
  audience: Audience
  /** Bare JIDs and domains that the owner has blocked. */
  blocked: readonly string[]
}

/** Whether the account `asker` (a bare JID) may see it. Owners see what is theirs. */
export function maySee(asker: string, { owner, audience, blocked }: Shared): boolean {
  if (asker === owner) return true
  const domain = domainOf(asker)
  if (blocked.includes(asker) || blocked.includes(domain)) return false
  switch (audience.kind) {
    case 'everybody':
      return true
    case 'domain':
      return audience.domain === domain
    case 'listed':
      return audience.jids.includes(asker)
  }
}

/** The domain of a bare JID. */
export function domainOf(jid: string): string {
  return jid.slice(jid.indexOf('@') + 1)
}
