/**
 * The keeper of a device's shares: joins the walker, the watches, the hashing and the books. It runs in a thread of its
 * own (thread.ts), so that nothing of it is felt where stanzas are handled (case 52).
 */

import { realpathSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as rest } from 'node:timers/promises'
import type Database from 'better-sqlite3'
import type { KeeperCalls, KeeperData, ListSaid, ShareSettings, ShareStand } from '../keeper-messages.js'
import { newShareId } from '../share-id.js'
import { Batch } from './batch.js'
import { Changes } from './changes.js'
import { Files } from './files.js'
import { forgetGone } from './forgetting.js'
import { Gathering } from './gathering.js'
import { Hashing } from './hashing.js'
import { removeLists, writeListFile } from './lists.js'
import { OneAtATime } from './one-at-a-time.js'
import { Stopped } from './pace.js'
import { Away, type Found, Places } from './places.js'
import { openToKeep, openToRead } from './schema.js'
import { type ShareRow, ShareRows } from './share-rows.js'
import {
  betweenLooksMs,
  longestLookMs,
  longestWritingMs,
  memorySeconds,
  muchSoonerBy,
  soonerBy,
  standsMs,
} from './times.js'
import { Walker, type WalkerEvents } from './walker.js'
import { Watches } from './watches.js'

/** Calls may be answered later. */
type Answers = { [N in keyof KeeperCalls]: (...values: Parameters<KeeperCalls[N]>) => unknown }

export class Keeper {
  readonly calls: Answers
  readonly #db: Database.Database
  readonly #batch: Batch
  readonly #files: Files
  readonly #shares: ShareRows
  readonly #changes: Changes
  readonly #places: Places
  readonly #watches: Watches
  readonly #walker: Walker
  readonly #hashing: Hashing
  readonly #gathering: Gathering
  readonly #phases = new Map<number, ShareStand['phase']>()
  readonly #leftOut = new Map<number, number>()
  #leftOutAsOf = 0
  readonly #noted = new Map<string, string>()
  readonly #sweeps = new Map<number, NodeJS.Timeout>()
  /** Looks through shares because of events. */
  readonly #sweeping = new OneAtATime<number>()
  /** Since when a share has had files to be hashed. */
  readonly #unhashedSince = new Map<number, number>()
  #tellingLater: NodeJS.Timeout | undefined
  #telling: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(
    readonly data: KeeperData,
    readonly onStands: (stands: ShareStand[]) => void,
    /** A fault that it cannot go on with. */
    readonly onFault: (error: unknown) => void,
  ) {
    this.#db = openToKeep(data.file)
    this.#shares = new ShareRows(this.#db)
    this.#batch = new Batch(this.#db, () => {
      this.#hashing.wake()
      this.#tell()
    })
    this.#gathering = new Gathering(data.settings.gatherMs, () => {
      this.#settleEvents().catch((error) => !(error instanceof Stopped) && this.onFault(error))
    })
    const rootOf = (n: number) => this.#shares.byNumber(n)?.path
    const alsoAt = (n: number, folder: string, name: string) =>
      this.#gather(this.#shares.byNumber(n)!, folder, name)
    this.#files = new Files(this.#db, this.#batch, rootOf, alsoAt)
    this.#changes = new Changes(this.#db, this.#batch, this.#files, this.#shares)
    this.#watches = new Watches(data.settings.maxWatches)
    this.#places = new Places(this.#db, this.#batch, this.#files, {
      moved: (share, found) => {
        if (!this.#isShared(share)) return
        this.#moved(share, found)
        if (found === 'away') this.#sweepLater(share)
        else void this.#sweep(share, false)
      },
    })
    const isHere = (share: ShareRow) => this.#places.isHere(share)
    const own = realpathSync(data.dir)
    const { restMs } = data.settings
    this.#hashing = new Hashing(this.#files, this.#batch, this.#shares, restMs, own, isHere, () =>
      this.#tell(),
    )
    const events: WalkerEvents = {
      changed: (share, folder, name) => this.#gather(share, folder, name),
      itself: (share) => this.#sweepOnce(share),
    }
    const isShared = (share: ShareRow) => this.#isShared(share)
    this.#walker = new Walker(this.#files, this.#batch, this.#watches, own, events, isShared, isHere)
    this.calls = this.#answers()
  }

  /** Begins with what was shared before. */
  begin(): void {
    removeLists(this.data.dir)
    forgetGone(this.#db, Math.floor(Date.now() / 1_000) - memorySeconds)
    for (const share of this.#shares.all()) {
      // An id of an older version could be taken for an option of a command.
      if (share.id.startsWith('-')) this.#rename(share, newShareId())
      this.#phases.set(share.n, 'scanning')
      this.#sweep(share, false)
    }
    this.#hashing.run().catch(this.onFault)
    this.#tell()
  }

  /** All that was found is on the disk when this returns. */
  close(): void {
    this.#isClosed = true
    this.#hashing.stop()
    this.#watches.removeAll('')
    this.#gathering.stop()
    clearTimeout(this.#telling)
    clearTimeout(this.#tellingLater)
    for (const timer of this.#sweeps.values()) clearTimeout(timer)
    this.#batch.commit()
    this.#db.close()
  }

  #answers(): Answers {
    return {
      add: (folder, settings) => this.#add(folder, settings),
      end: (id) => this.#end(this.#share(id)),
      scan: (id) => this.#sweep(this.#share(id), false),
      look: (id, path) => this.#look(this.#share(id), path),
      stands: () => {
        this.#batch.commit()
        return this.#shares.all().map((share) => this.#stand(share))
      },
      registration: () => ({ id: this.#shares.registration(), ended: this.#shares.ended() }),
      registered: (id) => this.#durably(() => this.#shares.setRegistration(id)),
      forgotten: (id) => this.#durably(() => this.#shares.forgotten(id)),
      toldSettings: (id, settings) => {
        const share = this.#share(id)
        share.toldSettings = settings
        this.#durably(() => this.#shares.put(share))
      },
      startOver: (id) => this.#changes.startOver(this.#share(id)),
      rename: (id, newId) => this.#rename(this.#share(id), newId),
      take: (id, removesOnly) => this.#changes.take(this.#share(id), removesOnly),
      refused: (id) => this.#changes.refused(this.#share(id)),
      held: (id, seq) => this.#changes.held(this.#share(id), seq),
      list: (id, above) => this.#list(this.#share(id), above),
      dropList: (id) => {
        this.#changes.dropList(this.#share(id))
        rmSync(this.#listFile(id), { force: true })
      },
    }
  }

  #share(id: string): ShareRow {
    const share = this.#shares.get(id)
    if (share === undefined) throw Object.assign(new Error('no such share'), { code: 'unknown-share' })
    return share
  }

  #isShared(share: ShareRow): boolean {
    return !this.#isClosed && this.#shares.get(share.id) === share
  }

  #add(folder: string, given: Partial<ShareSettings> & { id: string }): ShareStand {
    const known = this.#shares.byPath(folder)
    const { id, ...settings } = given
    if (known !== undefined) {
      known.settings = { ...known.settings, ...settings }
      this.#durably(() => this.#shares.put(known))
      return this.#stand(known)
    }
    const whole: ShareSettings = { name: 'files', tags: [], visibleTo: { kind: 'everybody' }, ...settings }
    const share = this.#durably(() => this.#shares.add(id, folder, whole))
    this.#phases.set(share.n, 'scanning')
    void this.#sweep(share, false)
    return this.#stand(share)
  }

  /** It is begun anew under another id. */
  #rename(share: ShareRow, id: string): void {
    this.#changes.startOver(share)
    this.#durably(() => this.#shares.rename(share, id))
  }

  #end(share: ShareRow): void {
    clearTimeout(this.#sweeps.get(share.n))
    this.#sweeps.delete(share.n)
    this.#durably(() => {
      this.#shares.end(share)
      this.#files.endShare(share.n)
      this.#places.forget(share)
    })
    this.#watches.removeAll(`${share.n}/`)
    rmSync(this.#listFile(share.id), { force: true })
  }

  /** Looks through a share; then again after a while. Resolves when it was looked through. */
  async #sweep(share: ShareRow, isGentle: boolean): Promise<void> {
    clearTimeout(this.#sweeps.get(share.n))
    try {
      const found = this.#places.look(share)
      if (found !== 'same') this.#moved(share, found)
      const isReadable = found !== 'away' && (await this.#walker.walk(share, '', isGentle))
      await this.#settleEvents()
      this.#phases.set(share.n, isReadable && !this.#places.isAway(share) ? 'still' : 'unreadable')
    } catch (error) {
      if (error instanceof Stopped) return
      if (!(error instanceof Away)) {
        this.onFault(error)
        return
      }
    }
    if (!this.#isShared(share)) return
    this.#batch.commit()
    this.#tell()
    this.#sweepLater(share)
  }

  #sweepLater(share: ShareRow): void {
    const { sweepMs } = this.data.settings
    const isUnreadable = this.#phases.get(share.n) === 'unreadable'
    const times = isUnreadable ? muchSoonerBy : this.#watches.areShort ? soonerBy : 1
    clearTimeout(this.#sweeps.get(share.n))
    this.#sweeps.set(
      share.n,
      setTimeout(() => void this.#sweep(share, true), sweepMs / times),
    )
  }

  /** Its folder is another one than was watched, or is away. */
  #moved(share: ShareRow, found: Exclude<Found, 'same'>): void {
    this.#watches.removeAll(`${share.n}/`)
    if (found === 'away') this.#phases.set(share.n, 'unreadable')
    this.#tell()
  }

  async #look(share: ShareRow, path: string): Promise<void> {
    const slash = path.lastIndexOf('/')
    const folder = slash < 0 ? '' : path.slice(0, slash)
    // Somebody asks: it may be back, which is known when this has returned.
    if (this.#places.isAway(share)) void this.#sweep(share, false)
    await this.#lookAt(share, folder, new Set([path.slice(slash + 1)]))
    this.#batch.commit()
    if (this.#places.isAway(share)) return
    const until = performance.now() + longestLookMs
    while (this.#files.isUnhashed(share.n, folder, path.slice(slash + 1)) && performance.now() < until) {
      if (!this.#isShared(share)) return
      await rest(betweenLooksMs)
    }
    this.#batch.commit()
  }

  /** What is away is looked at when it is back. */
  async #lookAt(share: ShareRow, folder: string, names: ReadonlySet<string> | undefined): Promise<void> {
    try {
      await this.#walker.look(share, folder, names)
    } catch (error) {
      if (error instanceof Away) return
      // It is shared no more; what is looked at next may be of another one.
      if (!(error instanceof Stopped) || this.#isClosed) throw error
    }
  }

  #gather(share: ShareRow, folder: string, name: string | undefined): void {
    if (this.#isShared(share) && !name?.startsWith('.')) this.#gathering.add(share, folder, name)
  }

  /** Looks at everything that events were about. */
  async #settleEvents(): Promise<void> {
    const { gathered, areMany } = this.#gathering.take()
    const { came } = this.#files
    const { areShort } = this.#watches
    for (const { share, folder, names } of gathered) {
      if (this.#isShared(share)) await this.#lookAt(share, folder, names)
    }
    // Links that led nowhere may lead to what has come.
    for (const share of this.#files.came === came ? [] : new Set(gathered.map(({ share }) => share))) {
      for (const { path, name } of this.#walker.deadLinks(share)) this.#gather(share, path, name)
    }
    // A folder that has come is not watched: what comes in it is found by the next sweep, which is to be sooner now.
    for (const share of !areShort && this.#watches.areShort ? this.#shares.all() : []) this.#sweepLater(share)
    // All shares have one queue of events.
    for (const share of areMany ? this.#shares.all() : []) this.#sweepOnce(share)
  }

  /** However often there is reason for it. */
  #sweepOnce(share: ShareRow): void {
    const sweep = async () => void (this.#isShared(share) && (await this.#sweep(share, true)))
    void this.#sweeping.run(share.n, sweep)
  }

  async #list(share: ShareRow, above: number): Promise<ListSaid> {
    const reader = openToRead(this.data.file)
    if (reader === undefined) throw new Error('the books cannot be read')
    try {
      const { head, each } = this.#changes.list(share, above, reader)
      const file = this.#listFile(share.id)
      await writeListFile(file, head, each)
      return { file, seq: head.seq, entries: head.entries }
    } finally {
      reader.close()
    }
  }

  #listFile(id: string): string {
    return join(this.data.dir, `list-${id}.z`)
  }

  #durably<T>(write: () => T): T {
    this.#batch.begin()
    const value = write()
    this.#batch.commit()
    return value
  }

  #tell(): void {
    if (this.#telling !== undefined || this.#isClosed) return
    this.#telling = setTimeout(() => {
      this.#telling = undefined
      if (this.#isClosed) return
      this.#countLeftOut()
      const stands = this.#shares.all().map((share) => this.#stand(share))
      this.#noteFigures(stands)
      this.onStands(stands)
    }, standsMs)
  }

  /** Whether all that is not hashed is being written to, and has been for long: nobody waits for that. */
  #isBeingWritten(share: ShareRow, unhashedFiles: number): boolean {
    const now = performance.now()
    if (unhashedFiles === 0) this.#unhashedSince.delete(share.n)
    else if (!this.#unhashedSince.has(share.n)) this.#unhashedSince.set(share.n, now)
    if (unhashedFiles === 0 || !this.#hashing.isIdle) return false
    const since = Math.max(this.#unhashedSince.get(share.n)!, this.#hashing.lastAt(share))
    if (now - since > longestWritingMs) return true
    clearTimeout(this.#tellingLater)
    this.#tellingLater = setTimeout(() => this.#tell(), longestWritingMs)
    return false
  }

  #countLeftOut(): void {
    if (this.#leftOutAsOf === this.#files.leftOutChanges) return
    this.#leftOutAsOf = this.#files.leftOutChanges
    for (const { n } of this.#shares.all()) this.#leftOut.set(n, this.#files.leftOut(n))
  }

  /** Kept beside the share, so that they can be shown before anything is counted. */
  #noteFigures(stands: ShareStand[]): void {
    for (const { id, files, bytes, told, leftOut } of stands) {
      const figures = `${files} ${bytes} ${told} ${leftOut}`
      if (this.#noted.get(id) === figures) continue
      this.#noted.set(id, figures)
      this.#batch.begin()
      this.#shares.figures(this.#share(id), files, bytes, told, leftOut)
    }
    if (this.#db.inTransaction) this.#batch.commit()
  }

  #stand(share: ShareRow): ShareStand {
    const { files, bytes, told, dirty, unhashedFiles } = this.#files.counts(share.n)
    const isWritten = this.#isBeingWritten(share, unhashedFiles)
    const leftOut = this.#leftOut.get(share.n) ?? 0
    return {
      id: share.id,
      folder: share.path,
      settings: share.settings,
      isKnown: share.toldSettings !== undefined,
      isTold: JSON.stringify(share.settings) === JSON.stringify(share.toldSettings),
      said: share.said,
      held: share.held,
      saying: this.#changes.saying(share),
      listing: this.#changes.listing(share),
      files,
      bytes,
      told,
      dirty,
      dirtyBytes: dirty === 0 ? 0 : Math.round(dirty * this.#changes.meanBytes(share)),
      unhashedFiles: isWritten ? 0 : unhashedFiles,
      ...this.#hashing.progress(share),
      leftOut,
      phase: this.#phases.get(share.n) ?? 'scanning',
    }
  }
}
