/**
 * Who brought the media types that nobody had before: of all the room that there is for types, one peer has a part, so that nobody uses
 * up that of the others (P17).
 *
 * What holds: a peer is known by his address, so that whoever leaves and comes again has not more. In memory: types that were there
 * before the writer began are nobody's.
 */

import type { Db } from './open-catalogue.js'

/** Media types that one peer has brought, and that are still there. */
const mostOfPeer = 512

export interface TypeMakers {
  /** Whether the peer of this share may bring another one. */
  mayMake(share: number): boolean
  made(type: number, share: number): void
  /** No others are there any more. */
  keep(types: ReadonlySet<number>): void
}

export function typeMakersIn(db: Db): TypeMakers {
  const peerOf = db
    .prepare('select p.jid from share s cross join peer p on p.id = s.peer where s.id = ?')
    .pluck()
  const makers = new Map<number, string>()
  const counts = new Map<string, number>()
  const count = (peer: string, by: 1 | -1) => {
    const now = (counts.get(peer) ?? 0) + by
    if (now > 0) counts.set(peer, now)
    else counts.delete(peer)
  }
  return {
    mayMake: (share) => (counts.get(peerOf.get(share) as string) ?? 0) < mostOfPeer,
    made(type, share) {
      const peer = peerOf.get(share) as string
      makers.set(type, peer)
      count(peer, 1)
    },
    keep(types) {
      for (const [type, peer] of makers) {
        if (types.has(type)) continue
        makers.delete(type)
        count(peer, -1)
      }
    },
  }
}
