/**
 * Connections that came in and have not proved themselves: at most eight at once (docs/protocol.md, "Authenticating").
 *
 * A port that listens is open to everybody, and the true peer must get in while somebody else holds sockets open. So a
 * newcomer is never turned away: the oldest of the address that has the most of them makes room. One address that fills
 * the room only ever displaces itself. Of IPv6 a network of 64 bits counts as one address: any machine in it has all of them.
 */

import { parseAddress } from '../protocol/addresses.js'

/** At most so many unproven connections at once. */
export const maxUnproven = 8

/** Who has to make room for one more; undefined while there is room. Oldest first in `waiting`. */
export function displaced<T extends { remote: string }>(waiting: readonly T[]): T | undefined {
  if (waiting.length < maxUnproven) return undefined
  const counts = new Map<string, number>()
  const froms = waiting.map(({ remote }) => placeOf(remote))
  for (const from of froms) counts.set(from, (counts.get(from) ?? 0) + 1)
  const most = Math.max(...counts.values())
  return waiting[froms.findIndex((from) => counts.get(from) === most)]
}

function placeOf(remote: string): string {
  const address = parseAddress(remote)
  return address?.family === 6 ? address.parts.slice(0, 4).join(':') : remote
}
