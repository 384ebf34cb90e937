/**
 * Connections that came in and have not proved themselves: at most eight at once (docs/protocol.md, "Authenticating").
 *
 * A port that listens is open to everybody, and the true peer must get in while somebody else holds sockets open. So a
 * newcomer is never turned away: the oldest of the address that has the most of them makes room. One address that fills
 * the room only ever displaces itself.
 */

/** At most so many unproven connections at once. */
export const maxUnproven = 8

/** Who has to make room for one more; undefined while there is room. Oldest first in `waiting`. */
export function displaced<T extends { remote: string }>(waiting: readonly T[]): T | undefined {
  if (waiting.length < maxUnproven) return undefined
  const counts = new Map<string, number>()
  for (const { remote } of waiting) counts.set(remote, (counts.get(remote) ?? 0) + 1)
  const most = Math.max(...counts.values())
  return waiting.find(({ remote }) => counts.get(remote) === most)
}
