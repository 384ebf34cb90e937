/**
 * Takes frames out of the chunks of a channel.
 *
 * Rules: a header is judged before anything is kept for its payload; a payload that is not streamed is
 * gathered, at most one mebibyte; a chunk's memory is not kept.
 */

import { type FrameHeader, type FrameType, frameHeaderBytes, readFrameHeader } from '../protocol/frames.js'

export interface FrameSink {
  /** Judges a header. @throws BadFrame for one that may not come now. */
  begin(header: FrameHeader): void
  /** A whole frame of a type that is not streamed. The payload is valid only during the call. */
  frame(header: FrameHeader, payload: Buffer): void
  /** A piece of the payload of a streamed frame, beginning at `at` in it. Valid only during the call. */
  piece(header: FrameHeader, bytes: Uint8Array, at: number): void
}

export class FrameReader {
  readonly #head = new Uint8Array(frameHeaderBytes)
  #headHas = 0
  #header: FrameHeader | undefined
  #payload: Buffer | undefined
  #payloadHas = 0
  #stopped = false

  constructor(
    readonly sink: FrameSink,
    readonly streamed?: FrameType,
  ) {}

  /** How many bytes of a streamed payload are still to come before anything else does. */
  get streamLeft(): number {
    return this.#header === undefined || this.#payload !== undefined || this.#stopped
      ? 0
      : this.#header.payloadBytes - this.#payloadHas
  }

  /** Nothing more is handed on, even from the chunk being read. */
  stop(): void {
    this.#stopped = true
  }

  /** Takes the next chunk. @throws BadFrame, and whatever the sink throws */
  push(chunk: Uint8Array): void {
    let at = 0
    while (at < chunk.length && !this.#stopped) {
      if (this.#header === undefined) {
        at += this.#gatherHeader(chunk, at)
        continue
      }
      const bytes = Math.min(this.#header.payloadBytes - this.#payloadHas, chunk.length - at)
      // Most chunks lie within one payload: another view of the same bytes for each would be work for nothing.
      this.#take(this.#header, bytes === chunk.length ? chunk : chunk.subarray(at, at + bytes))
      at += bytes
    }
  }

  #gatherHeader(chunk: Uint8Array, at: number): number {
    const missing = frameHeaderBytes - this.#headHas
    const bytes = Math.min(missing, chunk.length - at)
    this.#head.set(chunk.subarray(at, at + bytes), this.#headHas)
    this.#headHas += bytes
    if (bytes < missing) return bytes
    this.#headHas = 0
    const header = readFrameHeader(this.#head, 0)
    this.sink.begin(header)
    this.#payloadHas = 0
    if (header.payloadBytes === 0) {
      this.sink.frame(header, Buffer.alloc(0))
      return bytes
    }
    this.#header = header
    if (header.type !== this.streamed) this.#payload = Buffer.allocUnsafe(header.payloadBytes)
    return bytes
  }

  #take(header: FrameHeader, bytes: Uint8Array): void {
    const at = this.#payloadHas
    this.#payloadHas += bytes.length
    const whole = this.#payloadHas === header.payloadBytes
    if (whole) this.#header = undefined
    if (this.#payload === undefined) {
      this.sink.piece(header, bytes, at)
      return
    }
    this.#payload.set(bytes, at)
    if (!whole) return
    const payload = this.#payload
    this.#payload = undefined
    this.sink.frame(header, payload)
  }
}
