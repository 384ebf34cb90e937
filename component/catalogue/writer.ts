/**
 * The one writer: what is asked for since the last turn is done in one transaction, and answered after the commit (P7).
 *
 * What holds: a piece of work that throws takes only itself back (it is our bug if one does): the batch is taken back and each work run
 * in a transaction of its own. If the disk fails nothing of the batch is kept, and everybody is told. What was taken back by its
 * owner is removed in slices, between the batches, so that nobody waits for more than one slice.
 */

import { entriesIn } from './entries.js'
import { interningIn } from './interning.js'
import type { Quotas } from './limits.js'
import { type Db, openForWriting } from './open-catalogue.js'
import { publishingIn } from './publishing.js'
import { type Registry, registryIn } from './registry.js'
import { removalIn } from './removal.js'
import { savedSearchesIn, toldAtMost } from './saved-searches.js'
import { makeSightTables } from './sight.js'
import type { Answer, Change, DeviceName, Match, Query, ShareName, ShareSettings } from './values.js'

export interface WriterConfig {
  path: string
  quotas: Quotas
  check: boolean
}

/** What can be asked of the writer. All are synchronous here. */
export function openWriter({ path, quotas, check }: WriterConfig) {
  const { db, setAside } = openForWriting(path, { check })
  makeSightTables(db)
  const interning = interningIn(db)
  const registry: Registry = registryIn(db, interning, quotas)
  const entries = entriesIn(db, interning)
  const publishing = publishingIn(db, registry, entries, quotas)
  const removal = removalIn(db, entries)
  const searches = savedSearchesIn(db, interning, quotas)
  const statistics = db.prepare(
    `select (select count(*) from peer) as peers, (select count(*) from device) as devices,
       (select count(*) from device where online) as online, (select count(*) from share where device is not null) as shares,
       (select entries from total) as entries`,
  )

  const operations = {
    register: (name: DeviceName, now: number) => registry.register(name, now),
    unregister: (name: DeviceName) => registry.unregister(name),
    attend: (name: DeviceName, isOnline: boolean, now: number) => registry.attend(name, isOnline, now),
    allOffline: () => registry.allOffline(),
    expire: (now: number) => registry.expire(now),
    openShare: (name: ShareName, settings: ShareSettings, restart: boolean) =>
      registry.openShare(name, settings, restart),
    closeShare: (name: ShareName) => registry.closeShare(name),
    held(name: ShareName): Answer<{ held: number; entries: number }> {
      const share = registry.findShare(name)
      return share ? { kind: 'ok', held: share.seq, entries: share.entries } : { kind: 'not-found' }
    },
    publish(name: ShareName, change: Change) {
      const matches: Match[] = []
      const answer = publishing.publish(name, change, (share, entry) => {
        if (matches.length < toldAtMost) matches.push(...searches.match(share, name, entry))
      })
      return { answer, matches: matches.slice(0, toldAtMost) }
    },
    block: (peer: string, blocked: readonly string[]) => registry.block(peer, blocked),
    saveSearch: (peer: string, name: string, query: Query) => searches.save(peer, name, query),
    dropSearch: (peer: string, name: string) => searches.drop(peer, name),
    savedSearches: (peer: string) => searches.list(peer),
    statistics: () => statistics.get() as Statistics,
  }

  const forgetAll = () => {
    interning.forgetAll()
    entries.forget()
    searches.reload()
  }
  const inTransaction = <T>(work: () => T): T => {
    try {
      return db.transaction(work).immediate()
    } catch (error) {
      forgetAll()
      throw error
    }
  }
  return {
    operations,
    setAside,
    /** Runs all works in one transaction. @returns for each what it gave, or the error */
    runAll(works: readonly (() => unknown)[]): Result[] {
      try {
        return inTransaction(() => works.map((work) => ({ value: work() })))
      } catch (error) {
        if (works.length === 1) return [{ error }]
        return works.map((work) => {
          try {
            return { value: inTransaction(work) }
          } catch (error) {
            return { error }
          }
        })
      }
    },
    /** One slice of removing. @returns whether there is more */
    removeSome: () => inTransaction(() => removal.step()),
    /** One slice of forgetting words. @returns whether this round goes on */
    sweepSome: () => inTransaction(() => removal.sweepWords()),
    close() {
      db.pragma('wal_checkpoint(truncate)')
      db.close()
    },
  }
}

export interface Statistics {
  peers: number
  devices: number
  online: number
  shares: number
  entries: number
}
export type Result = { value: unknown } | { error: unknown }
export type Writer = ReturnType<typeof openWriter>
export type WriterOperations = Writer['operations']
export type { Db }
