/**
 * With whom a peer has had to do of his own accord: to whom he has proposed something, or of whom he has accepted an offer.
 * What others do to him makes nobody an acquaintance of his. Bounded: those of the longest ago are forgotten first.
 */

import { type Db, limited } from './open.js'

export interface Acquaintances {
  /** A peer has to do with another. */
  note(peer: string, other: string, now: number): void
}

/** Kept for one peer. */
const most = 1_000
/** It is written again no sooner, ms: a date is good enough. */
const dayMs = 24 * 3_600_000

export function acquaintancesIn(db: Db): Acquaintances {
  const add = db.prepare(
    `insert into acquaintance (peer, other, last) values (?, ?, ?)
       on conflict do update set last = excluded.last where last < excluded.last - ${dayMs}`,
  )
  const count = db.prepare('select count(*) from acquaintance where peer = ?').pluck()
  const trim = db.prepare(
    `delete from acquaintance where peer = ? and other in (
       select other from acquaintance where peer = ? order by last ${limited()})`,
  )
  return {
    note(peer, other, now) {
      if (add.run(peer, other, now).changes === 0) return
      const over = (count.get(peer) as number) - most
      if (over > 0) trim.run(peer, peer, over)
    },
  }
}
