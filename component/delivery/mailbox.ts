/**
 * What is on its way to one device, and what waits for it in memory.
 *
 * A device is trusted with as much as it has shown to answer: one delivery at first, one more with each answer, up to
 * `mostInFlight`. So those that never answer, however many, hold little of what there is for all (P16, P17).
 */

import type { Element } from '../../schemas/index.js'
import type { Session } from '../attendance/logins.js'

/** Something to deliver. A stored one has a row; `payload` may hold addresses that the row lacks. */
export interface Parcel {
  readonly row?: number
  readonly payload: Element
  /** About how many characters it has. */
  readonly weight: number
}

/** Deliveries to one device at once. */
export const mostInFlight = 64
/** Deliveries to one device in memory, beyond those. */
const mostWaiting = 256
/** Weight of what is in flight to one device, and of what waits for it in memory; one delivery may always be. */
const heaviest = 262_144

export class Mailbox {
  readonly waiting: Parcel[] = []
  inFlight = 0
  /** How many may be in flight. */
  window = 1
  /** Rows after `lastRow` are in the store only. */
  behind = true
  lastRow = 0
  pause: NodeJS.Timeout | undefined
  pauses = 0
  #waitingWeight = 0
  #flyingWeight = 0
  #said = Number.NEGATIVE_INFINITY

  constructor(readonly session: Session) {}

  /** Whether it has answered anything since it came. */
  get isProven(): boolean {
    return this.window > 1
  }

  hasRoomFor({ weight }: Parcel): boolean {
    return this.waiting.length < mostWaiting && this.#waitingWeight + weight <= heaviest
  }

  hold(parcel: Parcel): void {
    this.waiting.push(parcel)
    this.#waitingWeight += parcel.weight
  }

  /** Weight of what waits in memory. */
  get waitingWeight(): number {
    return this.#waitingWeight
  }

  /** The next, if this device may be sent it now. */
  next(): Parcel | undefined {
    const [first] = this.waiting
    if (first === undefined || this.inFlight >= this.window) return undefined
    return this.inFlight === 0 || this.#flyingWeight + first.weight <= heaviest ? first : undefined
  }

  /** The next is on its way. */
  take(): Parcel {
    const parcel = this.waiting.shift()!
    this.#waitingWeight -= parcel.weight
    this.inFlight++
    this.#flyingWeight += parcel.weight
    return parcel
  }

  /** It is not on its way any more. */
  landed({ weight }: { weight: number }): void {
    this.inFlight--
    this.#flyingWeight -= weight
  }

  /** It was answered: the device may have one more at once. */
  answered(): void {
    this.pauses = 0
    if (this.window < mostInFlight) this.window++
  }

  /** It asks for patience: what is stored is read again from this row on, and one at a time. */
  postponed(row: number | undefined): void {
    this.window = 1
    if (row === undefined) return
    this.behind = true
    this.lastRow = Math.min(this.lastRow, row - 1)
    const unstored = this.waiting.filter((parcel) => parcel.row === undefined)
    this.waiting.length = 0
    this.#waitingWeight = 0
    for (const parcel of unstored) this.hold(parcel)
  }

  /** Whether something about this device may stand in the log now: once a minute. */
  maySay(now: number): boolean {
    if (now - this.#said < 60_000) return false
    this.#said = now
    return true
  }

  empty(): void {
    clearTimeout(this.pause)
    this.waiting.length = 0
    this.#waitingWeight = 0
  }
}
