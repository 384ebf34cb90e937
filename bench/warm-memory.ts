/**
 * A virtual machine gives memory that is free for some seconds back to its host, and the first touch of such a page costs the host's
 * time: writing a file into the page cache is ten times slower then, for whoever happens to get such pages. So right before each clock
 * starts as much of the page cache as will be written is filled and freed. On a machine of its own that is done in a moment and changes
 * nothing.
 *
 * It has to be the page cache: memory of a process comes in other pieces than a file's, and leaves those as they are.
 */

import { closeSync, ftruncateSync, openSync, readSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'

const mebibyte = 2 ** 20

/** Reads so many mebibytes of holes in a file of its own in `dir`, and takes it away. No disk is touched. */
export function warmMemory(dir: string, mebibytes: number): void {
  const path = join(dir, 'holes')
  const file = openSync(path, 'wx+')
  try {
    ftruncateSync(file, mebibytes * mebibyte)
    const buffer = Buffer.alloc(mebibyte)
    while (readSync(file, buffer) > 0);
  } finally {
    closeSync(file)
    unlinkSync(path)
  }
}
