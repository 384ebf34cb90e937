/**
 * Whether the number of a file's inode says anything later on. FAT and exFAT have none on the disk, and of what programs mount
 * (FUSE: exFAT, SFTP, phones) most make them up: the same file has another one once it was mounted anew, or not used for a while.
 */

import { statfsSync } from 'node:fs'

/** FAT, exFAT, FUSE. */
const madeUp: ReadonlySet<number> = new Set([0x4d44, 0x2011bab0, 0x65735546])

/** Whether the file system at `path` keeps them; so it is taken where that cannot be told. Never throws. */
export function keepsInodeNumbers(path: string): boolean {
  try {
    return !madeUp.has(statfsSync(path).type)
  } catch {
    return true
  }
}
