/** Host names of one's own server, as addresses: what is announced, and what is dialled, is always an IP literal. */

import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { within } from './within.js'

/** A resolver that is silent for so long is not waited for, ms. */
const resolveMs = 3_000

/** Where a host is, as far as it may be contacted. */
export interface Resolved {
  /** IP literals: the first IPv6 and the first IPv4 address. */
  ips: readonly string[]
  /** Why there is none, without an address. */
  fault?: string
}

/** The addresses of a host of which `faultOf` knows nothing against. Never rejects. */
export async function addressesOf(
  host: string,
  faultOf: (ip: string) => string | undefined,
): Promise<Resolved> {
  const all = isIP(host) === 0 ? await lookedUp(host) : [{ address: host, family: isIP(host) }]
  const fit = all.filter(({ address }) => faultOf(address) === undefined)
  const firsts = [6, 4].map((family) => fit.find((one) => one.family === family))
  const ips = firsts.flatMap((one) => (one === undefined ? [] : [one.address]))
  if (ips.length > 0) return { ips }
  const [first] = all
  return { ips, fault: (first && faultOf(first.address)) ?? 'unknown-host' }
}

async function lookedUp(host: string) {
  return (await within(resolveMs, lookup(host, { all: true, verbatim: true }))) ?? []
}
