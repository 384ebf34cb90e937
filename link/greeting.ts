/**
 * The two frames before a link is one (docs/protocol.md, "Authenticating"): `hello` by the sending side once it has
 * checked the other's certificate, and `go` with the token by the receiving side, on exactly one connection.
 * Their size is known, so a reader holds at most that much and judges each part as soon as it is there.
 */

import {
  BadFrame,
  FrameType,
  frameHeaderBytes,
  readFrameHeader,
  writeFrameHeader,
} from '../protocol/frames.js'

/** The version of the frames that both sides speak. */
export const linkVersion = 1

/** Bytes of the one-time token that shows a connection to belong to this attempt. */
export const tokenBytes = 32

/** The sending side's first word. */
export function helloFrame(): Uint8Array {
  return frame(FrameType.hello, Uint8Array.of(linkVersion))
}

/** The receiving side's word that this connection is the one. */
export function goFrame(token: Uint8Array): Uint8Array {
  return frame(FrameType.go, token)
}

function frame(type: FrameType, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(frameHeaderBytes + payload.length)
  writeFrameHeader(bytes, 0, { type, file: 0, offset: 0, payloadBytes: payload.length })
  bytes.set(payload, frameHeaderBytes)
  return bytes
}

/** What was read: the frame's payload, and the bytes that came after it in the same chunk. */
export interface Greeted {
  payload: Uint8Array
  rest: Uint8Array
}

/** Gathers exactly one frame of a known type and length out of chunks cut anywhere. */
export class GreetingReader {
  private readonly bytes: Uint8Array
  private have = 0

  constructor(
    private readonly type: FrameType,
    private readonly payloadBytes: number,
  ) {
    this.bytes = new Uint8Array(frameHeaderBytes + payloadBytes)
  }

  /**
   * Takes a chunk; gives the frame when it is whole.
   * @throws BadFrame for any other frame, as soon as its header is there.
   */
  take(chunk: Uint8Array): Greeted | undefined {
    const before = this.have
    const taken = Math.min(this.bytes.length - before, chunk.length)
    this.bytes.set(chunk.subarray(0, taken), before)
    this.have += taken
    if (before < frameHeaderBytes && this.have >= frameHeaderBytes) this.checkHeader()
    if (this.have < this.bytes.length) return undefined
    return { payload: this.bytes.slice(frameHeaderBytes), rest: chunk.subarray(taken) }
  }

  private checkHeader(): void {
    const header = readFrameHeader(this.bytes, 0)
    const expected = header.type === this.type && header.payloadBytes === this.payloadBytes
    if (!expected || header.file !== 0 || header.offset !== 0) throw new BadFrame('another greeting expected')
  }
}
