/**
 * Group commit: what is asked for in one turn of the event loop is done in one transaction, and whoever asked goes
 * on only after the commit (P7: saved before said).
 *
 * What holds:
 * - A piece of work runs synchronously inside the transaction; one that throws takes only itself back. It is our bug when one does,
 *   so it is paid for then: the batch is taken back and run again, each work in a savepoint. (A savepoint for every work
 *   makes SQLite copy each page before it is changed, to a file from 64 KiB on: nine tenths of all that was written.)
 *   So a work may run twice: outside the transaction it changes nothing, except in what it gives to `afterCommit`.
 * - What it gave to `afterCommit` runs after the commit, in the order of the work, and never if there is none.
 * - If the disk fails, nothing of the batch is kept, everybody is told `state-unwritable`, and until a write goes
 *   through again every work is refused at once (P20). The database is opened anew for it: after a failed
 *   fsync the same descriptor may lie.
 * - Queue and batch are bounded.
 */

import { SetClock } from './set-clock.js'
import { openStore, type Store } from './store.js'
import { faultOf, StoreFailed } from './store-failed.js'

export interface Transaction {
  readonly store: Store
  /** UTC in ms, the same for all of a batch. */
  readonly now: number
  /** The same for all that are committed together, and for nothing else. */
  readonly batch: object
  /** To be called once the work is durable. */
  afterCommit(then: () => void): void
}

/** Something to do in a transaction. Synchronous. */
export type Work<T> = (transaction: Transaction) => T

export interface BatchOptions {
  /** Where the database is. It is opened again after a fault. */
  path: string
  /** UTC in ms. */
  clock: () => number
  /** One that goes on evenly, in ms: with it, what is stored moves with the other when that is set (set-clock.ts). */
  steady?: () => number
  /** Works waiting at most; more are refused. */
  maxQueued?: number
  /** Works in one commit at most. */
  maxBatch?: number
  /** How long what goes along waits for a transaction of others, in ms. */
  alongMs?: number
  /** How long after a fault the first try to write again is made, in ms. */
  retryMs?: number
  /** Told when the disk fails and when it is well again. */
  onFault?: (error: unknown) => void
  onRecovered?: () => void
  /** Told of a bug in what was to be done after a commit; the commit stands. */
  onBug?: (error: unknown) => void
}

interface Queued {
  work: Work<unknown>
  resolve: (value: never) => void
  reject: (error: unknown) => void
}

export class Batches {
  /** Unset between a fault and the next try. */
  #store: Store | undefined
  #queue: Queued[] = []
  #scheduled = false
  #faulty = false
  #closed = false
  #retry: NodeJS.Timeout | undefined
  #along: NodeJS.Timeout | undefined
  readonly #options: Required<Omit<BatchOptions, 'steady'>> & Pick<BatchOptions, 'steady'>
  #setClock = new SetClock()
  commits = 0

  constructor(options: BatchOptions) {
    this.#options = {
      maxQueued: 8_192,
      maxBatch: 512,
      alongMs: 20,
      retryMs: 2_000,
      onFault: () => {},
      onRecovered: () => {},
      onBug: () => {},
      ...options,
    }
    this.#store = openStore(options.path)
  }

  /** For reading. @throws StoreFailed while the disk fails. */
  get store(): Store {
    if (this.#store === undefined) throw new StoreFailed('state-unwritable', 'the state cannot be read now')
    return this.#store
  }

  /** Whether writes are refused since the disk failed. */
  get isFaulty(): boolean {
    return this.#faulty
  }

  /** Runs `work` in the next transaction. @throws StoreFailed when it is not durable. */
  run<T>(work: Work<T>): Promise<T> {
    return this.#enqueue(work, () => this.#schedule())
  }

  /**
   * As `run`, for what need not be durable at once (that a delivery was answered, say): it goes along with the next
   * transaction of others, and makes one of its own only when there is none soon. It costs no fsync while there is traffic.
   */
  runAlong<T>(work: Work<T>): Promise<T> {
    return this.#enqueue(work, () => {
      this.#along ??= setTimeout(() => {
        this.#along = undefined
        this.#schedule()
      }, this.#options.alongMs)
    })
  }

  /** Resolves when all that was asked for before is written, or refused. */
  async settled(): Promise<void> {
    await this.run(() => {}).catch(() => {})
  }

  /** Writes what is waiting, and closes. Nothing runs after it. */
  close(): void {
    if (this.#closed) return
    while (this.#queue.length > 0 && !this.#faulty) this.#flush()
    this.#closed = true
    clearTimeout(this.#retry)
    clearTimeout(this.#along)
    this.#refuseAll(new StoreFailed('state-closed', 'stopping'))
    this.#store?.close()
    this.#store = undefined
  }

  #enqueue<T>(work: Work<T>, schedule: () => void): Promise<T> {
    if (this.#closed) return Promise.reject(new StoreFailed('state-closed', 'stopping'))
    if (this.#faulty) {
      return Promise.reject(new StoreFailed('state-unwritable', 'the state cannot be written now'))
    }
    if (this.#queue.length >= this.#options.maxQueued) {
      return Promise.reject(new StoreFailed('state-unwritable', 'too much is waiting to be written'))
    }
    return new Promise<T>((resolve, reject) => {
      this.#queue.push({ work, resolve, reject })
      schedule()
    })
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      this.#flush()
      if (this.#queue.length > 0) this.#schedule()
    })
  }

  #flush(): void {
    if (this.#queue.length === 0 || this.#closed) return
    clearTimeout(this.#along)
    this.#along = undefined
    const batch = this.#queue.splice(0, this.#options.maxBatch)
    let after: (() => void)[]
    let done: Done[]
    try {
      const { store } = this
      const now = this.#options.clock()
      this.#begin(store, now)
      try {
        ;({ done, after } = runAll(store, now, batch))
      } catch (error) {
        if (faultOf(error) !== undefined) throw error
        store.rollBack()
        this.#setClock.takenBack()
        this.#begin(store, now)
        ;({ done, after } = runEach(store, now, batch))
      }
      store.commit()
      this.#setClock.committed()
      this.commits++
    } catch (error) {
      this.#setClock.takenBack()
      this.#fault(error, batch)
      return
    }
    for (const then of after) {
      try {
        then()
      } catch (error) {
        this.#options.onBug(error)
      }
    }
    for (const { queued, value, error } of done) {
      if (error === undefined) queued.resolve(value as never)
      else queued.reject(error)
    }
  }

  #begin(store: Store, now: number): void {
    store.begin()
    const steady = this.#options.steady?.()
    if (steady !== undefined) this.#setClock.follow(store.times, { now, steady })
  }

  /** Nothing of this batch is kept, and nothing more is taken until a write has gone through. */
  #fault(error: unknown, batch: Queued[]): void {
    this.#faulty = true
    const refused = new StoreFailed('state-unwritable', 'the state cannot be written now', { cause: error })
    for (const { reject } of batch) reject(refused)
    this.#refuseAll(refused)
    this.#drop()
    this.#options.onFault(error)
    this.#retryLater()
  }

  #refuseAll(error: Error): void {
    const queue = this.#queue
    this.#queue = []
    for (const { reject } of queue) reject(error)
  }

  #drop(): void {
    try {
      this.#store?.close()
    } catch {
      // It failed already; what matters is that the next one is a new one.
    }
    this.#store = undefined
  }

  #retryLater(): void {
    this.#retry = setTimeout(() => this.#recover(), this.#options.retryMs)
    this.#retry.unref()
  }

  #recover(): void {
    if (this.#closed) return
    try {
      this.#store = openStore(this.#options.path, false)
      this.#store.probe()
    } catch {
      this.#drop()
      this.#retryLater()
      return
    }
    // What failed may be durable all the same: the file says what the clock said when its times were moved.
    this.#setClock = new SetClock()
    this.#faulty = false
    this.#options.onRecovered()
  }
}

interface Done {
  queued: Queued
  value?: unknown
  error?: unknown
}

interface Ran {
  done: Done[]
  after: (() => void)[]
}

/** @throws what the first work threw that failed; then the transaction is not to be kept */
function runAll(store: Store, now: number, batch: Queued[]): Ran {
  const after: (() => void)[] = []
  const transaction: Transaction = { store, now, batch: {}, afterCommit: (then) => void after.push(then) }
  const done = batch.map((queued) => ({ queued, value: queued.work(transaction) }))
  return { done, after }
}

/** @throws only a fault of the disk */
function runEach(store: Store, now: number, batch: Queued[]): Ran {
  const after: (() => void)[] = []
  const together = {}
  const done = batch.map((queued): Done => {
    const own: (() => void)[] = []
    store.mark()
    try {
      const value = queued.work({
        store,
        now,
        batch: together,
        afterCommit: (then) => void own.push(then),
      })
      store.keep()
      after.push(...own)
      return { queued, value }
    } catch (error) {
      if (faultOf(error) !== undefined) throw error
      store.takeBack()
      return { queued, error }
    }
  })
  return { done, after }
}
