/**
 * What the last list of this account had (of `search`, or of `browse`), so that a number names it: one small file in the state folder, only for
 * its owner. A convenience: when it cannot be written or read, numbers mean nothing, and nothing else is lost.
 */
import { closeSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { CommandFailed } from './failure.js'
import type { Report } from './words.js'

export interface FoundBefore {
  root: string
  size: number
  path: string
}

/** A search has at most 1,000 results (docs/catalogue.md, 5.6), a folder any number. */
const most = 10_000
const mostBytes = 16 * 1024 * 1024

const fileIn = (state: string): string => join(state, 'last-list.json')

/** Collects the numbered rows of one list; `keep` writes them down. */
export class LastList {
  #found: FoundBefore[] = []

  hear(report: Report): void {
    if ((report.report !== 'hit' && report.report !== 'file') || this.#found.length >= most) return
    const { root, size, path } = report
    this.#found.push({ root, size, path })
  }

  /** @param isSearch a search that found nothing is a list too; a folder without files is none */
  keep(state: string, isSearch: boolean): void {
    if (this.#found.length === 0 && !isSearch) return
    const draft = `${fileIn(state)}.${process.pid}.new`
    try {
      const fd = openSync(draft, 'w', 0o600)
      try {
        writeSync(fd, JSON.stringify(this.#found))
      } finally {
        closeSync(fd)
      }
      renameSync(draft, fileIn(state))
    } catch {
      // The search itself was answered.
    }
  }
}

/** @returns what had this number. @throws CommandFailed `no-such-number` */
export function foundBefore(state: string, no: number): FoundBefore {
  const found = read(state)
  const hit = found[no - 1]
  if (hit !== undefined) return hit
  const says =
    found.length === 0
      ? 'There is no last list with numbers.'
      : `The last list had the numbers 1 to ${found.length}, and no ${no}.`
  throw new CommandFailed('no-such-number', says, 'Search first: `jabberfs search WORDS…`.')
}

function read(state: string): FoundBefore[] {
  try {
    const text = readFileSync(fileIn(state), 'utf8')
    if (text.length > mostBytes) return []
    const found = JSON.parse(text) as unknown
    return Array.isArray(found) ? found.filter(isFound).slice(0, most) : []
  } catch {
    return []
  }
}

function isFound(value: unknown): value is FoundBefore {
  const { root, size, path } = (value ?? {}) as Partial<FoundBefore>
  return (
    typeof root === 'string' &&
    /^[0-9a-f]{64}$/.test(root) &&
    typeof size === 'number' &&
    typeof path === 'string'
  )
}
