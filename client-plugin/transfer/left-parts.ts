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
  const named = new HoldersOf(holders)
  for (const { record } of holders) dropLeft(journal, named, record, now - leftKeptMs)
}

/**
 * Removes what this one left, where all that name it are over, and were before `restedSince`.
 * @param restedSince ms since 1970
 * @returns whether it did
 * @throws JournalFailed
 */
export function dropLeft(
  journal: Journal,
  named: HoldersOf,
  record: TransferRecord,
  restedSince = Number.POSITIVE_INFINITY,
): boolean {
  const rests = ({ isOver, changed }: PartHolder) => isOver && changed < restedSince
  if (!named.of(record).every(rests)) return false
  if (dropPart(record.part!, restedSince) !== 'dropped') return false
  journal.put({ ...record, part: undefined })
  return true
}

/** Forgets what ended long ago, and removes before what it left. @throws JournalFailed */
export function forgetOld(journal: Journal, now: number): void {
  let named: HoldersOf | undefined
  journal.forgetOld(now, (record) => {
    if (record.part === undefined) return true
    named ??= new HoldersOf(journal.partHolders())
    const holders = named.of(record)
    const isUnfinished = holders.some((one) => one.record.n === record.n && !one.isOver)
    // Where another one names it too, it goes with the last of them.
    if (isUnfinished || (holders.length < 2 && dropPart(record.part) === 'busy')) return false
    named.forget(record)
    return true
  })
}

/**
 * Who names which part file, by its name: the folder on the way to it may have more names than one, it has not. Thousands may
 * have left one, so each is put in its place once.
 */
export class HoldersOf {
  readonly #named = new Map<string, PartHolder[]>()

  constructor(holders: readonly PartHolder[]) {
    for (const holder of holders) {
      const name = nameOf(holder.record)
      const known = this.#named.get(name)
      if (known === undefined) this.#named.set(name, [holder])
      else known.push(holder)
    }
  }

  /** All that name the part file of this one, itself too. */
  of(record: TransferRecord): readonly PartHolder[] {
    return this.#named.get(nameOf(record)) ?? []
  }

  forget(record: TransferRecord): void {
    const others = this.of(record).filter((one) => one.record.n !== record.n)
    this.#named.set(nameOf(record), others)
  }
}

const nameOf = ({ part }: TransferRecord): string => basename(part!.path)
