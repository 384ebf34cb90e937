/**
 * Puts bytes that come over several sockets in order: what is next is handed on at once, what lies ahead is copied and kept, up
 * to a bound. Knows positions and memory, no sockets.
 */

import { BadFrame } from '../../protocol/frames.js'

/** The most that is kept of what lies ahead, in bytes: as much as the receiving side asks for at once. */
const maxAheadBytes = 8 * 1024 * 1024

/** What a run costs besides its bytes, so that many small ones do not take more memory than they seem to. */
const runCostBytes = 512

export class Order {
  #next: number
  #cost = 0
  readonly #ahead = new Map<number, Uint8Array>()

  /** @param deliver takes bytes whose memory is valid only during the call */
  constructor(
    position: number,
    readonly deliver: (bytes: Uint8Array) => void,
    readonly maxBytes = maxAheadBytes,
  ) {
    this.#next = position
  }

  /** The position of the byte that is to be handed on next. */
  get next(): number {
    return this.#next
  }

  /** Whether nothing more can be kept: only what is next is taken. */
  get isFull(): boolean {
    return this.#cost >= this.maxBytes
  }

  /**
   * Takes bytes that begin at a position; gives false, and takes none, when they lie ahead and there is no room.
   * @throws BadFrame for bytes that came before
   */
  take(position: number, bytes: Uint8Array): boolean {
    if (position < this.#next || this.#ahead.has(position)) throw new BadFrame('bytes that came before')
    if (position > this.#next) {
      if (this.isFull) return false
      this.#ahead.set(position, new Uint8Array(bytes))
      this.#cost += bytes.length + runCostBytes
      return true
    }
    this.#handOn(bytes)
    for (let run = this.#ahead.get(this.#next); run !== undefined; run = this.#ahead.get(this.#next)) {
      this.#ahead.delete(this.#next)
      this.#cost -= run.length + runCostBytes
      this.#handOn(run)
    }
    return true
  }

  #handOn(bytes: Uint8Array): void {
    this.#next += bytes.length
    this.deliver(bytes)
  }
}
