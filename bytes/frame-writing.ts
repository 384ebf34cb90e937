/**
 * Small frames in memory of their own, ready for a channel.
 */

import { type FrameType, frameHeaderBytes, maxPayloadBytes, writeFrameHeader } from '../protocol/frames.js'

/** One frame with a copy of `payload`. */
export function frameOf(type: FrameType, file: number, offset: number, payload?: Uint8Array): Buffer {
  const payloadBytes = payload?.length ?? 0
  if (payloadBytes > maxPayloadBytes) throw new RangeError(`payload of ${payloadBytes} bytes`)
  const frame = Buffer.allocUnsafe(frameHeaderBytes + payloadBytes)
  writeFrameHeader(frame, 0, { type, file, offset, payloadBytes })
  if (payload !== undefined) frame.set(payload, frameHeaderBytes)
  return frame
}

/** The payload of `want`: how many bytes are asked for. */
export function lengthPayload(bytes: number): Buffer {
  const payload = Buffer.alloc(8)
  payload.writeBigUInt64BE(BigInt(bytes))
  return payload
}
