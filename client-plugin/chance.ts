/** Chance, from the system's generator: nothing here is guessable (case 6). */

import { randomBytes, randomInt } from 'node:crypto'

/** A random number in [0, 1), for jitter. */
export function chance(): number {
  return randomInt(2 ** 32) / 2 ** 32
}

/** A new id for an offer or request: 128 bits. */
export function newOfferId(): string {
  return randomBytes(16).toString('hex')
}

/** A token for one attempt: 256 bits. */
export function newToken(): Uint8Array {
  return new Uint8Array(randomBytes(32))
}
