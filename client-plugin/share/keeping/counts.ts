/** What is counted of each share as its rows change, so that nobody has to count a million of them to show a figure. */

/** What counts of a file's row. */
export interface Counted {
  isHere: boolean
  isFresh: boolean
  isTold: boolean
  isDirty: boolean
  size: number
}

export interface Counts {
  /** Here, and their bytes. */
  files: number
  bytes: number
  /** To be hashed, of those. */
  unhashedFiles: number
  unhashedBytes: number
  /** Entries that the component has. */
  told: number
  /** Entries to add or take back. */
  dirty: number
}

export const noCounts = (): Counts => ({
  files: 0,
  bytes: 0,
  unhashedFiles: 0,
  unhashedBytes: 0,
  told: 0,
  dirty: 0,
})

/** Adds a row (`sign` 1), or takes one away (-1). */
export function count(counts: Counts, row: Counted, sign: 1 | -1): void {
  if (row.isHere) {
    counts.files += sign
    counts.bytes += sign * row.size
    if (!row.isFresh) {
      counts.unhashedFiles += sign
      counts.unhashedBytes += sign * row.size
    }
  }
  if (row.isTold) counts.told += sign
  if (row.isDirty) counts.dirty += sign
}
