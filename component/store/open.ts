/**
 * Opens the component's database: one file, one process, one writer.
 *
 * What holds when it is open: nobody else has it (an exclusive lock of SQLite, gone with the process however it ends),
 * commits are durable (`synchronous=FULL`), the schema is ours and current, and `quick_check` found nothing.
 */

import { chmodSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { makeFolder } from '../../bytes/index.js'
import { applicationId, migrations } from './migrations.js'
import { keepOlder } from './older-copy.js'
import { faultOf, StoreFailed } from './store-failed.js'

export type Db = Database.Database

/**
 * A bound `limit`. A bare `limit ?` is prepared anew each time a value is bound to it (SQLite from 3.47 on looks at the value to
 * choose its plan), which costs four times what the statement does.
 */
export const limited = (parameter = '?') => `limit cast(${parameter} as integer)`

/**
 * Opens or makes the database at `path`, and brings its schema up to date, whole or not at all. `check` looks through
 * the whole file for damage.
 * @throws StoreFailed with a code and what to do.
 */
export function openDatabase(
  path: string,
  { steps = migrations, check = true }: { steps?: readonly string[]; check?: boolean } = {},
): Db {
  let db: Db | undefined
  try {
    if (path !== ':memory:') {
      makeFolder(dirname(path))
      keepOlder(path, { steps: steps.length, applicationId })
    }
    db = new Database(path, { timeout: 0 })
    db.pragma('locking_mode = exclusive')
    refuseForeign(db, path)
    if (path !== ':memory:') keepPrivate(path)
    db.pragma('journal_mode = wal')
    db.pragma('synchronous = full')
    db.pragma('foreign_keys = on')
    db.pragma('cache_size = -65536')
    db.pragma('wal_autocheckpoint = 2000')
    db.pragma('journal_size_limit = 67108864')
    migrate(db, path, steps)
    if (check) refuseDamaged(db, path)
    return db
  } catch (error) {
    db?.close()
    throw explained(error, path)
  }
}

/** Nobody else on this machine reads who sends what to whom, neither here nor in the files that SQLite has beside it. */
export function keepPrivate(path: string): void {
  for (const end of ['', '-wal', '-shm']) {
    try {
      chmodSync(path + end, 0o600)
    } catch {
      // Not there; or another user's who lets us write into it, and has decided who reads it.
    }
  }
}

/** Refuses a file that is not ours, before anything is written to it. */
function refuseForeign(db: Db, path: string): void {
  // The first read takes the lock.
  const version = db.pragma('user_version', { simple: true }) as number
  const tables = db.prepare('select count(*) from sqlite_schema').pluck().get() as number
  const ours = db.pragma('application_id', { simple: true }) === applicationId
  if (!ours && (tables > 0 || version > 0)) {
    throw new StoreFailed('state-foreign', `${path} is a database of another program: name another folder`)
  }
}

function migrate(db: Db, path: string, steps: readonly string[]): void {
  const taken = db.pragma('user_version', { simple: true }) as number
  if (taken > steps.length) {
    throw new StoreFailed(
      'state-newer',
      `${path} was written by a newer version of jabberFS (schema ${taken}, this one knows ${steps.length}): run that version, or restore a backup from before`,
    )
  }
  // Taking the lock of a writer now shows at once whether somebody else has it.
  db.exec('begin immediate')
  try {
    for (const step of steps.slice(taken)) db.exec(step)
    if (taken < steps.length) {
      db.pragma(`application_id = ${applicationId}`)
      db.pragma(`user_version = ${steps.length}`)
    }
    db.exec('commit')
  } catch (error) {
    if (db.inTransaction) db.exec('rollback')
    throw error
  }
}

function refuseDamaged(db: Db, path: string): void {
  const found = db.pragma('quick_check(1)', { simple: true })
  if (found !== 'ok') {
    throw new StoreFailed(
      'state-damaged',
      `${path} is damaged (${String(found)}): restore a backup, or move the file away to start with nothing`,
    )
  }
}

function explained(error: unknown, path: string): Error {
  if (error instanceof StoreFailed) return error
  const code = faultOf(error)
  const what: Partial<Record<NonNullable<typeof code>, string>> = {
    'state-in-use': `${path} is in use by another process: only one component can have it`,
    'state-foreign': `${path} is not a database: name another folder`,
    'state-damaged': `${path} is damaged: restore a backup, or move the file away to start with nothing`,
    'state-unwritable': `${path} cannot be written: look at the disk's space and the folder's rights`,
    'state-unreachable': `${path} cannot be opened: it must be a file, and it, its -wal and its folder must belong to the user who runs the component (chown -R USER ${dirname(path)})`,
  }
  const message = (code && what[code]) ?? `${path} cannot be opened: ${(error as Error).message}`
  return new StoreFailed(code ?? 'state-unreachable', message, { cause: error })
}
