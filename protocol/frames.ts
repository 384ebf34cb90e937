/**
 * The frames of a link (docs/protocol.md, "Frames"): a header of sixteen bytes and a payload.
 * Pure: it reads and writes headers in memory that the caller owns.
 */

/** What a frame says. The receiving side pulls; the sending side serves. */
export const FrameType = {
  /** sending → receiving, first on the link: "I have checked you". Payload: one byte, the version. */
  hello: 1,
  /** receiving → sending, on exactly one link of an attempt. Payload: the token, 32 bytes. */
  go: 2,
  /** receiving → sending: blocks held and proven before this link. Payload: bitmap, bit 0 of byte 0 is block `offset`. */
  held: 3,
  /** receiving → sending: send these bytes. `offset` and a payload of eight bytes, the length. */
  want: 4,
  /** sending → receiving: bytes of the file from `offset`. */
  data: 5,
  /** sending → receiving: hashes of the blocks from index `offset` on, 32 bytes each. */
  hashes: 6,
  /** receiving → sending: all blocks are proven; state the root. Payload empty. */
  finish: 7,
  /** sending → receiving: the root over the whole file. Payload: 32 bytes. */
  root: 8,
  /** receiving → sending: verified and durably in place. Payload empty. */
  done: 9,
  /** sending → receiving: the source is no longer what was offered. Payload empty. */
  changed: 10,
  /** either: pause here on purpose; what is proven stays. Payload empty. */
  stop: 11,
  /**
   * either: a sign of life, ignored. Payload empty. By the receiving side with an `offset` above 0: it would have so many
   * sockets more.
   */
  alive: 12,
  /** On a further socket only. receiving → sending, then back: its number and the proof that it belongs to the link, 33 bytes. */
  join: 13,
  /** On a further socket only. sending → receiving, then back: from `offset` of the link's bytes on they come in pieces. */
  from: 14,
  /** sending → receiving, on any socket of a link that has several: its bytes from `offset` on. At most {@link maxPieceBytes}. */
  piece: 15,
} as const

export type FrameType = (typeof FrameType)[keyof typeof FrameType]

/** Bytes in a frame's header. */
export const frameHeaderBytes = 16

/** The largest payload of a frame, in bytes: one mebibyte. */
export const maxPayloadBytes = 1 << 20

/** The largest payload of a `piece`, in bytes: one that waits on a slow socket holds up what comes behind it. */
export const maxPieceBytes = 64 * 1024

export interface FrameHeader {
  type: FrameType
  /** Which file of the offer, from 0. */
  file: number
  /** A position in the file in bytes, or a block's index, by the type. At most 2^53 - 1. */
  offset: number
  /** Bytes of payload that follow. */
  payloadBytes: number
}

/** Says why a frame cannot be one: the link is closed on it. */
export class BadFrame extends Error {
  override name = 'BadFrame'
}

const lastType = FrameType.piece

/**
 * Writes a header at `at`: type u8, 0 u8, file u16, payload length u32, offset u64, big endian.
 */
export function writeFrameHeader(into: Uint8Array, at: number, header: FrameHeader): void {
  const view = new DataView(into.buffer, into.byteOffset + at, frameHeaderBytes)
  view.setUint8(0, header.type)
  view.setUint8(1, 0)
  view.setUint16(2, header.file)
  view.setUint32(4, header.payloadBytes)
  view.setUint32(8, Math.floor(header.offset / 2 ** 32))
  view.setUint32(12, header.offset % 2 ** 32)
}

/**
 * Reads the header at `at`.
 * @throws BadFrame for an unknown type, a reserved byte that is set, a payload above
 *   {@link maxPayloadBytes} or an offset above 2^53 - 1.
 */
export function readFrameHeader(from: Uint8Array, at: number): FrameHeader {
  const view = new DataView(from.buffer, from.byteOffset + at, frameHeaderBytes)
  const type = view.getUint8(0)
  if (type < 1 || type > lastType) throw new BadFrame(`unknown frame type ${type}`)
  if (view.getUint8(1) !== 0) throw new BadFrame('reserved byte set')
  const payloadBytes = view.getUint32(4)
  if (payloadBytes > maxPayloadBytes) throw new BadFrame(`payload of ${payloadBytes} bytes`)
  const high = view.getUint32(8)
  if (high > 0x1fffff) throw new BadFrame('offset above 2^53 - 1')
  return {
    type: type as FrameType,
    file: view.getUint16(2),
    payloadBytes,
    offset: high * 2 ** 32 + view.getUint32(12),
  }
}
