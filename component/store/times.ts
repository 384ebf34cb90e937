/** The points in time that end something, all in one place: they move with a clock that is set (set-clock.ts). */

import type { Db } from './open.js'
import type { StoredTimes } from './set-clock.js'

export function timesIn(db: Db): StoredTimes {
  const noted = db.prepare('select at from clock').pluck()
  const note = db.prepare(
    'insert into clock (id, at) values (1, ?) on conflict do update set at = excluded.at',
  )
  // When an offer was made is what its author is told: it stays what the clock said then.
  const moves = [
    'update offer set ends = ends + :by, due = due + :by',
    'update transfer set due = due + :by where due is not null',
    'update device set seen = seen + :by',
    'update acquaintance set last = last + :by',
  ].map((sql) => db.prepare(sql))
  return {
    noted: () => noted.get() as number | undefined,
    note: (now) => void note.run(now),
    move(by) {
      for (const each of moves) each.run({ by })
    },
  }
}
