/**
 * Reading that takes the fast way as long as it is fast: straight calls while the file is in the page
 * cache, calls in the thread pool once a call has blocked this thread for long.
 *
 * Rules: two slow calls near each other switch over; after a while the straight way is tried again,
 * each time less soon, so that one hiccup does not slow a whole transfer and a cold disk does not stall
 * the stream in the same thread.
 */

import { read, readSync } from 'node:fs'

/** A straight read that takes longer than this, in ms, was not from the page cache. */
const slowMs = 20

export class ReadPace {
  #slow = 0
  #detour = 0
  #nextDetour = 32

  /** Whether the next read is to be a straight one. */
  get straight(): boolean {
    if (this.#detour === 0) return true
    this.#detour -= 1
    return false
  }

  /** Tells how long a straight read took, in ms. */
  took(ms: number): void {
    if (ms <= slowMs) {
      this.#slow = Math.max(0, this.#slow - 1 / 16)
      return
    }
    this.#slow += 1
    if (this.#slow <= 1) return
    this.#slow = 0
    this.#detour = this.#nextDetour
    this.#nextDetour = Math.min(4096, this.#nextDetour * 2)
  }
}

/** Reads `length` bytes from `position`; fewer only at the end of the file. Blocks. */
export function readStraight(
  fd: number,
  into: Uint8Array,
  at: number,
  length: number,
  position: number,
  pace: ReadPace,
): number {
  const begun = performance.now()
  let got = 0
  while (got < length) {
    const bytes = readSync(fd, into, at + got, length - got, position + got)
    if (bytes === 0) break
    got += bytes
  }
  pace.took(performance.now() - begun)
  return got
}

/** The same in the thread pool. */
export function readAside(
  fd: number,
  into: Uint8Array,
  at: number,
  length: number,
  position: number,
): Promise<number> {
  return new Promise((resolve, reject) => {
    let got = 0
    const more = (): void => {
      read(fd, into, at + got, length - got, position + got, (error, bytes) => {
        if (error) return reject(error)
        got += bytes
        if (bytes === 0 || got === length) return resolve(got)
        more()
      })
    }
    more()
  })
}
