/**
 * STUN messages (RFC 8489, section 5): a header of 20 bytes and attributes, each padded to four bytes.
 *
 * What is read comes from strangers: everything is bounded, and what is not well made is no message, without a reason.
 * Nothing here knows what an attribute means; that is in attributes.ts.
 */

export type StunKind = 'request' | 'indication' | 'success' | 'error'

export interface StunAttribute {
  type: number
  value: Buffer
}

export interface StunMessage {
  method: number
  kind: StunKind
  /** 12 bytes, by which a reply is matched. */
  transaction: Buffer
  attributes: readonly StunAttribute[]
}

export const headerBytes = 20
export const transactionBytes = 12

/** Where a message is longer it is not for us: the longest texts of a reply (763 bytes each) fit in well. */
export const maxMessageBytes = 4096

const magicCookie = 0x2112a442
const maxAttributes = 32
const kinds: readonly StunKind[] = ['request', 'indication', 'success', 'error']

/** The first 8 bytes, from which XORed addresses are made (RFC 8489, section 14.2). */
export const cookieBytes = Buffer.from([0x21, 0x12, 0xa4, 0x42])

/** The message as bytes. @throws RangeError for a message longer than {@link maxMessageBytes}: a bug of the caller */
export function writeMessage(message: StunMessage): Buffer {
  const attributes = message.attributes.map(writeAttribute)
  const length = attributes.reduce((sum, one) => sum + one.length, 0)
  if (headerBytes + length > maxMessageBytes) throw new RangeError('STUN message too long')
  const header = Buffer.alloc(headerBytes)
  header.writeUInt16BE(typeOf(message.method, message.kind), 0)
  header.writeUInt16BE(length, 2)
  header.writeUInt32BE(magicCookie, 4)
  message.transaction.copy(header, 8, 0, transactionBytes)
  return Buffer.concat([header, ...attributes])
}

/** The message that these bytes are, from the first to the last; undefined if they are none. */
export function readMessage(bytes: Buffer): StunMessage | undefined {
  if (messageBytes(bytes) !== bytes.length) return undefined
  const attributes: StunAttribute[] = []
  let at = headerBytes
  while (at < bytes.length) {
    // The whole is a multiple of four, so that a header of an attribute is always there.
    const length = bytes.readUInt16BE(at + 2)
    const end = at + 4 + length
    if (end > bytes.length || attributes.length === maxAttributes) return undefined
    attributes.push({ type: bytes.readUInt16BE(at), value: bytes.subarray(at + 4, end) })
    at = end + padding(length)
  }
  const type = bytes.readUInt16BE(0)
  const kind = kinds[((type >> 7) & 2) | ((type >> 4) & 1)]!
  const method = ((type >> 2) & 0xf80) | ((type >> 1) & 0x70) | (type & 0xf)
  return { method, kind, transaction: bytes.subarray(8, headerBytes), attributes }
}

/**
 * How many bytes the message has that begins here, from its header alone: undefined while the header is not whole, 0
 * when no message begins here.
 */
export function messageBytes(bytes: Buffer): number | undefined {
  if (bytes.length < headerBytes) return undefined
  const length = bytes.readUInt16BE(2)
  const fits = headerBytes + length <= maxMessageBytes
  const isStun = bytes[0]! < 0x40 && bytes.readUInt32BE(4) === magicCookie && length % 4 === 0
  return isStun && fits ? headerBytes + length : 0
}

/** The bits of the method stand around the two of the kind (RFC 8489, figure 3). */
function typeOf(method: number, kind: StunKind): number {
  const bits = kinds.indexOf(kind)
  const spread = ((method & 0xf80) << 2) | ((method & 0x70) << 1) | (method & 0xf)
  return spread | ((bits & 2) << 7) | ((bits & 1) << 4)
}

function writeAttribute({ type, value }: StunAttribute): Buffer {
  const bytes = Buffer.alloc(4 + value.length + padding(value.length))
  bytes.writeUInt16BE(type, 0)
  bytes.writeUInt16BE(value.length, 2)
  value.copy(bytes, 4)
  return bytes
}

function padding(length: number): number {
  return (4 - (length % 4)) % 4
}
