/**
 * Numbered changes of a share (docs/catalogue.md, "Changes"). What holds: a change is applied once, whole or not at all, and only after the
 * one that it follows; nobody has more than the quota, and a change that would go over it is refused whole.
 */

import { splitPath } from '../../protocol/catalogue/paths.js'
import { faultOfChange } from './checks.js'
import type { Entries, Put } from './entries.js'
import type { Foresight } from './foresight.js'
import type { Quotas } from './limits.js'
import type { Db } from './open-catalogue.js'
import type { Registry } from './registry.js'
import type { Answer, Change, Entry, Refusal, ShareName } from './values.js'

export interface Published {
  /** The last change held. */
  held: number
  /** Whether it was applied; if not, it was said before, or does not follow what is held. */
  isApplied: boolean
  /** How many of its entries are there with less than was said of them; unset if none. */
  less?: number
}

/** What was put by a change that was not there before. */
export interface News {
  share: number
  entry: Entry
  put: Put
}

export interface Publishing {
  /** `onNew` is told of the entries that are new or have new content, after all of the change is done. */
  publish(name: ShareName, change: Change, onNew: (news: readonly News[]) => void): Answer<Published>
  /** Whether a peer may have `more` entries than are counted, some of which may be in `share` and go. */
  room(peer: string, more: number, instead?: number): Refusal | undefined
}

export function publishingIn(
  db: Db,
  registry: Registry,
  entries: Entries,
  quotas: Quotas,
  foresight: Foresight,
): Publishing {
  const ofPeer = db
    .prepare(
      `select coalesce(sum(entries), 0) from share where peer = (select id from peer where jid = ?)
         and (device is not null or filling)`,
    )
    .pluck()
  const ofAll = db.prepare('select entries from total').pluck()
  const hold = db.prepare('update share set seq = ? where id = ?')

  const room: Publishing['room'] = (peer, more, instead = 0) => {
    const used = (ofPeer.get(peer) as number) - instead
    if (used + more > quotas.entriesPerPeer) {
      return { kind: 'quota', of: 'entries', used, max: quotas.entriesPerPeer }
    }
    const all = ofAll.get() as number
    return all + more > quotas.entries
      ? { kind: 'quota', of: 'all', used: all, max: quotas.entries }
      : undefined
  }

  /** By how many the change makes the share grow: some of it replaces what is there, some goes. */
  const growthBy = (share: number, { adds, removes }: Change) => {
    const come = new Set(adds.map(({ path }) => path))
    let growth = 0
    for (const path of come) if (!entries.has(share, path)) growth++
    for (const path of new Set(removes))
      if (splitPath(path) && !come.has(path) && entries.has(share, path)) growth--
    return growth
  }

  return {
    room,
    publish(name, change, onNew) {
      const fault = faultOfChange(change)
      if (fault !== undefined) return fault
      const share = registry.findShare(name)
      if (share === undefined)
        return registry.isRegistered(name) ? { kind: 'not-found' } : { kind: 'unregistered' }
      if (change.base !== share.seq) return { kind: 'ok', held: share.seq, isApplied: false }

      if (room(name.peer, change.adds.length) !== undefined) {
        const growth = growthBy(share.id, change)
        const refused = growth > 0 ? room(name.peer, growth) : undefined
        if (refused !== undefined) return refused
      }
      // What goes and comes again elsewhere was renamed: it is not new.
      const gone = new Set(change.removes.map((path) => entries.remove(share.id, path)))
      const news: News[] = []
      let less = 0
      for (const [index, entry] of change.adds.entries()) {
        const put = entries.put(share.id, entry, foresight.at(index))
        if (put.isLess) less++
        if (put.isNew && !gone.has(put.content)) news.push({ share: share.id, entry, put })
      }
      entries.count(share.id)
      hold.run(change.seq, share.id)
      onNew(news)
      return { kind: 'ok', held: change.seq, isApplied: true, ...(less > 0 && { less }) }
    },
  }
}
