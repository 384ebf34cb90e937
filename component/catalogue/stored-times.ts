/** The points in time that end something in the catalogue: they move with a clock that is set (store/set-clock.ts). */

import type { StoredTimes } from '../store/set-clock.js'
import type { Db } from './open-catalogue.js'

export function storedTimesIn(db: Db): StoredTimes {
  // Whoever is here is written down once a day at least: that is good enough, and needs no row of its own.
  const latest = db
    .prepare('select max(seen) from (select seen from device union all select seen from saved_search)')
    .pluck()
  const moves = [
    'update device set seen = seen + :by, expires = expires + :by',
    'update saved_search set seen = seen + :by',
  ].map((sql) => db.prepare(sql))
  return {
    noted: () => (latest.get() as number | null) ?? undefined,
    note() {},
    move(by) {
      for (const each of moves) each.run({ by })
    },
  }
}
