/**
 * What one peer asks for is done a few at a time, in its order, so that one with many does not keep the others waiting for
 * the one writer and the few readers (P17, cases 43 and 45). What waits is bounded, for one and for all (P16).
 */

import { later } from './refusing.js'

/** Of one peer that wait, if nothing else is said. */
const usuallyWaiting = 32
/** Of all peers. */
const mostOfAll = 2_048

interface Line {
  running: number
  readonly waiting: (() => void)[]
}

export class Turns {
  readonly #lines = new Map<string, Line>()
  #waiting = 0

  /** @param atOnce of one peer that run @param mostWaiting of one peer that wait */
  constructor(
    private readonly atOnce: number,
    private readonly mostWaiting = usuallyWaiting,
  ) {}

  /** Works that wait, for figures. */
  get waiting(): number {
    return this.#waiting
  }

  /** Runs `work` in its turn. @throws Refused when too much is waiting */
  async take<T>(peer: string, work: () => Promise<T>): Promise<T> {
    const line = this.#lines.get(peer) ?? { running: 0, waiting: [] }
    this.#lines.set(peer, line)
    if (line.running >= this.atOnce) {
      if (line.waiting.length >= this.mostWaiting || this.#waiting >= mostOfAll) throw later()
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
