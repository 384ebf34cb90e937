/**
 * Brings the schema up to date: whole or not at all. What holds: a file that has taken more steps than we know is refused; before one that is
 * older is changed, a copy of it is kept beside it.
 */

import { copyFileSync, existsSync, renameSync, rmSync } from 'node:fs'
import Database from 'better-sqlite3'
import { StoreFailed } from '../store/store-failed.js'
import { flushFile } from './flush-file.js'
import type { Db } from './open-catalogue.js'
import { applicationId } from './schema.js'

const stepsTaken = (db: Db) => db.pragma('user_version', { simple: true }) as number

/** Keeps a copy of a file that is going to be migrated, as `….schema-N`. To be called while nobody has it open. */
export function keepOlder(path: string, steps: readonly string[]): void {
  if (!existsSync(path)) return
  const db = new Database(path, { timeout: 2_000 })
  let taken: number
  try {
    taken = stepsTaken(db)
    if (
      taken === 0 ||
      taken >= steps.length ||
      db.pragma('application_id', { simple: true }) !== applicationId
    )
      return
    db.pragma('wal_checkpoint(truncate)')
  } finally {
    db.close()
  }
  const copy = `${path}.schema-${taken}`
  if (!existsSync(copy)) copyWhole(path, copy)
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

/** @throws StoreFailed if it is newer than we are */
export function migrate(db: Db, path: string, steps: readonly string[]): void {
  const taken = stepsTaken(db)
  if (taken > steps.length) {
    throw new StoreFailed(
      'state-newer',
      `${path} was written by a newer version of jabberFS (schema ${taken}, this one knows ${steps.length})`,
    )
  }
  if (taken === steps.length) return
  db.transaction(() => {
    for (const step of steps.slice(taken)) db.exec(step)
    db.pragma(`application_id = ${applicationId}`)
    db.pragma(`user_version = ${steps.length}`)
  }).immediate()
}
