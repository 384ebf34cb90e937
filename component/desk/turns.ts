/**
 * Changes of one peer are made a few at a time, in their order, so that one with many does not keep the others waiting for
 * the one writer (P17, cases 43 and 45). What waits is bounded, for one and for all (P16).
 */

import { later } from './refusing.js'

/** Of one peer: at the writer, and waiting. */
const atOnce = 2
const mostWaiting = 32
/** Of all peers. */
const mostOfAll = 2_048

interface Line {
  running: number
  readonly waiting: (() => void)[]
}

export class Turns {
  readonly #lines = new Map<string, Line>()
  #waiting = 0

  /** Works that wait, for figures. */
  get waiting(): number {
    return this.#waiting
  }

  /** Runs `work` in its turn. @throws Refused when too much is waiting */
  async take<T>(peer: string, work: () => Promise<T>): Promise<T> {
    const line = this.#lines.get(peer) ?? { running: 0, waiting: [] }
    this.#lines.set(peer, line)
    if (line.running >= atOnce) {
      if (line.waiting.length >= mostWaiting || this.#waiting >= mostOfAll) throw later()
      this.#waiting++
      await new Promise<void>((resolve) => line.waiting.push(resolve))
      this.#waiting--
    } else {
      line.running++
    }
    try {
      return await work()
    } finally {
      // Its place goes to the next, or is free.
      const next = line.waiting.shift()
      if (next !== undefined) next()
      else if (--line.running === 0) this.#lines.delete(peer)
    }
  }
}
