/**
 * Whether the other side still does its part. The receiving side asks for something, takes what it asked for, or finishes; the sending
 * side sends or states something. One that is alive and does none of it would keep this side for ever, and with it the place of others
 * in a queue, or others from being asked.
 *
 * Rules: counted is only time in which this side has nothing to do; in quarters, so that a machine which was suspended counts one of
 * them for it.
 */

/**
 * How long it may do nothing, ms: longer than a slow disk takes to put a large file in place or to read some gibibytes of it, or a slow
 * line for what is in flight.
 */
export const patienceMs = 15 * 60_000

const quarters = 4

export class Owed {
  readonly #timer: NodeJS.Timeout
  #quiet = 0

  /**
   * @param isOurs whether the next word is this side's
   * @param lost called once, after all of the patience
   */
  constructor(isOurs: () => boolean, lost: () => void, patience = patienceMs) {
    this.#timer = setInterval(() => {
      this.#quiet = isOurs() ? 0 : this.#quiet + 1
      if (this.#quiet <= quarters) return
      this.stop()
      lost()
    }, patience / quarters)
    this.#timer.unref()
  }

  /** Something was done. */
  moved(): void {
    this.#quiet = 0
  }

  stop(): void {
    clearInterval(this.#timer)
  }
}
