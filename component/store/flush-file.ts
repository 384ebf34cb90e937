/** Brings a file, or the names in a folder, to the disk. */

import { closeSync, fsyncSync, openSync } from 'node:fs'

/** Returns when it is durable. @throws what a disk throws */
export function flushFile(path: string): void {
  const file = openSync(path, 'r')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}
