/**
 * How often one device may make us ask others for paths: an attempt costs a conversation with each STUN and TURN server, a port at
 * the router, a stream at a proxy. Whoever opens attempts that lead nowhere, without end, gets our own addresses and no more;
 * every link that is made gives the whole account back. In memory only.
 */

/** Attempts at once, and how soon there is another one, ms. */
const atOnce = 16
const anotherMs = 1_000
/** Devices that are remembered; the one not heard of for longest is forgotten first. */
const mostDevices = 10_000

export class Expense {
  /** By device: from when on all of {@link atOnce} are there again, by `now`. */
  readonly #rested = new Map<string, number>()

  constructor(readonly now: () => number = () => performance.now()) {}

  /** Whether an attempt with this device may ask others. It counts from now on. */
  allow(device: string): boolean {
    const now = this.now()
    const until = Math.max(now, this.#rested.get(device) ?? now) + anotherMs
    if (until - now > atOnce * anotherMs) return false
    this.#rested.delete(device)
    this.#rested.set(device, until)
    if (this.#rested.size > mostDevices) this.#rested.delete(this.#rested.keys().next().value!)
    return true
  }

  /** A link with this device was made. */
  proven(device: string): void {
    this.#rested.delete(device)
  }
}
