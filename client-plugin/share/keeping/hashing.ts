/**
 * Hashing what is new: in two lanes, so that a small file does not wait until a film of many gigabytes is read. The
 * smallest come first in each.
 *
 * Rules: a file that is being written to is left until it has rested; one that changed while it was hashed is hashed
 * again later (restless.ts), others go first; what cannot be read is left out and named, but not where too many files are open, or
 * memory is short: then all wait a moment.
 */

import { realpathSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as breathe } from 'node:timers/promises'
import { hashFile, hashSmallFile } from '../../../bytes/hash-file.js'
import { SourceFailed, shortageCode } from '../../../bytes/index.js'
import { Meter } from '../../transfer/meter.js'
import type { Batch } from './batch.js'
import type { Files, Unhashed } from './files.js'
import { isOpenWithin, isSharedIn, lookAt } from './look.js'
import { Restless } from './restless.js'
import type { ShareRow, ShareRows } from './share-rows.js'

/** One of small files, one of large ones. */
const lanes = 2
/** Files up to this size go in the lane of the small ones, bytes. */
const smallBytes = 2 ** 20
/** Rows that are looked up at a time. */
const rowsAtATime = 64
/** Between two breaths of the small lane, ms. */
const sliceMs = 10

/** How far a share's files have been read, since there was something to read. */
interface Reading {
  /** Bytes that were read of what is done, and of what each lane is at. */
  done: number
  partial: number
  meter: Meter
}

export class Hashing {
  readonly #readings = new Map<number, Reading>()
  readonly #restless = new Restless()
  readonly #sleeping = new Set<() => void>()
  /** When a file of a share was hashed last. */
  readonly #lastAt = new Map<number, number>()
  #isStopped = false
  #timer: NodeJS.Timeout | undefined

  constructor(
    readonly files: Files,
    readonly batch: Batch,
    readonly shares: ShareRows,
    readonly restMs: number,
    /** The state folder, with the device's key: never shared, wherever it is. */
    readonly own: string,
    readonly isHere: (share: ShareRow) => boolean,
    readonly onProgress: () => void,
  ) {}

  /** Begins; resolves when it was stopped. */
  async run(): Promise<void> {
    await Promise.all([this.#lane(0, smallBytes), this.#lane(smallBytes + 1, Number.MAX_SAFE_INTEGER)])
  }

  stop(): void {
    this.#isStopped = true
    clearTimeout(this.#timer)
    this.wake()
  }

  /** There may be something new. */
  wake(): void {
    for (const wake of [...this.#sleeping]) wake()
  }

  /** Whether there is nothing to do but wait until what is being written has rested. */
  get isIdle(): boolean {
    return this.#sleeping.size === lanes
  }

  /** When a file of this share was hashed last, ms. */
  lastAt({ n }: ShareRow): number {
    return this.#lastAt.get(n) ?? Number.NEGATIVE_INFINITY
  }

  /** How far it is with a share's files: bytes read, to be read in all, a second, and the seconds left. */
  progress({ n }: ShareRow) {
    const { unhashedFiles, unhashedBytes } = this.files.counts(n)
    if (unhashedFiles === 0) this.#readings.delete(n)
    const reading = this.#readings.get(n)
    const hashedBytes = reading === undefined ? 0 : reading.done + reading.partial
    reading?.meter.look(hashedBytes, performance.now())
    // A file that grew since it was looked at has more than is known of.
    const left = Math.max(0, unhashedBytes - (reading?.partial ?? 0))
    return {
      hashedBytes,
      toHashBytes: hashedBytes + left,
      rate: reading?.meter.rate ?? 0,
      secondsLeft: unhashedFiles === 0 ? undefined : reading?.meter.secondsFor(left),
    }
  }

  async #lane(from: number, to: number): Promise<void> {
    while (!this.#isStopped) {
      const found = this.#next(from, to, to > smallBytes ? 1 : rowsAtATime)
      if (found.length === 0) await this.#sleep()
      let since = performance.now()
      for (const file of found) {
        if (this.#isStopped) return
        await this.#hash(file)
        this.batch.mayCommit()
        if (performance.now() - since < sliceMs) continue
        this.onProgress()
        await breathe()
        since = performance.now()
      }
    }
  }

  /** The next to be hashed: none that is to be left alone. */
  #next(from: number, to: number, max: number): Unhashed[] {
    const now = performance.now()
    const found = this.files.unhashed(from, to, this.restMs, max + this.#restless.size)
    return found.filter(({ n }) => !this.#restless.isLeft(n, now)).slice(0, max)
  }

  /** Until something is new, or what is being written may have rested. */
  async #sleep(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.wake(), this.restMs)
    await new Promise<void>((resolve) => {
      const wake = () => {
        this.#sleeping.delete(wake)
        resolve()
      }
      this.#sleeping.add(wake)
    })
  }

  async #hash(file: Unhashed): Promise<void> {
    const share = this.shares.byNumber(file.share)
    if (share === undefined) return
    const reading = this.#reading(share)
    const since = performance.now()
    let read = 0
    const onBytes = (bytes: number) => {
      read += bytes
      reading.partial += bytes
      this.onProgress()
    }
    try {
      const path = realpathSync(join(share.path, file.folder, file.name))
      if (!isSharedIn(share.path, path, this.own))
        throw new SourceFailed('not-found', 'a link that leads elsewhere')
      const mayRead = (fd: number) => isOpenWithin(share.path, fd, this.own)
      const hashed = hashSmallFile(path, mayRead) ?? (await this.#hashLarge(share, path, onBytes))
      onBytes(Number(hashed.stats.size) - read)
      this.files.hashed(file.n, hashed.root, hashed.stats)
      this.#restless.rested(file.n)
      this.onProgress()
    } catch (error) {
      const { code } = error as { code?: unknown }
      if (code === 'stopped') return
      if (typeof code !== 'string' || code.startsWith('SQLITE_')) throw error
      if (shortageCode(error) !== undefined) await this.#sleep()
      else if (code === 'source-changed') {
        this.#restless.changed(file.n, performance.now() - since, performance.now())
        this.#lookAgain(share, file)
      }
      // While its disk is away, it is hashed later.
      else if (this.isHere(share))
        this.files.cannotRead(file, code === 'io' || code === 'EACCES' ? 'unreadable' : undefined)
    } finally {
      this.#lastAt.set(share.n, performance.now())
      reading.partial -= read
      reading.done += read
    }
  }

  /** Its row says when it was written to last, so that it is hashed once it has rested. */
  #lookAgain(share: ShareRow, { folderNumber, folder, name }: Unhashed): void {
    const path = folder === '' ? name : `${folder}/${name}`
    const looked = lookAt(share.path, path, join(share.path, path), this.own)
    if (looked.is === 'file') this.files.see(share.n, folderNumber, name, looked.stats)
  }

  #hashLarge(share: ShareRow, path: string, onBytes: (bytes: number) => void) {
    return hashFile(path, {
      mayRead: (fd) => isOpenWithin(share.path, fd, this.own),
      onBytes,
      isStopped: () => this.#isStopped || this.shares.byNumber(share.n) === undefined,
    })
  }

  #reading({ n }: ShareRow): Reading {
    let reading = this.#readings.get(n)
    if (reading === undefined) {
      reading = { done: 0, partial: 0, meter: new Meter() }
      reading.meter.begin(0, performance.now())
      this.#readings.set(n, reading)
    }
    return reading
  }
}
