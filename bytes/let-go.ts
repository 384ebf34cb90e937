/** Closing what is done with. */

import { closeSync } from 'node:fs'
import { systemCode } from './failure.js'

/**
 * Closes a descriptor, and heeds nothing that the file system says of it: it is gone in any case, and what has to be on the disk
 * was synced before. A mount whose program died, or a server that is away, answers with an error (ENOTCONN, EIO, EDQUOT).
 * Throws only for what is no open descriptor.
 */
export function letGo(fd: number): void {
  try {
    closeSync(fd)
  } catch (error) {
    if (systemCode(error) === 'EBADF') throw error
  }
}
