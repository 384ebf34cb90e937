/**
 * Writes in the thread pool, one after the other in the order they were given: what a write waits for (memory that has to be
 * found, a disk that is behind) holds up nothing else in this thread.
 *
 * Rules: one at a time, since the file system lets only one write into a file at once; the bytes are not to be touched until
 * theirs is done; each is told of exactly once; after one that failed the next is tried all the same.
 */

import { write } from 'node:fs'

interface Waiting {
  bytes: Uint8Array
  position: number
  done: (error?: Error) => void
}

export class WritesAside {
  readonly #waiting: Waiting[] = []
  #running: Promise<void> | undefined

  constructor(readonly fd: number) {}

  /** Writes all of `bytes` at a position. `done` gets the system's error, if any. */
  add(bytes: Uint8Array, position: number, done: (error?: Error) => void): void {
    this.#waiting.push({ bytes, position, done })
    this.#running ??= new Promise((resolve) => this.#next(resolve))
  }

  /** Resolves once nothing is under way; `undefined` when nothing is. */
  get idle(): Promise<void> | undefined {
    return this.#running
  }

  #next(idle: () => void): void {
    const first = this.#waiting[0]
    if (first === undefined) {
      this.#running = undefined
      idle()
      return
    }
    const { bytes, position } = first
    write(this.fd, bytes, 0, bytes.length, position, (error, written) => {
      if (!error && written < bytes.length) {
        first.bytes = bytes.subarray(written)
        first.position += written
        this.#next(idle)
        return
      }
      this.#waiting.shift()
      // The next one is under way already while this one is counted.
      this.#next(idle)
      first.done(error ?? undefined)
    })
  }
}
