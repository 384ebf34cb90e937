/**
 * Gives what is written to whichever socket can take more, a little at a time: at first to the link's own one as it is, and
 * from a position on in pieces to all of them. No socket is given a range of its own, and none has much waiting, so that a slow
 * one holds up little.
 */

import type { TLSSocket } from 'node:tls'
import { maxPieceBytes } from '../../protocol/frames.js'
import { pieceHeader } from './words.js'

/** A socket with more than this waiting is given nothing, in bytes. */
const roomBytes = 64 * 1024

/** `write` gives false while more than this is queued, in bytes. */
const queueBytes = 1024 * 1024

interface Waiting {
  bytes: Uint8Array
  /** Bytes that were given to a socket. */
  at: number
  /** Bytes that no socket has done with. */
  left: number
  flushed: (() => void) | undefined
}

interface Road {
  socket: TLSSocket
  queued: number
  isOpen: boolean
}

export class Outlet {
  readonly #first: Road
  readonly #roads: Road[]
  readonly #queue: Waiting[] = []
  #queuedBytes = 0
  #inPieces = false
  #ending = false
  #over = false

  /** @param position of the next byte: so many went over the first socket before */
  constructor(
    first: TLSSocket,
    private position: number,
  ) {
    this.#first = { socket: first, queued: 0, isOpen: true }
    this.#roads = [this.#first]
  }

  /** Whether a frame of the link itself may go over the first socket now. */
  get isIdle(): boolean {
    return this.#queue.length === 0 && this.#first.isOpen && this.#first.queued === 0
  }

  write(bytes: Uint8Array, flushed?: () => void): boolean {
    if (bytes.length === 0) {
      if (flushed !== undefined) queueMicrotask(flushed)
      return this.#queuedBytes < queueBytes
    }
    this.#queue.push({ bytes, at: 0, left: bytes.length, flushed })
    this.#queuedBytes += bytes.length
    this.#pump()
    return this.#queuedBytes < queueBytes
  }

  /** Writes a frame of the link itself; only while it is idle. */
  aside(frame: Uint8Array): void {
    if (!this.#inPieces) this.position += frame.length
    this.#first.socket.write(frame)
  }

  /**
   * From here on there are pieces; the first socket carries none before `join` is called with it, as the other side does not
   * know yet. Gives the position of the first one.
   */
  split(): number {
    this.#inPieces = true
    this.#first.isOpen = false
    return this.position
  }

  /** A socket carries pieces from now on. */
  join(socket: TLSSocket): void {
    if (socket === this.#first.socket) this.#first.isOpen = true
    else this.#roads.push({ socket, queued: 0, isOpen: true })
    this.#pump()
  }

  /** Ends all sockets when what is queued has been given to them. */
  end(): void {
    this.#ending = true
    this.#pump()
  }

  /** Nothing is written any more; who waits for a buffer has it back. */
  stop(): void {
    if (this.#over) return
    this.#over = true
    for (const waiting of this.#queue.splice(0)) this.#done(waiting, waiting.bytes.length - waiting.at)
  }

  #pump(): void {
    for (let next = this.#queue[0]; next !== undefined; next = this.#queue[0]) {
      const road = this.#over ? undefined : this.#freest()
      if (road === undefined) return
      const bytes = next.bytes.subarray(next.at, next.at + maxPieceBytes)
      next.at += bytes.length
      if (next.at === next.bytes.length) this.#queue.shift()
      this.#give(road, bytes, next)
    }
    if (!this.#ending || this.#over) return
    this.#over = true
    for (const { socket } of this.#roads) socket.end()
  }

  /** The first one where it has room, as what is small and alone is soonest there. */
  #freest(): Road | undefined {
    let best: Road | undefined
    for (const road of this.#roads) {
      if (!road.isOpen || road.queued >= roomBytes) continue
      if (best === undefined || road.queued < best.queued) best = road
    }
    return best
  }

  #give(road: Road, bytes: Uint8Array, of: Waiting): void {
    if (this.#inPieces) road.socket.write(pieceHeader(this.position, bytes.length))
    this.position += bytes.length
    road.queued += bytes.length
    road.socket.write(bytes, () => {
      road.queued -= bytes.length
      this.#done(of, bytes.length)
      this.#pump()
    })
  }

  #done(of: Waiting, bytes: number): void {
    of.left -= bytes
    this.#queuedBytes -= bytes
    if (of.left === 0) of.flushed?.()
  }
}
