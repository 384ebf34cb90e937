/**
 * The rule of protocol/catalogue/visibility.ts as a piece of SQL about a share `s`, and what it wants to know of one
 * who asks. It stands in every query about entries, inside of whatever counts or cuts.
 *
 * What holds: audiences and blockers of the asker are in temporary tables of the connection while a query runs: `IN` looks
 * them up there without making a copy for each statement, and for most askers they never change.
 */

import { domainOf } from '../../protocol/catalogue/visibility.js'
import { asMember } from './audiences.js'
import type { Db } from './open-catalogue.js'
import { everybody, unseen } from './schema.js'

/** True of a share `s` that the asker may see. Nothing of what is being removed (unseen), or of whom the component does not serve (less than that), not even for its owner. */
export const visible = `(
  (s.audience in (select id from temp.audience_of_asker) and s.peer not in (select id from temp.blocker_of_asker))
  or (s.peer = @asker and s.audience > ${unseen}))`

/** The values of `visible`. */
export interface Sight {
  /** The asker's number; -1 for one who is no peer. */
  asker: number
}

/** To be called before any statement with `visible` is prepared. */
export function makeSightTables(db: Db): void {
  db.exec(`create temp table audience_of_asker (id integer primary key);
    create temp table blocker_of_asker (id integer primary key);
    insert into temp.audience_of_asker values (${everybody})`)
}

/** Turns the connection's eyes into those of a bare JID, until it is called for another. Looked up anew each time. */
export function sightOf(db: Db): (jid: string) => Sight {
  const audiences = db
    .prepare('select distinct audience from audience_member where who in (@jid, @member)')
    .pluck()
  const blockers = db.prepare('select distinct peer from block where blocked in (@jid, @domain)').pluck()
  const peer = db.prepare('select id from peer where jid = ?').pluck()
  const sets = [
    { table: 'audience_of_asker', always: [everybody], query: audiences },
    { table: 'blocker_of_asker', always: [], query: blockers },
  ].map(({ table, always, query }) => ({
    always,
    query,
    there: db.prepare(`select id from temp.${table} order by id`).pluck(),
    clear: db.prepare(`delete from temp.${table}`),
    put: db.prepare(`insert into temp.${table} values (?)`),
  }))
  return (jid) => {
    const domain = domainOf(jid)
    const who = { jid, domain, member: asMember(domain) }
    for (const { always, query, there, clear, put } of sets) {
      const ids = [...always, ...(query.all(who) as number[])].sort((a, b) => a - b)
      if (ids.join() === there.all().join()) continue
      clear.run()
      for (const id of ids) put.run(id)
    }
    return { asker: (peer.get(jid) as number | undefined) ?? -1 }
  }
}
