/**
 * Who says a STUN message: MESSAGE-INTEGRITY by long-term credentials (RFC 8489, sections 9.2 and 14.5), and FINGERPRINT
 * (section 14.7), which says only that it is STUN.
 *
 * SHA-1 and MD5 are what the servers in use understand; what they protect here is the right to use a relay, never the
 * file, which has TLS of its own inside.
 */

import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { attribute } from './attributes.js'
import { headerBytes, type StunMessage, writeMessage } from './message.js'

const hmacBytes = 20
/** What FINGERPRINT is XORed with (RFC 8489, section 14.7). */
const fingerprintMask = 0x5354554e

/** The key of long-term credentials: MD5 of `username:realm:password` (RFC 8489, section 18.5.1.1). */
export function longTermKey(username: string, realm: Buffer, password: string): Buffer {
  return createHash('md5').update(`${username}:`).update(realm).update(`:${password}`).digest()
}

/** The message as bytes, with MESSAGE-INTEGRITY at its end. */
export function writeSigned(message: StunMessage, key: Buffer): Buffer {
  const empty = { type: attribute.messageIntegrity, value: Buffer.alloc(hmacBytes) }
  const bytes = writeMessage({ ...message, attributes: [...message.attributes, empty] })
  // The header says the length with the attribute; the sum is over what stands before it.
  const at = bytes.length - hmacBytes
  createHmac('sha1', key)
    .update(bytes.subarray(0, at - 4))
    .digest()
    .copy(bytes, at)
  return bytes
}

/** Whether these bytes, which are a message, carry the right MESSAGE-INTEGRITY. */
export function isSigned(bytes: Buffer, key: Buffer): boolean {
  const at = offsetOf(bytes, attribute.messageIntegrity)
  if (at === undefined || bytes.readUInt16BE(at + 2) !== hmacBytes) return false
  const before = Buffer.from(bytes.subarray(0, at))
  // What stands behind it (FINGERPRINT) was not there yet when it was made.
  before.writeUInt16BE(at + 4 + hmacBytes - headerBytes, 2)
  const wanted = createHmac('sha1', key).update(before).digest()
  return timingSafeEqual(wanted, bytes.subarray(at + 4, at + 4 + hmacBytes))
}

/** The part of a message that MESSAGE-INTEGRITY stands for; what follows it counts for nothing. */
export function signedPart(message: StunMessage): StunMessage {
  const end = message.attributes.findIndex(({ type }) => type === attribute.messageIntegrity)
  return end < 0 ? message : { ...message, attributes: message.attributes.slice(0, end) }
}

/** Whether a FINGERPRINT, where there is one, stands last and is right. */
export function fingerprintFits(bytes: Buffer): boolean {
  const at = offsetOf(bytes, attribute.fingerprint)
  if (at === undefined) return true
  if (at + 8 !== bytes.length || bytes.readUInt16BE(at + 2) !== 4) return false
  return bytes.readUInt32BE(at + 4) === (crc32(bytes.subarray(0, at)) ^ fingerprintMask) >>> 0
}

/** Where the first attribute of a type begins; the bytes are a message that was read. */
function offsetOf(bytes: Buffer, type: number): number | undefined {
  for (let at = headerBytes; at + 4 <= bytes.length; ) {
    if (bytes.readUInt16BE(at) === type) return at
    at += 4 + ((bytes.readUInt16BE(at + 2) + 3) & ~3)
  }
  return undefined
}

/** CRC-32 as in Ethernet: messages are small, so there is no table. (Node's own came with 20.15.) */
function crc32(bytes: Buffer): number {
  let sum = 0xffffffff
  for (const byte of bytes) {
    sum ^= byte
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ ((sum & 1) === 1 ? 0xedb88320 : 0)
  }
  return (sum ^ 0xffffffff) >>> 0
}
