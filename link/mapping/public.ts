/** Whether an outer address is one that anybody can reach: a router behind another router maps at an address that is not. */

import { addressFault, parseAddress } from '../../protocol/addresses.js'

/** IPv4 only: no router translates IPv6. RFC 6890 and its registry. */
export function isPublic(ip: string): boolean {
  const address = parseAddress(ip)
  if (address?.family !== 4 || addressFault(ip) !== undefined) return false
  const [a = 0, b = 0, c = 0] = address.parts
  if (a === 10 || (a === 172 && b >= 16 && b <= 31) || (a === 192 && b === 168)) return false
  // Shared by the customers of a provider (RFC 6598); for measuring (RFC 2544); for documents (RFC 5737).
  if ((a === 100 && b >= 64 && b <= 127) || (a === 198 && (b === 18 || b === 19))) return false
  return ![[192, 0, 2].join(), [198, 51, 100].join(), [203, 0, 113].join()].includes([a, b, c].join())
}
