/**
 * An offer that was to be taken, by a rule or a person's word, and cannot be: what can never be taken here is declined with the
 * reason, what has no room now is tried again. Nobody is left to wait for an answer that does not come.
 */
import type { DeclineReason, Offer } from '../../client-plugin/index.js'
import type { Trouble } from '../words.js'

/** How often it is looked again whether there is room, ms. The sender is told each time that there is none. */
const againMs = 60_000

const never: Partial<Record<Trouble['code'], DeclineReason>> = {
  'already-there': 'exists',
  'bad-name': 'bad-name',
  'file-too-large': 'file-too-large',
}

export class Untaken {
  readonly #waiting = new Map<Offer, NodeJS.Timeout>()
  #isOver = false

  constructor(
    /** Takes it, when there may be room. */
    readonly again: (offer: Offer) => void,
    /** Whether this command ends with the first that cannot be taken. */
    readonly isOnce: boolean,
    readonly lookAgainMs = againMs,
  ) {}

  /**
   * Does what is to be done about it.
   * @returns the trouble as the person here is to read it; undefined where that was said already
   */
  async heed(offer: Offer, trouble: Trouble): Promise<Trouble | undefined> {
    const reason = never[trouble.code]
    if (reason !== undefined) {
      await offer.decline(reason).catch(() => {})
      return { ...trouble, todo: 'Nothing was changed, and they are told so.' }
    }
    if (trouble.code !== 'no-space' || this.#isOver || this.isOnce) return trouble
    const isKnown = this.#waiting.has(offer)
    clearTimeout(this.#waiting.get(offer))
    // It is the connection that keeps the program running.
    this.#waiting.set(offer, setTimeout(() => this.#lookAgain(offer), this.lookAgainMs).unref())
    const todo = 'Free some space: it is tried again every minute, and they are told that it waits for that.'
    return isKnown ? undefined : { ...trouble, todo }
  }

  /** It is taken, or gone. */
  forget(offer: Offer): void {
    clearTimeout(this.#waiting.get(offer))
    this.#waiting.delete(offer)
  }

  /** Nothing is tried again any more. */
  end(): void {
    this.#isOver = true
    for (const timer of this.#waiting.values()) clearTimeout(timer)
    this.#waiting.clear()
  }

  #lookAgain(offer: Offer): void {
    if (offer.gone.aborted) this.forget(offer)
    else this.again(offer)
  }
}
