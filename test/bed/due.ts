/** Which path is due to two homes: a pure table, by what their routers let in. */
import type { HomePlan } from './bed.js'

/** `relay` is either of the ways through the server. */
export type DuePath = 'direct' | 'mapped' | 'punch' | 'relay'

/** The straightest path that there is between them, whoever sends. */
export function pathDue(a: HomePlan, b: HomePlan): DuePath {
  const homes = [a, b]
  // One side that everybody can reach is enough, as both sides dial.
  if (homes.some(({ router }) => router === 'open' || router === 'full-cone')) return 'direct'
  if (homes.some(({ upnp }) => upnp === true)) return 'mapped'
  // Neither lets in a stranger, but both let in whom they have written to, and their ports outside are known.
  if (homes.every(({ router }) => router === 'restricted')) return 'punch'
  // IPv6 is translated by nobody.
  if (homes.every(({ ipv6 }) => ipv6 === true)) return 'punch'
  return 'relay'
}

/** What a transfer says of its path, as the table says it. */
export function asDue(kind: string): DuePath | 'inband' | undefined {
  if (kind === 'proxy' || kind === 'turn') return 'relay'
  if (kind === 'direct' || kind === 'mapped' || kind === 'punch' || kind === 'inband') return kind
  return undefined
}
