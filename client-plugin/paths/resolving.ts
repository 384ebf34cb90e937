/** Host names of one's own server, as addresses: what is announced, and what is dialled, is always an IP literal. */

import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { within } from './within.js'

/** A resolver that is silent for so long is not waited for, ms. */
const resolveMs = 3_000

/** The first IPv6 and the first IPv4 address of a host, each at most once; none where it has none. Never rejects. */
export async function addressesOf(host: string): Promise<string[]> {
  if (isIP(host) !== 0) return [host]
  const found = await within(resolveMs, lookup(host, { all: true, verbatim: true }))
  const all = found ?? []
  const firsts = [6, 4].map((family) => all.find((one) => one.family === family))
  return firsts.flatMap((one) => (one === undefined ? [] : [one.address]))
}
