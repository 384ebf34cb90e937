/**
 * What is done about a file that is damaged: it is set aside, never changed or deleted, and the newest backup that is
 * sound takes its place. What the backup does not have is published again: devices are told how far they are held.
 */

import { copyFileSync, existsSync, renameSync, rmSync, statSync } from 'node:fs'
import Database from 'better-sqlite3'

/** Backups, the newest first. */
export const backupsOf = (path: string) => [`${path}.backup-1`, `${path}.backup-2`]

/** Whether there is a file without anything in it where there was a catalogue. */
export function isEmptied(path: string): boolean {
  return existsSync(path) && statSync(path).size === 0 && backupsOf(path).some((backup) => existsSync(backup))
}

/** Moves the file away, with what belongs to it. @returns where it is now */
export function moveAside(path: string): string {
  let number = 1
  while (existsSync(`${path}.damaged-${number}`)) number++
  const aside = `${path}.damaged-${number}`
  renameSync(path, aside)
  for (const part of ['-wal', '-shm']) if (existsSync(path + part)) renameSync(path + part, aside + part)
  return aside
}

/** Puts the newest sound backup where there is no file now. @returns which one */
export function restore(path: string): string | undefined {
  for (const backup of backupsOf(path)) {
    if (!existsSync(backup)) continue
    copyFileSync(backup, path)
    if (isSound(path)) return backup
    for (const part of ['', '-wal', '-shm']) rmSync(path + part, { force: true })
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
