/**
 * Numbered changes of a share. What holds: a change is applied once, whole or not at all, and only after the one before it; one that is
 * held already is answered as if it had just been made; nobody has more than the quota, and a change that would go over
 * it is refused whole.
 */

import { splitPath } from '../../protocol/catalogue/paths.js'
import { faultOfChange } from './checks.js'
import type { Entries } from './entries.js'
import type { Quotas } from './limits.js'
import type { Db } from './open-catalogue.js'
import type { Registry } from './registry.js'
import type { Answer, Change, Entry, ShareName } from './values.js'

export interface Published {
  /** The last change held. */
  held: number
  entries: number
  isRepeat: boolean
}

export interface Publishing {
  /** `onNew` is told of each entry that is new or has new content. */
  publish(name: ShareName, change: Change, onNew: (share: number, entry: Entry) => void): Answer<Published>
}

export function publishingIn(db: Db, registry: Registry, entries: Entries, quotas: Quotas): Publishing {
  const ofPeer = db
    .prepare(
      `select coalesce(sum(entries), 0) from share where device is not null
         and peer = (select id from peer where jid = ?)`,
    )
    .pluck()
  const ofAll = db.prepare('select entries from total').pluck()
  const present = db.prepare(
    `select 1 from entry e join path p on p.id = e.path join folder f on f.id = p.folder
     where f.path = ? and p.folder = f.id and p.name = ? and e.share = ? and e.folder = f.id`,
  )
  const hold = db.prepare('update share set seq = ? where id = ? returning entries').pluck()

  const isPresent = (share: number, path: string) => {
    const { folder, name } = splitPath(path)!
    return present.get(folder, name, share) !== undefined
  }

  return {
    publish(name, change, onNew) {
      const fault = faultOfChange(change)
      if (fault !== undefined) return fault
      const share = registry.findShare(name)
      if (share === undefined) return { kind: 'not-found' }
      if (change.seq <= share.seq) {
        return { kind: 'ok', held: share.seq, entries: share.entries, isRepeat: true }
      }
      if (change.seq !== share.seq + 1) return { kind: 'gap', held: share.seq }

      const used = ofPeer.get(name.peer) as number
      const all = ofAll.get() as number
      const most = change.adds.length
      if (used + most > quotas.entriesPerPeer || all + most > quotas.entries) {
        // It may not be so many: some replace others, some go.
        const gone = new Set(change.removes.filter((path) => splitPath(path) && isPresent(share.id, path)))
        const come = new Set(change.adds.map(({ path }) => path))
        let growth = 0
        for (const path of come) if (!isPresent(share.id, path)) growth++
        for (const path of gone) if (!come.has(path)) growth--
        if (growth > 0 && used + growth > quotas.entriesPerPeer) {
          return { kind: 'quota', of: 'entries', used, max: quotas.entriesPerPeer }
        }
        if (growth > 0 && all + growth > quotas.entries) {
          return { kind: 'quota', of: 'all', used: all, max: quotas.entries }
        }
      }
      for (const path of change.removes) entries.remove(share.id, path)
      for (const entry of change.adds) if (entries.put(share.id, entry)) onNew(share.id, entry)
      entries.count(share.id)
      const count = hold.get(change.seq, share.id) as number
      return { kind: 'ok', held: change.seq, entries: count, isRepeat: false }
    },
  }
}
