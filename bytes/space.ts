/** How much may still be written to a disk. */

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
