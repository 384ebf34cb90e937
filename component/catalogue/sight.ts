/**
 * The rule of protocol/catalogue/visibility.ts as a piece of SQL about a share `s`, and the values it wants for one who
 * asks. It stands in every query about entries, inside of whatever counts or cuts.
 */

import { domainOf } from '../../protocol/catalogue/visibility.js'
import type { Db } from './open-catalogue.js'
import { everybody, nobody } from './schema.js'

/** True of a share `s` that the asker may see. Nothing of what is being removed, not even for its owner. */
export const visible = `(
  (s.audience in (select value from json_each(@audiences)) and s.peer not in (select value from json_each(@blockers)))
  or (s.peer = @asker and s.audience <> ${nobody}))`

/** The values of `visible`. */
export interface Sight {
  /** JSON, numbers of audiences. */
  audiences: string
  /** JSON, numbers of peers who have blocked the asker. */
  blockers: string
  /** The asker's number; -1 for one who is no peer. */
  asker: number
}

/** What a bare JID may see, looked up anew for each query. */
export function sightOf(db: Db): (jid: string) => Sight {
  const audiences = db
    .prepare(
      `select id from audience where kind = 'domain' and value = @domain
       union all select audience from audience_member where jid = @jid`,
    )
    .pluck()
  const blockers = db.prepare('select peer from block where blocked in (@jid, @domain)').pluck()
  const peer = db.prepare('select id from peer where jid = ?').pluck()
  return (jid) => {
    const who = { jid, domain: domainOf(jid) }
    return {
      audiences: JSON.stringify([everybody, ...audiences.all(who)]),
      blockers: JSON.stringify(blockers.all(who)),
      asker: (peer.get(jid) as number | undefined) ?? -1,
    }
  }
}
