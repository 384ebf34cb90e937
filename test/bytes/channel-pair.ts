/**
 * Two ends of a channel in memory: the border at which the room of bytes is tried.
 *
 * It keeps the rules of `protocol/channel.ts` strictly: chunks are cut anywhere and their memory is
 * spoiled after the call; a written buffer is read only when it is delivered, so touching it too early
 * shows. It can be cut after any number of bytes in either direction.
 */

import type { Channel } from '../../protocol/channel.js'

export interface PairOptions {
  /** Gives the size of the next chunk; default 64 KiB. */
  chunkBytes?: () => number
  /** What arrives is put into the memory that its receiver lends. */
  lends?: boolean
  /** The channel breaks once so many bytes went from the first to the second end. */
  cutAfter?: number
  /** The channel breaks once so many bytes went from the second to the first end. */
  cutBackAfter?: number
}

interface Waiting {
  bytes: Uint8Array
  flushed: (() => void) | undefined
}

export class MemoryEnd implements Channel {
  other!: MemoryEnd
  readonly waiting: Waiting[] = []
  /** Bytes that arrived at the other end. */
  delivered = 0
  ended = false
  closed = false
  /** Whether this side ended it without being orderly. */
  destroyed = false
  cutAfter: number | undefined
  chunkBytes: () => number = () => 65_536
  /** Bytes that were put into memory of the receiver's. */
  inRoom = 0
  lends = false
  #room: (() => Uint8Array | undefined) | undefined
  #lent: Uint8Array | undefined
  #receive: ((chunk: Uint8Array) => void) | undefined
  #onClosed: ((error?: Error) => void) | undefined
  #early: Uint8Array[] = []
  #scheduled = false
  #closeError: Error | undefined

  write(bytes: Uint8Array, flushed?: () => void): boolean {
    if (this.ended || this.closed) {
      if (flushed !== undefined) queueMicrotask(flushed)
      return false
    }
    this.waiting.push({ bytes, flushed })
    this.schedule()
    return this.waiting.length < 16
  }

  onBytes(receive: (chunk: Uint8Array) => void): void {
    this.#receive = receive
    for (const chunk of this.#early.splice(0)) receive(chunk)
  }

  lendRoom(room: () => Uint8Array | undefined): void {
    if (this.lends) this.#room = room
  }

  onClosed(closed: (error?: Error) => void): void {
    this.#onClosed = closed
    if (this.closed) queueMicrotask(() => closed(this.#closeError))
  }

  end(): void {
    if (this.ended || this.closed) return
    this.ended = true
    this.schedule()
  }

  destroy(): void {
    this.destroyed = true
    this.close(new Error('destroyed'))
  }

  /** Breaks both ends now; what waits is lost. */
  close(error?: Error): void {
    for (const end of [this, this.other]) {
      if (end.closed) continue
      end.closed = true
      end.#closeError = error
      end.waiting.length = 0
      end.#onClosed?.(error)
    }
  }

  schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      this.#deliver()
    })
  }

  #deliver(): void {
    const next = this.waiting.shift()
    if (next !== undefined && !this.closed) {
      for (let at = 0; at < next.bytes.length && !this.closed; ) {
        const wished = Math.max(1, this.chunkBytes())
        const left = this.cutAfter === undefined ? wished : this.cutAfter - this.delivered
        const bytes = Math.min(wished, left, next.bytes.length - at)
        if (bytes > 0) this.other.#take(Buffer.from(next.bytes.subarray(at, at + bytes)))
        at += bytes
        this.delivered += bytes
        if (this.cutAfter !== undefined && this.delivered >= this.cutAfter) this.close(new Error('cut'))
      }
      next.flushed?.()
    }
    if (this.closed) return
    if (this.waiting.length > 0) this.schedule()
    else if (this.ended) this.close()
  }

  #take(chunk: Buffer): void {
    if (this.#receive === undefined) this.#early.push(chunk)
    else if (this.#room !== undefined) this.#takeInto(chunk, this.#receive)
    else {
      this.#receive(chunk)
      chunk.fill(0xee)
    }
  }

  /** As a socket does: what was lent after one chunk is what the next is put into. */
  #takeInto(chunk: Buffer, receive: (chunk: Uint8Array) => void): void {
    for (let at = 0; at < chunk.length; ) {
      const memory = this.#lent ?? Buffer.alloc(65_536)
      const bytes = Math.min(memory.length, chunk.length - at)
      memory.set(chunk.subarray(at, at + bytes))
      if (this.#lent !== undefined) this.inRoom += bytes
      receive(memory.subarray(0, bytes))
      if (this.#lent === undefined) memory.fill(0xee)
      this.#lent = this.#room?.()
      at += bytes
    }
  }
}

/** A connected pair. */
export function channelPair(options: PairOptions = {}): [MemoryEnd, MemoryEnd] {
  const first = new MemoryEnd()
  const second = new MemoryEnd()
  first.other = second
  second.other = first
  first.cutAfter = options.cutAfter
  second.cutAfter = options.cutBackAfter
  first.lends = second.lends = options.lends === true
  if (options.chunkBytes !== undefined) first.chunkBytes = second.chunkBytes = options.chunkBytes
  return [first, second]
}
