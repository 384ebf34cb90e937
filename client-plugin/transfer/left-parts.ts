/**
 * What transfers that ended left of their files: kept for a week, so that the same file offered or asked for again goes on from
 * there, and then removed, so that no disk fills with hidden files.
 *
 * Rules: only what the journal noted is removed, and only as it was noted (bytes' `dropPart`); never what another transfer
 * goes on with, nor what belongs to one that is unfinished as a whole; the file goes before the journal forgets where it is.
 */

import { basename } from 'node:path'
import { dropPart } from '../../bytes/index.js'
import type { Journal, PartHolder } from '../journal/journal.js'
import type { TransferRecord } from '../journal/record.js'

/** How long after the end what was left is kept, ms. */
export const leftKeptMs = 7 * 24 * 3_600_000

/**
 * Removes what was left more than a week ago, and has not been written to since.
 * @param now ms since 1970
 * @throws JournalFailed
 */
export function clearLeftParts(journal: Journal, now: number): void {
  const holders = journal.partHolders()
  for (const { record } of holders) dropLeft(journal, holders, record, now - leftKeptMs)
}

/**
 * Removes what this one left, where all that name it are over, and were before `restedSince`.
 * @param restedSince ms since 1970
 * @returns whether it did
 * @throws JournalFailed
 */
export function dropLeft(
  journal: Journal,
  holders: PartHolder[],
  record: TransferRecord,
  restedSince = Number.POSITIVE_INFINITY,
): boolean {
  const rests = ({ isOver, changed }: PartHolder) => isOver && changed < restedSince
  if (!holdersOf(holders, record).every(rests)) return false
  if (dropPart(record.part!, restedSince) !== 'dropped') return false
  journal.put({ ...record, part: undefined })
  return true
}

/** Forgets what ended long ago, and removes before what it left. @throws JournalFailed */
export function forgetOld(journal: Journal, now: number): void {
  let holders: PartHolder[] | undefined
  journal.forgetOld(now, (record) => {
    if (record.part === undefined) return true
    holders ??= journal.partHolders()
    const named = holdersOf(holders, record)
    const isUnfinished = named.some((one) => one.record.n === record.n && !one.isOver)
    // Where another one names it too, it goes with the last of them.
    if (isUnfinished || (named.length < 2 && dropPart(record.part) === 'busy')) return false
    holders = holders.filter((one) => one.record.n !== record.n)
    return true
  })
}

/** All that name this part file: the folder on the way to it may have more names than one, it has not. */
export function holdersOf(holders: PartHolder[], { part }: TransferRecord): PartHolder[] {
  const name = basename(part!.path)
  return holders.filter((one) => basename(one.record.part!.path) === name)
}
