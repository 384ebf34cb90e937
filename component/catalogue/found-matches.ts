/**
 * What saved searches have found, until their devices have heard of it. What holds: it is counted to the end, and of what was not heard
 * the first few are kept, so that it costs the same however long a device stays away. Entries of a whole list
 * count when the list takes its place, and not before.
 */

import { maxMatched } from './limits.js'
import type { Db } from './open-catalogue.js'
import type { News } from './publishing.js'
import type { Found, Saved } from './saved-searches.js'
import type { WatchName } from './values.js'

export interface FoundMatches {
  /** What found which of the entries of one change. */
  record(found: readonly Found[]): void
  /** As `record`, but for a list that is being filled. */
  keep(filling: number, found: readonly Found[]): void
  /** The list has taken its place, or never will. */
  settle(filling: number, isThere: boolean): void
  heard(name: WatchName, mark: number): void
  /** Which searches have found something since this was asked last. */
  take(): WatchName[]
  /** Forgets what was to be told: it was taken back. */
  forget(): void
}

interface Kept {
  saved: Saved
  count: number
  first: News[]
}

export function foundMatchesIn(db: Db): FoundMatches {
  const count = db.prepare('update saved_search set found = found + ? where id = ? returning found, heard')
  const put = db.prepare(
    'insert into match (search, number, content, path, share) values (?, ?, ?, ?, ?) on conflict do nothing',
  )
  const kept = db.prepare('select count(*) from match where search = ?').pluck()
  const hear = db.prepare(
    `update saved_search set heard = max(heard, min(found, @mark))
     where peer = @peer and device = @device and name = @watch returning id, heard`,
  )
  const drop = db.prepare('delete from match where search = ? and number <= ?')
  const told = new Map<number, Saved>()
  const filling = new Map<number, Map<number, Kept>>()

  const record = (saved: Saved, by: number, first: readonly News[]) => {
    const row = count.get(by, saved.id) as { found: number } | undefined
    // Dropped since it was kept.
    if (row === undefined) return
    told.set(saved.id, saved)
    const room = maxMatched - (kept.get(saved.id) as number)
    first.slice(0, Math.max(0, room)).forEach(({ share, put: { content, path } }, at) => {
      put.run(saved.id, row.found - by + 1 + at, content, path, share)
    })
  }

  return {
    record(found) {
      for (const { saved, news } of found) record(saved, news.length, news)
    },
    keep(id, found) {
      const mine = filling.get(id) ?? new Map<number, Kept>()
      filling.set(id, mine)
      for (const { saved, news } of found) {
        const one = mine.get(saved.id) ?? { saved, count: 0, first: [] }
        one.count += news.length
        one.first.push(...news.slice(0, maxMatched - one.first.length))
        mine.set(saved.id, one)
      }
    },
    settle(id, isThere) {
      const mine = isThere ? filling.get(id) : undefined
      for (const { saved, count, first } of mine?.values() ?? []) record(saved, count, first)
      filling.delete(id)
    },
    heard(name, mark) {
      const row = hear.get({ ...name, mark }) as { id: number; heard: number } | undefined
      if (row !== undefined) drop.run(row.id, row.heard)
    },
    take() {
      const names = [...told.values()].map(({ peer, device, watch }) => ({ peer, device, watch }))
      told.clear()
      return names
    },
    forget: () => told.clear(),
  }
}
