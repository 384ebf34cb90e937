/**
 * What the attributes of STUN and TURN mean (RFC 8489, section 14; RFC 8656, section 18; RFC 6062, section 6).
 *
 * Reading gives a value that needs no further check, or undefined where the attribute is absent or not well made.
 */

import { type Address, parseAddress } from '../../protocol/addresses.js'
import { cookieBytes, type StunAttribute, type StunMessage } from './message.js'

/** The types that are understood here. A reply with another one below 0x8000 counts as not understood. */
export const attribute = {
  mappedAddress: 0x0001,
  username: 0x0006,
  messageIntegrity: 0x0008,
  errorCode: 0x0009,
  unknownAttributes: 0x000a,
  lifetime: 0x000d,
  xorPeerAddress: 0x0012,
  realm: 0x0014,
  nonce: 0x0015,
  xorRelayedAddress: 0x0016,
  requestedAddressFamily: 0x0017,
  requestedTransport: 0x0019,
  messageIntegritySha256: 0x001c,
  xorMappedAddress: 0x0020,
  connectionId: 0x002a,
  fingerprint: 0x8028,
} as const

/** Realm, nonce and reasons have at most so many bytes (RFC 8489, sections 14.8 to 14.10). */
const maxTextBytes = 763

export interface AddressAndPort {
  /** An IP literal in plain form. */
  ip: string
  port: number
}

export interface StunError {
  /** 300 to 699. */
  code: number
}

const known = new Set<number>(Object.values(attribute))

/** Whether a reply holds something without which it cannot be understood, and which is not known here. */
export function beyondUs(message: StunMessage): boolean {
  return message.attributes.some(({ type }) => type < 0x8000 && !known.has(type))
}

/** The bytes of the first attribute of a type: later ones of the same type are passed over (RFC 8489, section 14). */
function bytesOfAttribute(message: StunMessage, type: number): Buffer | undefined {
  return message.attributes.find((one) => one.type === type)?.value
}

/** The bytes of realm or nonce, as they are to be said again. */
export function textOf(message: StunMessage, type: number): Buffer | undefined {
  const value = bytesOfAttribute(message, type)
  return value !== undefined && value.length > 0 && value.length <= maxTextBytes ? value : undefined
}

/** A number of four bytes: a lifetime in seconds, or a connection's id. */
export function numberOf(message: StunMessage, type: number): number | undefined {
  const value = bytesOfAttribute(message, type)
  return value?.length === 4 ? value.readUInt32BE(0) : undefined
}

export function numberAttribute(type: number, number: number): StunAttribute {
  const value = Buffer.alloc(4)
  value.writeUInt32BE(number, 0)
  return { type, value }
}

/** Class and number of ERROR-CODE (RFC 8489, section 14.8); its text is a stranger's and not looked at. */
export function errorOf(message: StunMessage): StunError | undefined {
  const value = bytesOfAttribute(message, attribute.errorCode)
  if (value === undefined || value.length < 4 || value.length > 4 + maxTextBytes) return undefined
  const hundreds = value[2]! & 7
  const rest = value[3]!
  return hundreds >= 3 && hundreds <= 6 && rest < 100 ? { code: hundreds * 100 + rest } : undefined
}

/** An XORed address; of MAPPED-ADDRESS, the plain one. Port 0 is none. */
export function addressOf(message: StunMessage, type: number): AddressAndPort | undefined {
  const value = bytesOfAttribute(message, type)
  if (value === undefined || value.length < 4) return undefined
  const bytes = value[1] === 1 ? 4 : value[1] === 2 ? 16 : 0
  if (bytes === 0 || value.length !== 4 + bytes) return undefined
  const mask = type === attribute.mappedAddress ? Buffer.alloc(16) : maskOf(message.transaction)
  const port = value.readUInt16BE(2) ^ mask.readUInt16BE(0)
  if (port === 0) return undefined
  const address = value.subarray(4).map((byte, index) => byte ^ mask[index]!)
  return { ip: bytes === 4 ? address.join('.') : textOfIPv6(Buffer.from(address)), port }
}

/** @throws TypeError when `ip` is no IP literal: a bug of the caller */
export function xorAddressAttribute(
  type: number,
  { ip, port }: AddressAndPort,
  transaction: Buffer,
): StunAttribute {
  const address = parseAddress(ip)
  if (address === undefined) throw new TypeError('not an IP literal')
  const mask = maskOf(transaction)
  const bytes = bytesOf(address).map((byte, index) => byte ^ mask[index]!)
  const value = Buffer.alloc(4 + bytes.length)
  value[1] = address.family === 4 ? 1 : 2
  value.writeUInt16BE(port ^ mask.readUInt16BE(0), 2)
  value.set(bytes, 4)
  return { type, value }
}

function maskOf(transaction: Buffer): Buffer {
  return Buffer.concat([cookieBytes, transaction])
}

function bytesOf({ family, parts }: Address): number[] {
  return family === 4 ? [...parts] : parts.flatMap((part) => [part >> 8, part & 0xff])
}

function textOfIPv6(bytes: Buffer): string {
  return Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(index * 2).toString(16)).join(':')
}
