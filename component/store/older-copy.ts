/** Keeps a copy of a database before a newer version changes it: an older one does not read it afterwards. */

import { copyFileSync, existsSync, renameSync, rmSync, statSync } from 'node:fs'
import Database from 'better-sqlite3'
import { flushFile } from './flush-file.js'

export interface Schema {
  /** How many steps it has. */
  steps: number
  applicationId: number
}

/**
 * Keeps a copy of a file of ours that is going to be migrated, as `….schema-N`. To be called while nobody has it open.
 * @throws what SQLite or the disk throws
 */
export function keepOlder(path: string, { steps, applicationId }: Schema): void {
  if (!existsSync(path)) return
  const db = new Database(path, { timeout: 2_000 })
  let taken: number
  try {
    taken = db.pragma('user_version', { simple: true }) as number
    const isOurs = db.pragma('application_id', { simple: true }) === applicationId
    if (taken === 0 || taken >= steps || !isOurs) return
    db.pragma('wal_checkpoint(truncate)')
  } finally {
    db.close()
  }
  const copy = `${path}.schema-${taken}`
  // One of an earlier time is there where somebody went back to it and has gone on since.
  if (!existsSync(copy) || statSync(copy).mtimeMs <= statSync(path).mtimeMs) copyWhole(path, copy)
}

/** Under its name it is whole, however this ends: a part of a copy would be taken for one the next time. */
function copyWhole(from: string, to: string): void {
  const fresh = `${to}.new`
  try {
    copyFileSync(from, fresh)
    flushFile(fresh)
    renameSync(fresh, to)
  } finally {
    rmSync(fresh, { force: true })
  }
}
