/** Waiting for a socket to be connected. */

import type { Socket } from 'node:net'

/** Resolves when it is; rejects with the system's error. Errors that come later are nobody's. */
export function connected(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.on('error', reject)
    socket.once('connect', resolve)
  })
}
