/**
 * Follows the frames in a stream of bytes: in an outgoing one to know where one may be put in between, as the link says `alive`
 * by itself and a caller may write a frame in several pieces; in an incoming one to see what is said to the link itself.
 */

import { type FrameHeader, frameHeaderBytes, readFrameHeader } from '../protocol/frames.js'

export class FrameEdge {
  private readonly header = new Uint8Array(frameHeaderBytes)
  private headerHave = 0
  private payloadLeft = 0
  private lost = false

  /** @param seen is given each header */
  constructor(private readonly seen?: (header: FrameHeader) => void) {}

  /** Whether the bytes so far were no frames. */
  get isLost(): boolean {
    return this.lost
  }

  /** Whether the bytes so far end with a whole frame. Never again true once they were no frames. */
  get atEdge(): boolean {
    return !this.lost && this.headerHave === 0 && this.payloadLeft === 0
  }

  /** Takes the next bytes of the stream. */
  pass(bytes: Uint8Array): void {
    let at = 0
    while (at < bytes.length && !this.lost) {
      if (this.payloadLeft > 0) {
        const skipped = Math.min(this.payloadLeft, bytes.length - at)
        this.payloadLeft -= skipped
        at += skipped
        continue
      }
      const taken = Math.min(frameHeaderBytes - this.headerHave, bytes.length - at)
      this.header.set(bytes.subarray(at, at + taken), this.headerHave)
      this.headerHave += taken
      at += taken
      if (this.headerHave === frameHeaderBytes) this.readHeader()
    }
  }

  private readHeader(): void {
    this.headerHave = 0
    let header: FrameHeader
    try {
      header = readFrameHeader(this.header, 0)
    } catch {
      this.lost = true
      return
    }
    this.payloadLeft = header.payloadBytes
    this.seen?.(header)
  }
}
