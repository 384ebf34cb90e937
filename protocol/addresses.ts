/**
 * Which addresses may be dialled or announced (docs/protocol.md, "Candidates").
 *
 * Whoever sends a candidate makes us open a connection to it, so the rule is narrow: an IP literal in plain form, of a
 * class where a peer can live, at a port where no known service listens. Everything is decided from the text itself;
 * nothing here ever asks a resolver, because a name can change its meaning between the check and the dial.
 * IPv6 forms that carry an IPv4 address inside (mapped, compatible, NAT64, 6to4, Teredo) are refused whole: they would
 * be a second way to write an address that the IPv4 rule refuses.
 */

/** Why an address is refused; stable, and safe to log, as it never holds the address. */
export type AddressFault =
  | 'not-an-ip'
  | 'scope-id'
  | 'unspecified'
  | 'loopback'
  | 'link-local'
  | 'multicast'
  | 'broadcast'
  | 'reserved'
  | 'embedded-ipv4'
  | 'metadata-service'
  | 'port'

/** What widens the rule. */
export interface AddressRule {
  /** Also 127.0.0.0/8 and ::1: for tests and the demo only. */
  allowLoopback?: boolean
}

/** An address in one form, whatever way it was written. */
export interface Address {
  family: 4 | 6
  /** Four numbers of one byte (IPv4) or eight of two bytes (IPv6). */
  parts: readonly number[]
}

/** The longest text of an IPv6 address without a scope or dots. */
const maxAddressChars = 39

/** Reads an IP literal; gives undefined for everything else: names, short forms, octal, dotted IPv6, scopes. */
export function parseAddress(text: string): Address | undefined {
  if (text.length > maxAddressChars) return undefined
  return text.includes(':') ? parseIPv6(text) : parseIPv4(text)
}

function parseIPv4(text: string): Address | undefined {
  const words = text.split('.')
  if (words.length !== 4) return undefined
  // A leading zero is octal to some resolvers and decimal to others: it is no plain form.
  if (!words.every((word) => /^(0|[1-9][0-9]{0,2})$/.test(word) && Number(word) <= 255)) return undefined
  return { family: 4, parts: words.map(Number) }
}

function parseIPv6(text: string): Address | undefined {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const [head, tail] = halves.map((half) => (half === '' ? [] : half.split(':')))
  if (head === undefined) return undefined
  const words = [...head, ...(tail ?? [])]
  if (!words.every((word) => /^[0-9a-f]{1,4}$/i.test(word))) return undefined
  if (tail === undefined ? words.length !== 8 : words.length > 7) return undefined
  const zeros = new Array<string>(8 - words.length).fill('0')
  return { family: 6, parts: [...head, ...zeros, ...(tail ?? [])].map((word) => Number.parseInt(word, 16)) }
}

/** One text for one address, to compare and count by; undefined if it is none. */
export function addressKey(text: string): string | undefined {
  const address = parseAddress(text)
  if (address === undefined) return undefined
  return address.family === 4
    ? address.parts.join('.')
    : address.parts.map((part) => part.toString(16)).join(':')
}

/** Whether the address is this machine's own, 127.0.0.0/8 or ::1. */
export function isLoopback({ family, parts }: Address): boolean {
  return family === 4 ? parts[0] === 127 : parts.slice(0, 7).every((part) => part === 0) && parts[7] === 1
}

/** Why `ip` may be neither dialled nor announced; undefined if it may. */
export function addressFault(ip: string, rule: AddressRule = {}): AddressFault | undefined {
  if (ip.includes('%')) return 'scope-id'
  const address = parseAddress(ip)
  // A dotted tail is only ever used to write an embedded IPv4 address.
  if (address === undefined) return /^[0-9a-f:]*:[0-9]+\.[0-9.]+$/i.test(ip) ? 'embedded-ipv4' : 'not-an-ip'
  if (isLoopback(address)) return rule.allowLoopback === true ? undefined : 'loopback'
  return address.family === 4 ? faultIPv4(address.parts) : faultIPv6(address.parts)
}

function faultIPv4(parts: readonly number[]): AddressFault | undefined {
  const [a = 0, b = 0, c = 0] = parts
  const text = parts.join('.')
  if (text === '0.0.0.0') return 'unspecified'
  if (a === 0) return 'reserved'
  // The services that hand out a virtual machine's credentials (Alibaba, Azure; the usual one is link-local).
  if (text === '100.100.100.200' || text === '168.63.129.16') return 'metadata-service'
  if (a === 169 && b === 254) return 'link-local'
  if (a >= 224 && a <= 239) return 'multicast'
  if (text === '255.255.255.255') return 'broadcast'
  if (a >= 240) return 'reserved'
  if (a === 192 && b === 0 && c === 0) return 'reserved'
  if (a === 192 && b === 88 && c === 99) return 'embedded-ipv4'
  return undefined
}

function faultIPv6(parts: readonly number[]): AddressFault | undefined {
  const [a = 0, b = 0] = parts
  if (parts.every((part) => part === 0)) return 'unspecified'
  // ::/96 compatible, ::ffff:0:0/96 mapped (RFC 4291 2.5.5), 64:ff9b::/16 NAT64 (RFC 6052, 8215)
  if (parts.slice(0, 5).every((part) => part === 0)) return 'embedded-ipv4'
  if (a === 0x64 && b === 0xff9b) return 'embedded-ipv4'
  // 2002::/16 6to4 (RFC 3056), 2001::/32 Teredo (RFC 4380)
  if (a === 0x2002 || (a === 0x2001 && b === 0)) return 'embedded-ipv4'
  if ((a & 0xff00) === 0xff00) return 'multicast'
  if ((a & 0xffc0) === 0xfe80) return 'link-local'
  if (parts.join(':') === [0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254].join(':')) return 'metadata-service'
  const uniqueLocal = (a & 0xfe00) === 0xfc00
  const globalUnicast = (a & 0xe000) === 0x2000
  return uniqueLocal || globalUnicast ? undefined : 'reserved'
}
