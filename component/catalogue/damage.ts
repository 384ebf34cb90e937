/**
 * What is done about a file that is damaged: it is set aside, never changed or deleted, and the newest backup that is
 * sound takes its place. What the backup does not have is published again: devices are told how far they are held.
 *
 * Rules: whoever is killed at any instant of it, or finds the disk full, goes on with it the next time, since a mark says that it is not
 * finished; the log of the damaged file never comes to lie beside another one, into which it would be read.
 */

import {
  closeSync,
  copyFileSync,
  existsSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import { flushFile } from '../store/flush-file.js'

export interface Replaced {
  /** Where the damaged file is now. */
  setAside: string
  /** The backup that took its place; without one there is no file now. */
  restored?: string
}

/** At the end of the name of the mark. */
const unfinished = '.unfinished'
const logs = ['-wal', '-shm']

/** Backups, the newest first. */
export const backupsOf = (path: string) => [`${path}.backup-1`, `${path}.backup-2`]

/** Whether there is a file without anything in it where there was a catalogue. */
export function isEmptied(path: string): boolean {
  return existsSync(path) && statSync(path).size === 0 && backupsOf(path).some((backup) => existsSync(backup))
}

/** Whether a replacement was begun and not finished: the file is not to be opened before it is. */
export function isUnfinished(path: string): boolean {
  return begunFor(path) !== undefined
}

/** Sets the file aside and puts the newest sound backup in its place, or goes on with that. @throws what a disk throws */
export function replaceDamaged(path: string): Replaced {
  const setAside = begunFor(path) ?? begin(path)
  // The file goes last: where it is away, its log is.
  for (const part of [...logs, '']) move(path + part, setAside + part)
  flushFile(dirname(path))
  // It is there already where only the mark was left.
  const restored = existsSync(path) ? backupsOf(path).find((backup) => existsSync(backup)) : restore(path)
  rmSync(setAside + unfinished)
  flushFile(dirname(path))
  return { setAside, ...(restored !== undefined && { restored }) }
}

/** Where a file is being set aside to. */
function begunFor(path: string): string | undefined {
  const begin = `${basename(path)}.damaged-`
  if (!existsSync(dirname(path))) return undefined
  const mark = readdirSync(dirname(path)).find((name) => name.startsWith(begin) && name.endsWith(unfinished))
  return mark === undefined ? undefined : join(dirname(path), mark.slice(0, -unfinished.length))
}

function begin(path: string): string {
  let number = 1
  while (existsSync(`${path}.damaged-${number}`)) number++
  const setAside = `${path}.damaged-${number}`
  closeSync(openSync(setAside + unfinished, 'wx', 0o600))
  flushFile(dirname(path))
  return setAside
}

/** Moves what is there, and was not moved before. */
function move(from: string, to: string): void {
  if (existsSync(from) && !existsSync(to)) renameSync(from, to)
}

/** Puts the newest sound backup where there is no file now: whole, and durable, before it has the name. @returns which one */
function restore(path: string): string | undefined {
  const copy = `${path}.restored`
  const remove = () => {
    for (const part of ['', ...logs, '-journal']) rmSync(copy + part, { force: true })
  }
  for (const backup of backupsOf(path)) {
    if (!existsSync(backup)) continue
    try {
      remove()
      copyFileSync(backup, copy)
      if (!isSound(copy)) continue
      flushFile(copy)
      renameSync(copy, path)
      flushFile(dirname(path))
      return backup
    } finally {
      remove()
    }
  }
  return undefined
}

/** Looks through the whole of a file that nobody has open, and makes it one file if it is in parts. */
export function isSound(path: string): boolean {
  let db: Database.Database | undefined
  try {
    db = new Database(path, { timeout: 0 })
    db.pragma('journal_mode = delete')
    return db.pragma('quick_check(1)', { simple: true }) === 'ok'
  } catch {
    return false
  } finally {
    db?.close()
  }
}
