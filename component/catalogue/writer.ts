/**
 * The one writer: what is asked for since the last turn is done in one transaction. Commits do not wait for the disk: whoever answers
 * does (log-flush.ts, P7).
 *
 * What holds: a piece of work that throws takes only itself back (it is our bug if one does): the batch is taken back and each work run
 * in a transaction of its own. If the disk fails nothing of the batch is kept, and everybody is told. What was taken back by its
 * owner is removed in slices, between the batches, so that nobody waits for more than one slice.
 */

import { statSync } from 'node:fs'
import { SetClock } from '../store/set-clock.js'
import { faultOf, StoreFailed } from '../store/store-failed.js'
import { admissionIn } from './admission.js'
import { backUp } from './backup.js'
import { checkpoint } from './checkpoints.js'
import { devicesIn } from './devices.js'
import { entriesIn } from './entries.js'
import { fillingIn } from './filling.js'
import { Foresight } from './foresight.js'
import type { ForesightMemory } from './foresight-memory.js'
import { foundMatchesIn } from './found-matches.js'
import { interningIn } from './interning.js'
import type { Quotas } from './limits.js'
import { type Db, openAnother, openForWriting } from './open-catalogue.js'
import type { Shared } from './precedence.js'
import { publishingIn } from './publishing.js'
import { registryIn } from './registry.js'
import { removalIn } from './removal.js'
import { savedSearchesIn } from './saved-searches.js'
import { makeSightTables } from './sight.js'
import { storedTimesIn } from './stored-times.js'
import { unusedNamesIn } from './unused-names.js'
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
  /** Whom the component serves: domains, bare JIDs, or `*`; without it everybody. */
  users?: readonly string[]
  /** How long after a fault the first try to write again is made, in ms. */
  retryMs?: number
  /** Between two backups, and until the first, in ms. */
  backupEvery?: number
  firstBackup?: number
  /** Whether somebody searches: see precedence.ts. */
  shared?: Shared
  /** What is looked up ahead: see foresight.ts. */
  foresight?: ForesightMemory
  /** Bytes of the log of writes, from which readers are waited for so that it can begin anew. */
  maxLog?: number
}

const defaultMaxLog = 384 * 2 ** 20
/** Commits between two looks at the log. */
const lookEvery = 32

/** What can be asked of the writer. All are synchronous here. @param isDamaged the file is to be set aside, whatever it looks like @param giveWay see precedence.ts @param foresight what was looked up ahead */
export function openWriter(
  { path, quotas, check, users = ['*'], maxLog = defaultMaxLog }: WriterConfig,
  isDamaged = false,
  giveWay = () => {},
  foresight = new Foresight(),
) {
  const { db, ...opened } = isDamaged ? openAnother(path) : openForWriting(path, { check })
  makeSightTables(db)
  const admission = admissionIn(db, users)
  db.transaction(admission.apply).immediate()
  const interning = interningIn(db, foresight)
  const devices = devicesIn(db, interning, quotas)
  const registry = registryIn(db, interning, quotas)
  const entries = entriesIn(db, interning, giveWay)
  const publishing = publishingIn(db, registry, entries, quotas, foresight)
  const filling = fillingIn(db, registry, publishing, entries, foresight)
  const removal = removalIn(db, entries, interning)
  const unused = unusedNamesIn(db, interning)
  /** One after the other, each until its round is over. */
  const sweeps = [removal.sweepWords, unused.sweepTags, unused.sweepPeers, unused.sweepTypes]
  let sweeping = 0
  const searches = savedSearchesIn(db, quotas)
  const matches = foundMatchesIn(db)
  const statistics = db.prepare(
    `select (select count(*) from peer) as peers, (select count(*) from device) as devices,
       (select count(*) from device where online) as online, (select count(*) from share where device is not null) as shares,
       (select entries from total) as entries, (select count(*) from saved_search) as searches`,
  )

  const setClock = new SetClock()
  const times = storedTimesIn(db)
  /** What is stored moves first, where the clock was set. @param steady without it that is not looked at */
  const follow = (now: number, steady?: number) => {
    if (steady !== undefined) setClock.follow(times, { now, steady })
  }

  const operations = {
    register(name: DeviceName, id: string | undefined, now: number, steady?: number) {
      follow(now, steady)
      const answer = devices.register(name, id, now)
      if (answer.kind === 'ok' && answer.id !== id) searches.dropAll(name)
      return answer
    },
    registration: (name: DeviceName) => devices.registration(name),
    unregister(name: DeviceName) {
      searches.dropAll(name)
      return devices.unregister(name)
    },
    removePeer(peer: string) {
      searches.dropPeer(peer)
      return devices.removePeer(peer)
    },
    attend(name: DeviceName, isOnline: boolean, now: number, steady?: number) {
      follow(now, steady)
      searches.seen(name, now)
      return devices.attend(name, isOnline, now)
    },
    allOffline: () => devices.allOffline(),
    expire(now: number, steady?: number) {
      follow(now, steady)
      searches.expire(now)
      return devices.expire(now)
    },
    openShare(name: ShareName, settings: ShareSettings) {
      const answer = registry.openShare(name, settings)
      // Who said it was let in when he did.
      if (!admission.allows(name.peer)) admission.apply()
      return answer
    },
    closeShare: (name: ShareName) => registry.closeShare(name),
    held(name: ShareName): Answer<{ held: number }> {
      const share = registry.findShare(name)
      if (share !== undefined) return { kind: 'ok', held: share.seq }
      return registry.isRegistered(name) ? { kind: 'not-found' } : { kind: 'unregistered' }
    },
    /** @param look where it was looked up ahead */
    publish(name: ShareName, change: Change, look = 0) {
      foresight.begin(look)
      const answer = publishing.publish(name, change, (news) =>
        matches.record(searches.match(news, name.peer)),
      )
      return { answer, matched: matches.take() }
    },
    beginFilling: (name: ShareName, seq: number) => filling.begin(name, seq),
    fill(id: number, peer: string, some: readonly Entry[], look = 0) {
      foresight.begin(look)
      return filling.put(id, some, (news, instead) => matches.keep(id, searches.match(news, peer, instead)))
    },
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
    keepOut(who: string, isKeptOut: boolean) {
      registry.keepOut(who, isKeptOut)
      admission.apply()
    },
    keptOut: () => registry.keptOut(),
    saveSearch(name: WatchName, query: Query, now: number, steady?: number) {
      follow(now, steady)
      return searches.save(name, query, now)
    },
    dropSearch: (name: WatchName) => searches.drop(name),
    savedSearches: (name: DeviceName) => searches.list(name),
    heard: (name: WatchName, mark: number) => matches.heard(name, mark),
    statistics: () => statistics.get() as Statistics,
    /** A reader has found damage. @throws if there is any: the file is set aside then */
    suspect() {
      const found = db.pragma('quick_check(1)', { simple: true })
      if (found !== 'ok') throw new StoreFailed('state-damaged', `${path} is damaged (${String(found)})`)
    },
    /** Done by the thread, since it takes a while. */
    backUp: (): string | undefined => undefined,
  }

  const forgetAll = () => {
    interning.forgetAll()
    entries.forget()
    searches.reload()
    matches.forget()
  }
  /** While some reader is always in the log it never begins anew: from some length on they are waited for. */
  const shortenLog = () => {
    const log = statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0
    if (log > maxLog) checkpoint(db, 'truncate')
  }
  const changes = db.prepare('select total_changes()').pluck()
  let commits = 0
  const inTransaction = <T>(work: () => T): T => {
    try {
      const value = db.transaction(work).immediate()
      setClock.committed()
      if (++commits % lookEvery === 0) shortenLog()
      return value
    } catch (error) {
      setClock.takenBack()
      forgetAll()
      throw error
    } finally {
      foresight.settled()
      foresight.notAlone()
    }
  }
  return {
    operations,
    opened,
    /** Runs all works in one transaction; it may be lost with the power. @returns for each what it gave, or the error */
    runAll(works: readonly (() => unknown)[]): Result[] {
      try {
        return inTransaction(() => works.map((work) => ({ value: work() })))
      } catch (error) {
        // A disk that fails takes none of them.
        if (works.length === 1 || faultOf(error) !== undefined) return works.map(() => ({ error }))
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
    removeSome: () => removal.isNeeded() && inTransaction(() => removal.step()),
    /** One slice of merging the index of words. @returns whether there may be more */
    mergeSome: () => inTransaction(() => removal.mergeSome()),
    /** One slice of forgetting words and names that nothing has. @returns whether this round goes on */
    sweepSome(): boolean {
      if (inTransaction(() => sweeps[sweeping]!())) return true
      sweeping = (sweeping + 1) % sweeps.length
      return sweeping > 0
    },
    /** Rows written ever: another number if anything was. */
    written: () => changes.get() as number,
    log: () => checkpoint(db, 'noop'),
    move: (how: 'passive' | 'restart') => foresight.alone(() => checkpoint(db, how)),
    /** Writes through to the file, all that is in the log. @throws when the disk does not take it */
    probe() {
      // Each for itself: what is made and dropped in one transaction never reaches the disk.
      db.exec('create table if not exists probe (bytes blob)')
      db.exec('insert into probe values (zeroblob(65536))')
      db.exec('drop table probe')
      const { pages, moved } = checkpoint(db, 'restart')
      if (moved < pages) throw new StoreFailed('state-in-use', 'the log of writes is being read')
    },
    backUp: () => backUp(db, path),
    close() {
      try {
        checkpoint(db, 'truncate')
      } finally {
        db.close()
      }
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
