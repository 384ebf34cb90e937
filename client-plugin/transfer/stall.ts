/**
 * A transfer whose journal cannot be written: it stands still and tries again, 1 to 60 s apart, until it can.
 *
 * Rules: what has to be done whatever happens is kept, and done first and in its order; whatever else was to be noted is
 * forgotten, since the transfer goes on from what the journal says.
 */

import { waitAfter } from '../../protocol/attempts/index.js'
import { chance } from '../chance.js'
import { type JournalFailed, journalFailureIn } from '../journal/journal-failed.js'

/** One that comes so soon after the one before is the same trouble still, ms. */
const sameTroubleMs = 120_000

export interface Stalled {
  /** Writes something to the journal, or throws JournalFailed. */
  probe(): void
  /** It stands still, since or still. */
  again(why: JournalFailed): void
  /** The journal takes writes. */
  over(): Promise<void>
  /** What failed otherwise. */
  report(error: unknown): void
}

export class Stall {
  #timer: NodeJS.Timeout | undefined
  #failures = 0
  #failedAt = Number.NEGATIVE_INFINITY
  #ended = false
  readonly #wishes: (() => void)[] = []

  constructor(readonly transfer: Stalled) {}

  /** The journal could not be written; `wish` is what must not be forgotten. */
  begin(why: JournalFailed, wish?: () => void): void {
    if (this.#ended) return
    if (wish !== undefined) this.#wishes.push(wish)
    const now = performance.now()
    if (now - this.#failedAt > sameTroubleMs) this.#failures = 0
    this.#failedAt = now
    this.transfer.again(why)
    this.#timer ??= setTimeout(() => this.#try(), waitAfter(++this.#failures, chance()))
  }

  /** Nothing is tried any more. */
  end(): void {
    this.#ended = true
    clearTimeout(this.#timer)
  }

  #try(): void {
    this.#timer = undefined
    try {
      this.transfer.probe()
      for (let wish = this.#wishes[0]; wish !== undefined; wish = this.#wishes[0]) {
        wish()
        this.#wishes.shift()
      }
    } catch (error) {
      const why = journalFailureIn(error)
      if (why !== undefined) this.begin(why)
      else {
        this.#wishes.length = 0
        this.transfer.report(error)
      }
      return
    }
    this.transfer.over().catch((error: unknown) => this.transfer.report(error))
  }
}
