/**
 * A journal that cannot be written or read now. What was to be written is not, and nothing may be said of it; a disk that
 * is full or fails for a moment takes it later, so it is tried again.
 */

import { join } from 'node:path'
import { FileTransferError } from '../errors.js'

export class JournalFailed extends FileTransferError {
  constructor(dir: string, cause: unknown) {
    const isFull = String((cause as { code?: unknown } | undefined)?.code).startsWith('SQLITE_FULL')
    super(isFull ? 'no-space' : 'io', damage(dir, cause) ?? join(dir, 'journal.sqlite'), { cause })
  }
}

/** What to tell people where the disk is well and the journal is not: no second try helps then. Undefined otherwise. */
export function damage(dir: string, cause: unknown): string | undefined {
  const isDamaged = /^SQLITE_(CORRUPT|NOTADB)/.test(String((cause as { code?: unknown } | undefined)?.code))
  if (!isDamaged) return undefined
  return `${join(dir, 'journal.sqlite')} is damaged (moved away, it begins anew and knows of no transfer)`
}

/** The failure of the journal behind an error, also where another room has made its own of it. */
export function journalFailureIn(error: unknown): JournalFailed | undefined {
  if (error instanceof JournalFailed) return error
  const cause = error instanceof Error ? error.cause : undefined
  return cause instanceof JournalFailed ? cause : undefined
}
