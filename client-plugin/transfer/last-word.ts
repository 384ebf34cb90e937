/**
 * The word with which the other side ended a transfer, where the component's state says first that it has ended: asked at a login, it answers
 * before it has brought what waits, and knows that it is over, not why. The word is on its way then, and says why.
 *
 * Rules: it is waited for so long only, and only while we are logged in; who comes again asks again, and nothing is noted meanwhile.
 */

import type { End } from '../journal/record.js'

/** How long the component may take to bring what waits for us before it, ms. */
const longestMs = 10_000

export class LastWord {
  #timer: NodeJS.Timeout | undefined

  constructor(
    /** Whether anything can be brought to us. */
    readonly mayCome: () => boolean,
    readonly waitMs = longestMs,
  ) {}

  /**
   * Ends it as reported where no word has ended it by then, and at once where there is nothing to be said about why.
   * @param end does nothing where it is over
   */
  before(reported: End | 'aborting', end: () => void): void {
    if (reported === 'taken' || reported === 'expired') {
      end()
      return
    }
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      if (this.mayCome()) end()
    }, this.waitMs).unref()
  }
}
