/** All that is asked of the catalogue, on a connection that can only read. Synchronous: it runs in a thread of its own. */

import { browsingIn } from './browsing.js'
import { deadlineIn, TooSlow } from './deadline.js'
import { descriptionsIn, type FoundSource } from './descriptions.js'
import { openForReading } from './open-catalogue.js'
import { type Found, searchIn } from './search.js'
import { makeSightTables } from './sight.js'
import type { Query, Root, ShareName } from './values.js'

export function openReader(path: string) {
  const db = openForReading(path)
  makeSightTables(db)
  const deadline = deadlineIn(db)
  const search = searchIn(db, deadline)
  const descriptions = descriptionsIn(db)
  const browsing = browsingIn(db)
  const operations = {
    search: (asker: string, query: Query) => search(asker, query),
    hits: (asker: string, found: Found[]) => descriptions.hits(asker, found),
    /** A search and its first page, in one go. */
    searchPage(asker: string, query: Query, max: number) {
      const found = search(asker, query)
      return { found, first: descriptions.hits(asker, found.slice(0, max)) }
    },
    findSources: (asker: string, root: Root) => descriptions.findSources(asker, root),
    sources: (asker: string, root: Root, found: FoundSource[]) => descriptions.sources(asker, root, found),
    peers: (asker: string, which: 'online' | 'offline' | 'all', after: string, max: number) =>
      browsing.peers(asker, which, after, max),
    shares: (asker: string, peer: string, after: string, max: number) =>
      browsing.shares(asker, peer, after, max),
    folder: (asker: string, share: ShareName, folder: string, after: string, max: number) =>
      browsing.folder(asker, share, folder, after, max),
    tags: (asker: string, after: string, max: number) => browsing.tags(asker, after, max),
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
