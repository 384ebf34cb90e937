/**
 * Forgets devices that were not here for long and to which nothing refers, and what is kept for peers of whom no device is
 * left: with whom they have had to do, and whom they block. (A device tells anew whom its person blocks.) Looks at a few rows at
 * a time, in the order of a key, so that no index is kept for it.
 */

import { type Db, limited } from './open.js'

export interface Unseen {
  /**
   * Looks at devices after a row, and forgets those not seen since `before`, UTC in ms.
   * @returns after which row to go on, if there are more
   */
  forgetDevices(after: number, before: number, most: number): number | undefined
  /** Looks at peers after one. @returns after which one to go on, if there are more */
  forgetPeers(what: KeptForPeers, after: string, most: number): string | undefined
}

/** Tables of what is kept for a peer. */
export const keptForPeers = ['acquaintance', 'block'] as const
export type KeptForPeers = (typeof keptForPeers)[number]

/** Whether anything refers to device `d`: what it proposed or got, what waits for it or of it. */
export const isReferredTo = `(
  exists (select 1 from offer where author = d.id)
  or exists (select 1 from transfer where recipient = d.id)
  or exists (select 1 from transfer where awaits = d.id)
  or exists (select 1 from outbox where device = d.id))`

export function unseenIn(db: Db): Unseen {
  const last = db
    .prepare(`select max(id) from (select id from device where id > ? order by id ${limited()})`)
    .pluck()
  const forget = db.prepare(
    `delete from device as d where id > ? and id <= ? and jid is null and seen < ? and not ${isReferredTo}`,
  )
  const hasDevice = db.prepare('select 1 from device where peer = ?').pluck()
  const tables = {
    acquaintance: ofPeers(db, 'acquaintance', 'other'),
    block: ofPeers(db, 'block', 'blocked'),
  }
  return {
    forgetDevices(after, before, most) {
      const to = last.get(after, most) as number | null
      if (to === null) return undefined
      forget.run(after, to, before)
      return to
    },
    forgetPeers(what, after, most) {
      const { next, remove } = tables[what]
      let at = after
      for (let left = most; left > 0; left--) {
        const peer = next.get(at) as string | null
        if (peer === null) return undefined
        if (hasDevice.get(peer) === undefined) {
          left -= remove.run(peer, peer, left).changes
          // There may be more of this one.
          if (left <= 0) return at
        }
        at = peer
      }
      return at
    },
  }
}

function ofPeers(db: Db, table: KeptForPeers, other: string) {
  return {
    next: db.prepare(`select min(peer) from ${table} where peer > ?`).pluck(),
    remove: db.prepare(
      `delete from ${table} where peer = ? and ${other} in (select ${other} from ${table} where peer = ? ${limited()})`,
    ),
  }
}
