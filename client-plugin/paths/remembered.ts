/**
 * A thing that is asked for and then remembered for some minutes.
 *
 * Rules: it is asked for once at a time; what is old is still given while it is asked for anew, unless it is no longer
 * good; whoever needs it waits for it only so long, and goes without.
 */

import { within } from './within.js'

/** So long an answer is not asked for again, ms. */
const freshMs = 600_000
/** So long after a failure, or an empty answer, it is not asked for again, ms. */
const patienceMs = 30_000

export interface Asked<T> {
  value: T
  /** Whether there is something in it; what is empty is asked for again sooner. */
  isUseful: boolean
}

export class Remembered<T> {
  #last: { value: T; at: number } | undefined
  #asking: Promise<void> | undefined
  #notBefore = 0

  constructor(
    /** Asks; rejects where it could not be asked. */
    readonly ask: () => Promise<Asked<T>>,
    /** Whether a value that is so old, in ms, is still good. */
    readonly isGood: (value: T, ageMs: number) => boolean = () => true,
  ) {}

  /** Begins to ask, if that is due. */
  refresh(): void {
    const now = performance.now()
    const isSpoilt = this.#last !== undefined && !this.#isGood(now)
    if (this.#asking !== undefined || (now < this.#notBefore && !isSpoilt)) return
    const asking = this.ask().then(
      ({ value, isUseful }) => {
        if (this.#asking !== asking) return
        this.#last = { value, at: performance.now() }
        this.#over(isUseful ? freshMs : patienceMs)
      },
      () => {
        if (this.#asking === asking) this.#over(patienceMs)
      },
    )
    this.#asking = asking
  }

  /** What is known, after waiting for it for `waitMs` at most, if nothing good is. */
  async get(waitMs: number): Promise<T | undefined> {
    this.refresh()
    if (!this.#isGood(performance.now()) && this.#asking !== undefined) await within(waitMs, this.#asking)
    return this.#isGood(performance.now()) ? this.#last!.value : undefined
  }

  /** It did not work: it is asked for again the next time. */
  doubt(): void {
    this.#notBefore = 0
  }

  /** All is to be asked anew: it was of another server, or of another session. */
  forget(): void {
    this.#last = undefined
    this.#asking = undefined
    this.#notBefore = 0
  }

  #over(restMs: number): void {
    this.#asking = undefined
    this.#notBefore = performance.now() + restMs
  }

  #isGood(now: number): boolean {
    return this.#last !== undefined && this.isGood(this.#last.value, now - this.#last.at)
  }
}
