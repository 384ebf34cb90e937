/**
 * Where an open file lies. What a path led to when it was looked at need not be what was opened: a folder on the way may have
 * become a link in between, where somebody else writes to the folder above it.
 */

import { readlinkSync } from 'node:fs'

/** The path of an open file as the system knows it, without links; undefined where it does not tell. */
export function whereOpen(fd: number): string | undefined {
  if (process.platform !== 'linux') return undefined
  try {
    return readlinkSync(`/proc/self/fd/${fd}`)
  } catch {
    // A system without /proc.
    return undefined
  }
}
