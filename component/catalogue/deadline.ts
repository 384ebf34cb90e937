/**
 * Stops a query from inside: SQLite cannot be interrupted from the thread it runs in, but a function in its WHERE can
 * throw. `alive(x)` stands in every query that may look at many rows; its argument keeps it from being taken for a constant.
 *
 * A call from SQL into a function of ours costs as much as a row does, so it is made for few rows only: `aliveAt(id)`.
 */

import type { Db } from './open-catalogue.js'

export class TooSlow extends Error {
  override name = 'TooSlow'
}

/** A piece of SQL that looks at the clock for one row in `every`, as the last bits of their ids have it. Always true. */
export const aliveAt = (id: string, every: 8 | 64 = 8) => `(${id} & ${every - 1} or alive(${id}))`

export interface Deadline {
  /** From now on `alive` throws `TooSlow` after `ms`. */
  set(ms: number): void
  /** The same for loops that are not SQL. @throws TooSlow */
  check(): void
  /**
   * Runs work with less time than is left. @returns whether it came to its end
   * @throws TooSlow when the whole time is over
   */
  briefly(ms: number, work: () => void): boolean
}

/** @param monotonic in ms */
export function deadlineIn(db: Db, monotonic: () => number = () => performance.now()): Deadline {
  let until = Number.POSITIVE_INFINITY
  const check = () => {
    if (monotonic() > until) throw new TooSlow('the query took too long')
  }
  db.function('alive', { deterministic: false, directOnly: true }, (_row: unknown) => {
    check()
    return 1
  })
  return {
    set(ms) {
      until = monotonic() + ms
    },
    check,
    briefly(ms, work) {
      const whole = until
      until = Math.min(whole, monotonic() + ms)
      try {
        work()
        return true
      } catch (error) {
        if (!(error instanceof TooSlow) || monotonic() > whole) throw error
        return false
      } finally {
        until = whole
      }
    },
  }
}
