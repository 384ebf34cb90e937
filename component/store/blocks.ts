/** Whom peers block: what such a one offers or requests is recorded like any other, and brought to nobody (P23). */

import { parseJid } from '../../schemas/index.js'
import type { Db } from './open.js'

export interface Blocks {
  /** Replaces what a peer said before: bare JIDs and domains. */
  set(peer: string, blocked: readonly string[]): void
  /** Whether a peer blocks another one, or his domain. Nobody blocks himself. */
  has(peer: string, other: string): boolean
}

export function blocksIn(db: Db): Blocks {
  const clear = db.prepare('delete from block where peer = ?')
  const add = db.prepare('insert into block (peer, blocked) values (?, ?) on conflict do nothing')
  // Not `in (?, ?)`, which makes a table of the two first.
  const find = db.prepare(
    `select 1 from block where peer = ? and blocked = ?
     union all select 1 from block where peer = ? and blocked = ? limit 1`,
  )
  return {
    set(peer, blocked) {
      clear.run(peer)
      for (const each of blocked) add.run(peer, each)
    },
    has: (peer, other) =>
      find.get(peer, other, peer, parseJid(other)?.domain ?? other) !== undefined && peer !== other,
  }
}
