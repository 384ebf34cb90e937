/**
 * Ids of our stanzas and errors: 128 bits from the system's generator, so that nobody can answer a request he has not seen (case 6).
 */
import { randomFillSync } from 'node:crypto'

const size = 16
const pool = Buffer.alloc(size * 256)
let next = pool.length

/** A new id: 32 lower hex digits. */
export function newId(): string {
  if (next === pool.length) {
    // One call for many ids: the call costs more than the bytes.
    randomFillSync(pool)
    next = 0
  }
  const id = pool.toString('hex', next, next + size)
  next += size
  return id
}

/** A random number of milliseconds in [from, to), for jitter. */
export function randomBetween(from: number, to: number): number {
  return from + Math.floor((Number.parseInt(newId().slice(0, 8), 16) / 2 ** 32) * Math.max(0, to - from))
}
