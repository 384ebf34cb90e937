/**
 * Who may see what is shared. What may not be seen does not exist: not in results, counts, order, tags or errors (P11).
 *
 * The catalogue applies this rule in SQL, before it counts or cuts anything; this is the same rule in a form that can
 * be read, and that the tests hold the other to.
 */

/** Whom a share is for (docs/catalogue.md, "Visibility"). */
export type VisibleTo =
  | { kind: 'everybody' }
  /** Nobody but its peer. */
  | { kind: 'nobody' }
  /** All accounts of these domains (and of none below them), and these bare JIDs. */
  | { kind: 'only'; domains: readonly string[]; peers: readonly string[] }

export interface Shared {
  /** Bare JID. */
  owner: string
  visibleTo: VisibleTo
  /** Bare JIDs and domains that the owner has blocked. */
  blocked: readonly string[]
}

/** Whether the account `asker` (a bare JID) may see it. Owners see what is theirs. */
export function maySee(asker: string, { owner, visibleTo, blocked }: Shared): boolean {
  if (asker === owner) return true
  const domain = domainOf(asker)
  if (blocked.includes(asker) || blocked.includes(domain)) return false
  switch (visibleTo.kind) {
    case 'everybody':
      return true
    case 'nobody':
      return false
    case 'only':
      return visibleTo.domains.includes(domain) || visibleTo.peers.includes(asker)
  }
}

/** The domain of a bare JID. */
export function domainOf(jid: string): string {
  return jid.slice(jid.indexOf('@') + 1)
}
