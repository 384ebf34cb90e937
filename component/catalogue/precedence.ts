/**
 * Searching goes before publishing: somebody waits for each answer, publishing goes on all the time, and there may be two cores for a reader, the
 * writer, the mover of its log and the main thread. The main thread counts what the readers are asked and have not answered; those that write look at
 * that number every few entries, and wait while it is not 0.
 *
 * What holds: who writes waits for no more than `longest` in a row, and in all for no more than `share` times as long as it did not; so
 * it keeps its part of the time however much is searched, and also if the number were never lowered again.
 */

/** What the threads share: a number of 32 bits. */
export type Shared = SharedArrayBuffer
export const makeShared = (): Shared => new SharedArrayBuffer(4)

/** What is asked of the readers and not answered; for the main thread. */
export class Asked {
  readonly #number: Int32Array

  constructor(shared: Shared) {
    this.#number = new Int32Array(shared)
  }

  get count(): number {
    return Atomics.load(this.#number, 0)
  }

  begin(): void {
    Atomics.add(this.#number, 0, 1)
  }

  /** To be called once for each `begin`. */
  end(): void {
    if (Atomics.sub(this.#number, 0, 1) === 1) Atomics.notify(this.#number, 0)
  }
}

export interface Patience {
  /** In a row, in ms. */
  longest: number
  /** Of waiting, for each ms without. */
  share: number
}

/** With a question after the other who writes has half of the time; a question is mostly answered within `longest`. */
const patienceOfWriting: Patience = { longest: 25, share: 1 }

/** Waiting for less is not worth it, in ms. */
const least = 1

export interface Clock {
  /** Monotonic, in ms. */
  now(): number
  /** Sleeps for `ms` at most, while the number is `value`. */
  wait(number: Int32Array, value: number, ms: number): void
}

const realClock: Clock = {
  now: () => performance.now(),
  wait: (number, value, ms) => void Atomics.wait(number, 0, value, ms),
}

/** Lets searches go first; for a thread that writes. */
export class GivingWay {
  readonly #number: Int32Array
  readonly #patience: Patience
  readonly #clock: Clock
  /** How long it may wait, in ms, as of `#since`. */
  #left: number
  #since: number

  constructor(shared: Shared, patience = patienceOfWriting, clock = realClock) {
    this.#number = new Int32Array(shared)
    this.#patience = patience
    this.#clock = clock
    this.#left = patience.longest
    this.#since = clock.now()
  }

  get isAsked(): boolean {
    return Atomics.load(this.#number, 0) > 0
  }

  /** Waits while there are searches, as long as it may. */
  giveWay(): void {
    if (!this.isAsked) return
    const { longest, share } = this.#patience
    const began = this.#clock.now()
    this.#left = Math.min(longest, this.#left + share * (began - this.#since))
    this.#since = began
    if (this.#left < least) return
    const until = began + this.#left
    for (let now = began; now < until; now = this.#clock.now()) {
      const asked = Atomics.load(this.#number, 0)
      if (asked <= 0) break
      this.#clock.wait(this.#number, asked, until - now)
    }
    this.#since = this.#clock.now()
    this.#left = Math.max(0, until - this.#since)
  }
}
