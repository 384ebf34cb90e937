/**
 * Opens the catalogue's file: for the one writer, or for reading.
 *
 * What holds for the writer: the file is ours and its schema current, whole or not at all; commits are whole, and durable once the log is
 * flushed (log-flush.ts), and the log is moved only when asked for (checkpoints.ts); nobody is online, for nobody has said so yet. A damaged file is set aside and the newest good backup takes its place, or an
 * empty one. Who keeps a second process out is the mediator's database, opened before.
 */

import { existsSync, mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { keepOlder } from '../store/older-copy.js'
import { keepPrivate } from '../store/open.js'
import { faultOf, StoreFailed } from '../store/store-failed.js'
import { isEmptied, isUnfinished, replaceDamaged } from './damage.js'
import { indexedWords } from './indexed-words.js'
import { migrate } from './migrating.js'
import { nameKey } from './name-key.js'
import { applicationId, migrations } from './schema.js'

export type Db = Database.Database

export interface Opened {
  /** Where the damaged file was put, if there was one: peers are to publish again. */
  setAside?: string
  /** The backup that took its place; without one it is empty now. */
  restored?: string
}

export interface OpenedCatalogue extends Opened {
  db: Db
}

export interface Opening {
  /** Whether to look through the file for damage; large ones are looked through when they are backed up. */
  check?: boolean
  steps?: readonly string[]
}

/** Bytes of a file that is looked through when it is opened: it takes half a second. */
const checkedAtOnce = 128 * 2 ** 20

/** @throws StoreFailed with a code and what to do. */
export function openForWriting(
  path: string,
  { check = true, steps = migrations }: Opening = {},
): OpenedCatalogue {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  if (isUnfinished(path)) return openAnother(path, steps)
  try {
    if (isEmptied(path)) throw new StoreFailed('state-damaged', `${path} is empty`)
    return { db: opened(path, check && existsSync(path) && statSync(path).size <= checkedAtOnce, steps) }
  } catch (error) {
    const code = faultOf(error)
    if (code !== 'state-damaged' && code !== 'state-foreign') throw explained(error, path)
    // A database of another program is not ours to move.
    if (error instanceof StoreFailed && code === 'state-foreign') throw error
    return openAnother(path, steps)
  }
}

/** Sets the file aside, whatever it is, and opens another in its place. @throws StoreFailed; what was begun of it goes on the next time */
export function openAnother(path: string, steps: readonly string[] = migrations): OpenedCatalogue {
  try {
    const replaced = replaceDamaged(path)
    return { db: opened(path, false, steps), ...replaced }
  } catch (error) {
    throw explained(error, path)
  }
}

/** @throws Error of SQLite when it cannot be opened. */
export function openForReading(path: string, cacheKiB = 24_576): Db {
  const db = new Database(path, { readonly: true, timeout: 2_000 })
  db.pragma(`cache_size = -${cacheKiB}`)
  addFunctions(db)
  return db
}

function opened(path: string, check: boolean, steps: readonly string[]): Db {
  keepOlder(path, { steps: steps.length, applicationId })
  const db = new Database(path, { timeout: 2_000 })
  try {
    addFunctions(db)
    refuseForeign(db, path)
    keepPrivate(path)
    // Nothing refers to what is not there by our own rules; checking it for each row costs more than the row.
    db.pragma('foreign_keys = off')
    db.pragma('journal_mode = wal')
    db.pragma('synchronous = normal')
    // Entries come to pages anywhere in the indexes: with less, most of them are read again and again.
    db.pragma('cache_size = -262144')
    db.pragma('wal_autocheckpoint = 0')
    db.pragma('journal_size_limit = 268435456')
    if (check) refuseDamaged(db, path)
    migrate(db, path, steps)
    // Nobody has said yet that he is there, and lists that were not finished never will be.
    db.exec(
      'update device set online = 0 where online; update share set online = 0 where online; update share set filling = 0 where filling',
    )
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

/** What our SQL calls. */
function addFunctions(db: Db): void {
  db.function('name_key', { deterministic: true }, (name: unknown) => nameKey(String(name)))
  db.function('indexed_words', { deterministic: true }, (folder: unknown, name: unknown) =>
    indexedWords(String(folder), String(name)).join(' '),
  )
}

function refuseForeign(db: Db, path: string): void {
  const tables = db.prepare('select count(*) from sqlite_schema').pluck().get() as number
  if (tables > 0 && db.pragma('application_id', { simple: true }) !== applicationId) {
    throw new StoreFailed('state-foreign', `${path} is a database of another program: name another folder`)
  }
}

function refuseDamaged(db: Db, path: string): void {
  const found = db.pragma('quick_check(1)', { simple: true })
  if (found !== 'ok') throw new StoreFailed('state-damaged', `${path} is damaged (${String(found)})`)
}

function explained(error: unknown, path: string): Error {
  if (error instanceof StoreFailed) return error
  const message = `${path} cannot be opened: ${(error as Error).message}`
  return new StoreFailed(faultOf(error) ?? 'state-unreachable', message, { cause: error })
}
