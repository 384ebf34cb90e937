/**
 * Which hosts that one's own server names (STUN, TURN, proxies) are contacted (docs/protocol.md, "Finding relays").
 *
 * One's own server is trusted with presence and stanzas, not with the inside of one's network: whoever runs it could name a
 * router's or a printer's address and have every user knock there. So what is inside is contacted only where the server is
 * inside as well: then it could knock there itself. Where the server is reached on this very machine (a server of one's own,
 * or the end of a tunnel), so may be what it names.
 */

import { type AddressFault, addressFault, isLoopback, parseAddress } from './addresses.js'
import { isPrivate } from './candidates.js'
import { portAllowed } from './ports.js'

/** Where relays are put so that they pass firewalls; web servers close what is no HTTP. */
const disguises: ReadonlySet<number> = new Set([80, 443])

/**
 * Why a host that the own server names is not contacted; undefined if it is.
 * @param stream the address that the stream of XMPP goes to, where it is known
 */
export function serverHostFault(
  { ip, port }: { ip: string; port: number },
  stream: string | undefined,
): AddressFault | 'inside' | undefined {
  const address = parseAddress(ip)
  if (address === undefined) return 'not-an-ip'
  const at = stream === undefined ? undefined : parseAddress(stream.replace(/^::ffff:(?=\d+\.)/i, ''))
  // We are talking to that machine already.
  if (at !== undefined && at.parts.join() === address.parts.join()) return undefined
  const beyond = beyondNat64(address.parts)
  // Only what is public: a NAT64 may lead to what is inside, too.
  if (beyond !== undefined && serverHostFault({ ip: beyond, port }, undefined) === undefined) return undefined
  const isHere = at !== undefined && isLoopback(at)
  const fault = addressFault(ip, { allowLoopback: isHere })
  if (fault !== undefined) return fault
  if (isPrivate(ip) && !isHere && (at === undefined || blockOf(at.parts) !== blockOf(address.parts))) {
    return 'inside'
  }
  return portAllowed(port) || disguises.has(port) ? undefined : 'port'
}

/** The IPv4 address that a NAT64 leads to (RFC 6052, 2.1): in a network of IPv6 only, resolvers give every IPv4 host one of these. */
function beyondNat64(parts: readonly number[]): string | undefined {
  const [a, b, c, d, e, f, high = 0, low = 0] = parts
  const isNat64 = parts.length === 8 && a === 0x64 && b === 0xff9b && [c, d, e, f].every((part) => part === 0)
  return isNat64 ? [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.') : undefined
}

/** Which private network an address is of: those of RFC 1918 and 6598 whole, of IPv6 the site (RFC 4193). */
function blockOf(parts: readonly number[]): string {
  const [a = 0, b = 0, c = 0] = parts
  if (parts.length === 8) return (a & 0xfe00) === 0xfc00 ? `${a}:${b}:${c}` : ''
  if (a === 10) return '10/8'
  if (a === 172 && b >= 16 && b < 32) return '172.16/12'
  if (a === 192 && b === 168) return '192.168/16'
  return a === 100 && (b & 0xc0) === 64 ? '100.64/10' : ''
}
