/**
 * Files that changed while they were hashed: each is left alone for as long as was spent on it for nothing, so that one that
 * is written to without rest (the disk of a virtual machine) costs half of a thread at most, and less each time.
 */

/** At least, ms. */
const shortestMs = 50
/** At most, unless one try alone took longer, ms. */
const longestMs = 600_000

interface Left {
  /** Ms that were spent on it in all. */
  spent: number
  /** Left alone until then, on the clock of `performance.now()`. */
  until: number
}

export class Restless {
  readonly #left = new Map<number, Left>()

  /** How many may have to be left alone. */
  get size(): number {
    return this.#left.size
  }

  /** A file changed after so many ms of hashing it. */
  changed(n: number, spentMs: number, now: number): void {
    // Of what is gone, or was never tried again.
    for (const [other, { until }] of this.#left) if (now - until > longestMs) this.#left.delete(other)
    const spent = (this.#left.get(n)?.spent ?? 0) + spentMs
    const ms = Math.max(shortestMs, spentMs, Math.min(longestMs, spent))
    this.#left.set(n, { spent, until: now + ms })
  }

  isLeft(n: number, now: number): boolean {
    const left = this.#left.get(n)
    return left !== undefined && now < left.until
  }

  /** It was hashed. */
  rested(n: number): void {
    this.#left.delete(n)
  }
}
