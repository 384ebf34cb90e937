/**
 * How long to be silent after the component held something else than we have in our books. Once is a copy of an older
 * memory, there or here; one that never agrees would have us publish without end (P16). Pure.
 */

const shortestMs = 1_000
const longestMs = 60_000
/** After so long without it is all forgotten, ms. */
const forgottenMs = 600_000

export class Arguing {
  #times = 0
  #lastAt = Number.NEGATIVE_INFINITY

  /** It was so again at `now`, monotonic in ms. @returns how long to wait before anything more is said, ms */
  pauseMs(now: number): number {
    if (now - this.#lastAt > forgottenMs) this.#times = 0
    this.#lastAt = now
    const doublings = this.#times++ - 1
    return doublings < 0 ? 0 : Math.min(longestMs, shortestMs * 2 ** Math.min(doublings, 10))
  }
}
