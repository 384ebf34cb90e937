/**
 * Whose shares are there at all: those of peers whom the component serves, and whom its operator does not keep out. It comes before
 * who may see a share (docs/catalogue.md, "Visibility").
 *
 * What holds: the audience of a share of anybody else is negative, which is nobody's, so that no query can forget the rule; its amount
 * stays, and with it who may see the share when its peer is let in again. It is looked at anew whenever the file is opened, and when somebody is
 * kept out or let in.
 */

import { domainOf } from '../../protocol/catalogue/visibility.js'
import type { Db } from './open-catalogue.js'

export interface Admission {
  allows(peer: string): boolean
  /** Takes away and gives back what is to be. */
  apply(): void
}

/** @param users whom the component serves: domains, bare JIDs, or `*` for everybody */
export function admissionIn(db: Db, users: readonly string[]): Admission {
  const served = new Set(users)
  const keptOut = db.prepare('select 1 from kept_out where who in (?, ?)')
  const peers = db.prepare('select id, jid from peer where exists (select 1 from share where peer = peer.id)')
  const shut = db.prepare('update share set audience = -audience where peer = ? and audience > 0')
  const open = db.prepare('update share set audience = -audience where peer = ? and audience < 0')
  const allows = (peer: string) => {
    const domain = domainOf(peer)
    const isServed = served.has('*') || served.has(peer) || served.has(domain)
    return isServed && keptOut.get(peer, domain) === undefined
  }
  return {
    allows,
    apply() {
      for (const { id, jid } of peers.all() as { id: number; jid: string }[]) {
        const change = allows(jid) ? open : shut
        change.run(id)
      }
    },
  }
}
