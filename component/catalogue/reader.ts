/** All that is asked of the catalogue, on a connection that can only read. Synchronous: it runs in a thread of its own. */

import { browsingIn } from './browsing.js'
import { deadlineIn, TooSlow } from './deadline.js'
import { descriptionsIn, type FoundSource } from './descriptions.js'
import { foldersIn } from './folders.js'
import { inVainIn } from './in-vain.js'
import { openForReading } from './open-catalogue.js'
import { type Found, packed, searchIn } from './search.js'
import { makeSightTables } from './sight.js'
import type { Matches, Query, Root, ShareAddress, Span } from './values.js'

export function openReader(path: string, cacheKiB?: number) {
  const db = openForReading(path, cacheKiB)
  makeSightTables(db)
  const deadline = deadlineIn(db)
  const search = searchIn(db, deadline)
  const isInVain = inVainIn(db)
  const descriptions = descriptionsIn(db)
  const browsing = browsingIn(db)
  const folders = foldersIn(db)
  const searches = db.prepare(
    `select id, name as watch, found - heard as waiting, found as mark from saved_search
     where peer = ? and device = ? and name = coalesce(?, name) and found > heard order by name`,
  )
  const matches = db.prepare('select content, path, share from match where search = ? order by number')
  const operations = {
    hits: (asker: string, found: Found[]) => descriptions.hits(asker, found),
    /** A search and its first page, in one go. */
    searchPage(asker: string, query: Query, max: number) {
      const { found, isPartial } = search(asker, query)
      return { found: packed(found), isPartial, first: descriptions.hits(asker, found.slice(0, max)) }
    },
    isInVain: (asker: string, query: Query) => isInVain(asker, query),
    findSources: (asker: string, root: Root) => descriptions.findSources(asker, root),
    sources: (asker: string, root: Root, found: FoundSource[]) => descriptions.sources(asker, root, found),
    peers: (asker: string, which: 'online' | 'offline' | 'all', span: Span) =>
      browsing.peers(asker, which, span),
    shares: (asker: string, peer: string, span: Span) => browsing.shares(asker, peer, span),
    folder: (asker: string, share: ShareAddress, folder: string, isDeep: boolean, span: Span) =>
      folders.list(asker, share, folder, isDeep, span),
    tags: (asker: string) => browsing.tags(asker),
    tagsNow: (asker: string, tags: readonly string[]) => browsing.tagsNow(asker, tags),
    tagsWith: (asker: string, prefix: string, span: Span) => browsing.tagsWith(asker, prefix, span),
    entryAt: (asker: string, share: ShareAddress, path: string) => folders.entryAt(asker, share, path),
    entryOf: (asker: string, peer: string, root: Root, device?: string) =>
      descriptions.entryOf(asker, peer, root, device),
    /** What was found for a device, as far as it is still there. */
    matches(peer: string, device: string, watch?: string): Matches[] {
      const waiting = searches.all(peer, device, watch ?? null) as (Matches & {
        id: number
        waiting: number
      })[]
      return waiting.map(({ id, watch, waiting, mark }) => {
        const rows = matches.all(id) as Found[]
        const hits = descriptions.hits(peer, rows).filter((hit) => hit !== undefined)
        return { watch, hits, more: Math.max(0, waiting - rows.length), mark }
      })
    },
  }
  return {
    operations,
    /** Runs `work` on one state of the database, with a deadline. */
    within<T>(ms: number, work: () => T): T | { kind: 'too-slow' } {
      deadline.set(ms)
      try {
        // Deferred: one snapshot for all statements of the work, and no lock.
        return db.transaction(work).deferred()
      } catch (error) {
        if (error instanceof TooSlow) return { kind: 'too-slow' }
        throw error
      }
    },
    close: () => void db.close(),
  }
}

export type Reader = ReturnType<typeof openReader>
export type ReaderOperations = Reader['operations']
