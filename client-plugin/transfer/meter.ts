/** How fast bytes come: a rate smoothed over some seconds, and the time left at that rate. */

/** How long a moment counts, ms: an older one has a third of its weight. */
const memoryMs = 3_000
/** Looks closer together than this are one, ms. */
const grainMs = 50

export class Meter {
  #rate = 0
  #at: number | undefined
  #bytes = 0

  /** Forgets the rate, as at the beginning of an attempt that begins at `bytes`. */
  begin(bytes: number, nowMs: number): void {
    this.#rate = 0
    this.#at = nowMs
    this.#bytes = bytes
  }

  /** Takes a look: `bytes` there are now. */
  look(bytes: number, nowMs: number): void {
    if (this.#at === undefined) {
      this.begin(bytes, nowMs)
      return
    }
    const passed = nowMs - this.#at
    if (passed < grainMs) return
    const now = (Math.max(0, bytes - this.#bytes) * 1_000) / passed
    const weight = this.#rate === 0 ? 1 : 1 - Math.exp(-passed / memoryMs)
    this.#rate += (now - this.#rate) * weight
    this.#at = nowMs
    this.#bytes = bytes
  }

  /** Bytes a second. */
  get rate(): number {
    return this.#rate
  }

  /** Seconds for `bytes` more; undefined while nothing comes. */
  secondsFor(bytes: number): number | undefined {
    return this.#rate > 0 ? bytes / this.#rate : undefined
  }
}
