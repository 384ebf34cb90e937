/**
 * How fast bytes go through the stream that people chat on. Pure: the caller has the clock.
 *
 * A stock Prosody allows 10 kB/s with a burst of two seconds, a stock ejabberd 3 kB/s with a burst of 20 kB. Three quarters
 * of the first are used and a part of the burst, so that what a person says finds room at once. That room is one for all
 * streams of a session. Where an answer takes long, the server holds us back, and as long again is left to others; that is
 * for the one stream to heed, since it may as well be its other side that is slow.
 */

/** Bytes a second, in the long run. */
const bytesPerSecond = 7_500
/** Bytes that may go at once. */
const burst = 12_000
/** An answer that took longer than this was held back, ms. */
const promptMs = 1_000
/** Nothing is waited for longer, ms. */
const longestMs = 5_000

/** What there is for all streams of one session. */
export class InBandRoom {
  #room = burst
  #at: number | undefined

  /** How long to wait before a stanza of so many bytes, ms. */
  waitMs(bytes: number, now: number): number {
    this.#fill(now)
    const missing = Math.min(bytes, burst) - this.#room
    return (missing / bytesPerSecond) * 1_000
  }

  take(bytes: number, now: number): void {
    this.#fill(now)
    this.#room -= bytes
  }

  #fill(now: number): void {
    if (this.#at !== undefined) {
      this.#room = Math.min(burst, this.#room + ((now - this.#at) / 1_000) * bytesPerSecond)
    }
    this.#at = now
  }
}

/** The pace of one stream. */
export class InBandPace {
  #notBefore = Number.NEGATIVE_INFINITY

  constructor(readonly room = new InBandRoom()) {}

  /** How long to wait before a stanza of so many bytes, ms. */
  waitMs(bytes: number, now: number): number {
    return Math.max(0, this.#notBefore - now, this.room.waitMs(bytes, now))
  }

  /** A stanza of so many bytes was written. */
  said(bytes: number, now: number): void {
    this.room.take(bytes, now)
  }

  /** It was answered. */
  answered(tookMs: number, now: number): void {
    if (tookMs > promptMs) this.#notBefore = now + Math.min(longestMs, tookMs)
  }
}
