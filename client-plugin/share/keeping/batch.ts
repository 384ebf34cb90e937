/**
 * Writing in batches: what changes row by row is committed together, after some rows or some time, since each commit
 * waits for the disk. What must be durable before it is said is committed at once.
 */

import type Database from 'better-sqlite3'

/** Rows of one commit, and how long a change may wait for its commit, ms. */
const mostRows = 2_000
const longestMs = 200

export class Batch {
  #rows = 0
  #timer: NodeJS.Timeout | undefined

  constructor(
    readonly db: Database.Database,
    /** Told after each commit. */
    readonly onCommitted: () => void,
  ) {}

  /** To be called before each change. */
  begin(): void {
    if (!this.db.inTransaction) {
      this.db.exec('begin immediate')
      this.#timer = setTimeout(() => this.commit(), longestMs)
    }
    this.#rows++
  }

  /** Between two changes that need not be together: commits what has become much. */
  mayCommit(): void {
    if (this.#rows >= mostRows) this.commit()
  }

  /** Everything so far is on the disk when this returns. @throws SQLite's error; nothing of it is written then */
  commit(): void {
    clearTimeout(this.#timer)
    this.#rows = 0
    if (!this.db.inTransaction) return
    this.db.exec('commit')
    this.onCommitted()
  }
}
