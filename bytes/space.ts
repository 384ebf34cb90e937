/** How much may still be written to a disk, and how much of it to one file. */

import { statfsSync } from 'node:fs'

/**
 * Bytes that may still be written below `path`; undefined where that is not known. Not every file system counts them: ramfs, a
 * tmpfs without a limit and many of FUSE say that there is nothing free of nothing. Never throws.
 */
export function spaceBytes(path: string): number | undefined {
  try {
    const { blocks, bsize, bavail } = statfsSync(path)
    return blocks > 0 ? bsize * bavail : undefined
  } catch {
    return undefined
  }
}

/** FAT, as `statfs` calls it: a size has 32 bits there. */
const fat = 0x4d44
const fatBytes = 2 ** 32 - 1

/** The largest file that the file system at `path` takes, bytes; undefined where no limit is known. Never throws. */
export function largestFileBytes(path: string): number | undefined {
  try {
    return statfsSync(path).type === fat ? fatBytes : undefined
  } catch {
    return undefined
  }
}
