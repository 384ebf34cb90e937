/**
 * SOCKS5 bytestreams: XEP-0065, as much of it as a server's proxy is asked. What a proxy answers is read leniently, and
 * bounded; host names stay what they are, since who dials resolves them.
 */

import { type Codec, record } from '../codec.js'
import { attribute, child } from '../fields.js'
import { foldJid } from '../jid.js'
import { Malformed } from '../malformed.js'
import { nsBytestreams } from '../names.js'
import { jid, pattern } from '../values.js'
import { childElements, type Element, isElement, xml } from '../xml.js'
import { isHost, portOf } from './host.js'

/** Where a proxy takes connections. */
export interface StreamHost {
  /** Who is asked to activate a stream there. */
  jid: string
  /** A name, or an IP literal. */
  host: string
  port: number
}

/** Addresses of one proxy that are looked at. */
const maxStreamHosts = 8

/** The question where a proxy takes connections (XEP-0065, 4.2). */
export const askStreamHosts = (): Element => xml('query', { xmlns: nsBytestreams })

/** Writes the answer. */
export function writeStreamHosts(hosts: readonly StreamHost[]): Element {
  const written = hosts.map(({ jid, host, port }) => xml('streamhost', { jid, host, port: String(port) }))
  return xml('query', { xmlns: nsBytestreams }, ...written)
}

/**
 * Reads the answer. What is none of an address is left out.
 * @throws Malformed when it is another element
 */
export function readStreamHosts(query: Element): StreamHost[] {
  if (!isElement(query, 'query', nsBytestreams)) throw new Malformed('query', 'not this element')
  const hosts: StreamHost[] = []
  for (const element of childElements(query)) {
    if (!isElement(element, 'streamhost', nsBytestreams)) continue
    const { jid, host } = element.attrs
    const folded = typeof jid === 'string' ? foldJid(jid) : undefined
    // XEP-0065, 2.1: without a port it is that of SOCKS5, to which nothing is dialled.
    const port = portOf(element.attrs.port)
    if (folded !== undefined && isHost(host) && port !== undefined) hosts.push({ jid: folded, host, port })
    if (hosts.length === maxStreamHosts) break
  }
  return hosts
}

const activationShape = {
  /** Chosen by who activates; part of what both sides say to the proxy by SOCKS5. */
  sid: attribute('sid', pattern(/^[\x21-\x7e]{1,128}$/, 'a stream id')),
  /** The other party, as it was written into the hash. */
  target: child('activate', jid),
}

/** "Both are connected: join them" (XEP-0065, 4.3), said to the proxy. */
export const activation: Codec<{ sid: string; target: string }> = record(
  'query',
  nsBytestreams,
  activationShape,
)
