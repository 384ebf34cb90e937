/**
 * One socket's part of what comes in over several: reads frames out of chunks cut anywhere, and gives the bytes of pieces to
 * the order. The first socket brings the link's own bytes up to a position, and frames behind it.
 *
 * The pieces of one socket have rising positions. So a socket that waits for room never holds what is next: who has the next
 * byte finds it in front of all others, and takes it.
 */

import {
  BadFrame,
  FrameType,
  frameHeaderBytes,
  maxPieceBytes,
  readFrameHeader,
} from '../../protocol/frames.js'
import type { Inlet } from '../inlet.js'
import type { Order } from './order.js'

export interface LaneActions {
  /** Bytes came in. */
  came(bytes: number): void
  /** The other side says from where on there are pieces. */
  from(position: number): void
  /** Some bytes were handed on, or kept. */
  moved(): void
  /** What came is nothing that may come. */
  failed(error: unknown): void
}

export class Lane {
  readonly #header = new Uint8Array(frameHeaderBytes)
  #headerHave = 0
  #position = 0
  /** Bytes of the piece that are to come. */
  #left = 0
  #blocked = false
  #over = false

  constructor(
    readonly inlet: Inlet,
    readonly order: Order,
    readonly actions: LaneActions,
  ) {}

  /** Whether it waits for room. */
  get isBlocked(): boolean {
    return this.#blocked
  }

  /** Whether it need wait no longer. */
  get mayGoOn(): boolean {
    return this.#blocked && (!this.order.isFull || this.#position === this.order.next)
  }

  /** The first socket: the link's own bytes come, from this position on. */
  beginWith(position: number): void {
    this.#position = position
    this.#left = Number.POSITIVE_INFINITY
  }

  /** The first socket: they end before this position. @throws BadFrame when they do not */
  endAt(position: number): void {
    if (position < this.#position) throw new BadFrame('pieces of what came before')
    this.#left = position - this.#position
  }

  /** Reads from now on. */
  open(): void {
    this.#blocked = false
    this.inlet.deliverTo((chunk) => {
      this.actions.came(chunk.length)
      this.take(chunk)
    })
  }

  close(): void {
    this.#over = true
  }

  /** Takes the next bytes of the socket. */
  take(chunk: Uint8Array): void {
    try {
      this.#read(chunk)
    } catch (error) {
      this.close()
      this.actions.failed(error)
    }
    if (!this.#over) this.actions.moved()
  }

  #read(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length && !this.#over; ) {
      if (this.#left === 0) {
        at += this.#gatherHeader(chunk.subarray(at))
        continue
      }
      const bytes = chunk.subarray(at, at + Math.min(this.#left, chunk.length - at))
      if (!this.order.take(this.#position, bytes)) {
        this.#wait(chunk.subarray(at))
        return
      }
      at += bytes.length
      this.#left -= bytes.length
      this.#position += bytes.length
    }
  }

  #wait(rest: Uint8Array): void {
    this.#blocked = true
    // It counts when it is read again.
    this.actions.came(-rest.length)
    this.inlet.putBack(rest)
    this.inlet.deliverTo(undefined)
  }

  #gatherHeader(bytes: Uint8Array): number {
    const taken = Math.min(frameHeaderBytes - this.#headerHave, bytes.length)
    this.#header.set(bytes.subarray(0, taken), this.#headerHave)
    this.#headerHave += taken
    if (this.#headerHave === frameHeaderBytes) {
      this.#headerHave = 0
      this.#judge()
    }
    return taken
  }

  #judge(): void {
    const { type, file, offset, payloadBytes } = readFrameHeader(this.#header, 0)
    if (type === FrameType.alive && payloadBytes === 0) return
    if (file !== 0) throw new BadFrame('a piece of a file')
    if (type === FrameType.from && payloadBytes === 0) this.actions.from(offset)
    else if (type !== FrameType.piece) throw new BadFrame(`frame type ${type} among pieces`)
    else if (payloadBytes === 0 || payloadBytes > maxPieceBytes) throw new BadFrame('a piece of no length')
    else if (offset < this.#position) throw new BadFrame('pieces out of order')
    else {
      this.#position = offset
      this.#left = payloadBytes
    }
  }
}
