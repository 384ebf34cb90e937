/**
 * The one writer: what is asked for since the last turn is done in one transaction, and answered after the commit (P7).
 *
 * What holds: a piece of work that throws takes only itself back (it is our bug if one does): the batch is taken back and each work run
 * in a transaction of its own. If the disk fails nothing of the batch is kept, and everybody is told. What was taken back by its
 * owner is removed in slices, between the batches, so that nobody waits for more than one slice.
 */

import { devicesIn } from './devices.js'
import { entriesIn } from './entries.js'
import { fillingIn } from './filling.js'
import { foundMatchesIn } from './found-matches.js'
import { interningIn } from './interning.js'
import type { Quotas } from './limits.js'
import { type Db, openForWriting } from './open-catalogue.js'
import { publishingIn } from './publishing.js'
import { registryIn } from './registry.js'
import { removalIn } from './removal.js'
import { savedSearchesIn } from './saved-searches.js'
import { makeSightTables } from './sight.js'
import type {
  Answer,
  Change,
  DeviceName,
  Entry,
  Query,
  ShareName,
  ShareSettings,
  WatchName,
} from './values.js'

export interface WriterConfig {
  path: string
  quotas: Quotas
  check: boolean
}

/** What can be asked of the writer. All are synchronous here. */
export function openWriter({ path, quotas, check }: WriterConfig) {
  const { db, ...opened } = openForWriting(path, { check })
  makeSightTables(db)
  const interning = interningIn(db)
  const devices = devicesIn(db, interning, quotas)
  const registry = registryIn(db, interning, quotas)
  const entries = entriesIn(db, interning)
  const publishing = publishingIn(db, registry, entries, quotas)
  const filling = fillingIn(db, registry, publishing, entries)
  const removal = removalIn(db, entries)
  const searches = savedSearchesIn(db, quotas)
  const matches = foundMatchesIn(db)
  const statistics = db.prepare(
    `select (select count(*) from peer) as peers, (select count(*) from device) as devices,
       (select count(*) from device where online) as online, (select count(*) from share where device is not null) as shares,
       (select entries from total) as entries, (select count(*) from saved_search) as searches`,
  )

  const operations = {
    register(name: DeviceName, id: string | undefined, now: number) {
      const answer = devices.register(name, id, now)
      if (answer.kind === 'ok' && answer.id !== id) searches.dropAll(name)
      return answer
    },
    registration: (name: DeviceName) => devices.registration(name),
    unregister(name: DeviceName) {
      searches.dropAll(name)
      return devices.unregister(name)
    },
    removePeer: (peer: string) => devices.removePeer(peer),
    attend(name: DeviceName, isOnline: boolean, now: number) {
      searches.seen(name, now)
      return devices.attend(name, isOnline, now)
    },
    allOffline: () => devices.allOffline(),
    expire(now: number) {
      searches.expire(now)
      return devices.expire(now)
    },
    openShare: (name: ShareName, settings: ShareSettings) => registry.openShare(name, settings),
    closeShare: (name: ShareName) => registry.closeShare(name),
    held(name: ShareName): Answer<{ held: number }> {
      const share = registry.findShare(name)
      if (share !== undefined) return { kind: 'ok', held: share.seq }
      return registry.isRegistered(name) ? { kind: 'not-found' } : { kind: 'unregistered' }
    },
    publish(name: ShareName, change: Change) {
      const answer = publishing.publish(name, change, (news) => {
        matches.record(news, searches.match(news, name.peer))
      })
      return { answer, matched: matches.take() }
    },
    beginFilling: (name: ShareName, seq: number) => filling.begin(name, seq),
    fill: (id: number, peer: string, some: readonly Entry[]) =>
      filling.put(id, some, (news, instead) => matches.keep(id, news, searches.match(news, peer, instead))),
    finishFilling(id: number) {
      const answer = filling.finish(id)
      matches.settle(id, answer.kind === 'ok' && answer.isApplied)
      return { answer, matched: matches.take() }
    },
    dropFilling(id: number) {
      matches.settle(id, false)
      filling.drop(id)
    },
    block: (peer: string, blocked: readonly string[]) => registry.block(peer, blocked),
    blocked: (peer: string) => registry.blocked(peer),
    keepOut: (who: string, isKeptOut: boolean) => registry.keepOut(who, isKeptOut),
    keptOut: () => registry.keptOut(),
    saveSearch: (name: WatchName, query: Query, now: number) => searches.save(name, query, now),
    dropSearch: (name: WatchName) => searches.drop(name),
    savedSearches: (name: DeviceName) => searches.list(name),
    heard: (name: WatchName, mark: number) => matches.heard(name, mark),
    statistics: () => statistics.get() as Statistics,
  }

  const forgetAll = () => {
    interning.forgetAll()
    entries.forget()
    searches.reload()
    matches.forget()
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
    opened,
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
  searches: number
}
export type Result = { value: unknown } | { error: unknown }
export type Writer = ReturnType<typeof openWriter>
export type WriterOperations = Writer['operations']
export type { Db }
