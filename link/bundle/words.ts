/** The frames that are said on further sockets only, and the one by which they are asked for (docs/protocol.md, "Several sockets"). */

import { FrameType, frameHeaderBytes, writeFrameHeader } from '../../protocol/frames.js'
import { proofBytes } from './proof.js'

/** Payload of `join`: the number of the socket, from 1, and the proof. */
export const joinBytes = 1 + proofBytes

/** The receiving side's word on a link that it would have so many sockets more; ignored by who knows nothing of them. */
export function wishFrame(more: number): Uint8Array {
  return frame(FrameType.alive, more)
}

/** "This is socket `number` of that link." */
export function joinFrame(number: number, proof: Uint8Array): Uint8Array {
  return frame(FrameType.join, 0, Uint8Array.of(number, ...proof))
}

/** The link's bytes from this position on come in pieces, over any of its sockets; said back when it was heard. */
export function fromFrame(position: number): Uint8Array {
  return frame(FrameType.from, position)
}

/** The header of a piece of so many bytes. */
export function pieceHeader(position: number, bytes: number): Uint8Array {
  const header = new Uint8Array(frameHeaderBytes)
  writeFrameHeader(header, 0, { type: FrameType.piece, file: 0, offset: position, payloadBytes: bytes })
  return header
}

function frame(type: FrameType, offset: number, payload: Uint8Array = new Uint8Array(0)): Uint8Array {
  const bytes = new Uint8Array(frameHeaderBytes + payload.length)
  writeFrameHeader(bytes, 0, { type, file: 0, offset, payloadBytes: payload.length })
  bytes.set(payload, frameHeaderBytes)
  return bytes
}
