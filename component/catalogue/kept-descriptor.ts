/**
 * A descriptor of the catalogue's file, to flush it by.
 *
 * What holds: it is not closed while anybody here has the file open. Closing any descriptor of a file takes back all locks that the process has
 * on it (POSIX), also those by which SQLite tells other programs that it is in use; so one that is open is used again.
 */

import { closeSync, fstatSync, openSync, statSync } from 'node:fs'

let kept: number | undefined

/** @throws what opening a file throws */
export function descriptorOf(path: string): number {
  if (kept !== undefined) {
    const [there, ours] = [statSync(path), fstatSync(kept)]
    if (there.ino === ours.ino && there.dev === ours.dev) return kept
    // That one was set aside.
    closeDescriptor()
  }
  kept = openSync(path, 'r+')
  return kept
}

/** After everybody has closed the file. */
export function closeDescriptor(): void {
  if (kept !== undefined) closeSync(kept)
  kept = undefined
}
