/**
 * The threads that answer queries. What holds:
 * - A thread has one query at a time; what waits is bounded, altogether and for each asker, and gets `busy` beyond (P16, P17).
 * - Askers take turns, so that one with many queries does not keep others waiting.
 * - A search that has to wait is looked at by another thread: if it surely finds nothing, it does not wait for that.
 * - A query ends at its deadline by itself; a thread that says nothing for some time more is replaced, and the
 *   query answered `too-slow` (case 56).
 * - A thread that ends is replaced, at once and then after longer and longer pauses; what it was asked is asked once more,
 *   and then answered `busy`.
 */

import { faultOf } from '../store/store-failed.js'
import { queryDeadline, threadGrace } from './limits.js'
import { Asked, makeShared, type Shared } from './precedence.js'
import { nothingFound, QuickLook } from './quick-look.js'
import type { ReaderOperations } from './reader.js'
import { Thread } from './thread.js'
import type { Query } from './values.js'

interface Job {
  asker: string
  operation: string
  values: unknown[]
  /** Threads that ended with it. */
  lost: number
  resolve(value: unknown): void
  reject(error: Error): void
}

export interface ReadersOptions {
  path: string
  threads: number
  maxWaiting?: number
  maxWaitingPerAsker?: number
  deadline?: number
  grace?: number
  /** Where those that write see that somebody searches: see precedence.ts. */
  shared?: Shared
  /** Told when what was read is damaged. */
  onDamage?: () => void
}

type Unslow<T> = Promise<T | { kind: 'too-slow' } | { kind: 'busy' }>

/** Before a thread is started in place of one that ended, in ms: at first, and at most. */
const firstPause = 50
const longestPause = 5_000

export class Readers {
  readonly #options: Required<ReadersOptions>
  readonly #idle: Thread[] = []
  readonly #all = new Set<Thread>()
  readonly #quick: QuickLook
  readonly #asked: Asked
  /** In the order of whose turn it is. */
  readonly #waiting = new Map<string, Job[]>()
  #waitingCount = 0
  #isClosed = false
  #pause = firstPause
  /** Threads that were replaced because they said nothing, and because they ended. */
  replaced = 0
  ended = 0

  constructor(options: ReadersOptions) {
    this.#options = {
      maxWaiting: 256,
      maxWaitingPerAsker: 8,
      deadline: queryDeadline,
      grace: threadGrace,
      onDamage: () => {},
      shared: makeShared(),
      ...options,
    }
    this.#asked = new Asked(this.#options.shared)
    this.#quick = new QuickLook(options.path)
    for (let n = 0; n < options.threads; n++) this.#start()
  }

  ask<O extends keyof ReaderOperations>(
    operation: O,
    ...values: Parameters<ReaderOperations[O]>
  ): Unslow<ReturnType<ReaderOperations[O]>> {
    const asker = values[0] as string
    const { maxWaiting, maxWaitingPerAsker } = this.#options
    const mine = this.#waiting.get(asker)?.length ?? 0
    if (this.#isClosed || this.#waitingCount >= maxWaiting || mine >= maxWaitingPerAsker) {
      return Promise.resolve({ kind: 'busy' })
    }
    return new Promise((resolve, reject) => {
      const job = { asker, operation, values, lost: 0, resolve: resolve as Job['resolve'], reject }
      this.#queue(job)
      if (operation === 'searchPage') void this.#lookQuickly(job)
    })
  }

  /** Ends all threads and starts others: the file is another one. Queries that run are asked again. */
  restart(): void {
    for (const thread of this.#all) void thread.kill()
    this.#quick.restart()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    for (const jobs of this.#waiting.values()) for (const job of jobs) job.resolve({ kind: 'busy' })
    this.#waiting.clear()
    await Promise.all([this.#quick.close(), ...[...this.#all].map((thread) => thread.kill())])
  }

  #start(): void {
    if (this.#isClosed) return
    const thread = new Thread('./reader-thread.js', { path: this.#options.path })
    this.#all.add(thread)
    thread.ready.then(
      () => this.#free(thread),
      () => {},
    )
    void thread.ended.then(() => this.#replace(thread))
  }

  #replace(thread: Thread): void {
    this.#all.delete(thread)
    const at = this.#idle.indexOf(thread)
    if (at >= 0) this.#idle.splice(at, 1)
    if (this.#isClosed) return
    this.ended++
    // One that has answered something since was well: only those that end one after the other are waited for.
    setTimeout(() => this.#start(), this.#pause).unref()
    this.#pause = Math.min(longestPause, 2 * this.#pause)
  }

  #queue(job: Job, isFirst = false): void {
    const mine = this.#waiting.get(job.asker) ?? []
    if (isFirst) mine.unshift(job)
    else mine.push(job)
    this.#waiting.set(job.asker, mine)
    this.#waitingCount++
    this.#next()
  }

  #free(thread: Thread): void {
    if (thread.hasEnded) return
    this.#idle.push(thread)
    this.#next()
  }

  #next(): void {
    const [asker, jobs] = this.#waiting.entries().next().value ?? []
    if (asker === undefined || jobs === undefined || this.#idle.length === 0) return
    const job = jobs.shift()!
    this.#waitingCount--
    // To the end of the line.
    this.#waiting.delete(asker)
    if (jobs.length > 0) this.#waiting.set(asker, jobs)
    void this.#run(this.#idle.pop()!, job)
  }

  async #run(thread: Thread, job: Job): Promise<void> {
    const { deadline, grace, onDamage } = this.#options
    this.#asked.begin()
    let isStuck = false
    const giveUp = () => {
      isStuck = true
      this.replaced++
      job.resolve({ kind: 'too-slow' })
      void thread.kill()
    }
    // In two steps: a process that was itself suspended is due at once, and its thread still has the grace to answer in.
    let stuck = setTimeout(() => {
      stuck = setTimeout(giveUp, grace)
    }, deadline)
    try {
      job.resolve(await thread.call(job.operation, job.values, deadline))
      this.#pause = firstPause
    } catch (error) {
      const fault = faultOf(error)
      if (isStuck) return
      if (thread.hasEnded) this.#again(job)
      else if (fault === 'state-damaged' || fault === 'state-foreign') {
        job.resolve({ kind: 'busy' })
        onDamage()
      } else if (fault !== undefined) job.resolve({ kind: 'busy' })
      else job.reject(error as Error)
    } finally {
      clearTimeout(stuck)
      // Whoever waits for the answer goes on first: one who wakes up for this may take the core.
      setImmediate(() => this.#asked.end())
    }
    this.#free(thread)
  }

  /** Answers a search that waits and will find nothing. */
  async #lookQuickly(job: Job): Promise<void> {
    const { asker, values } = job
    const isWaiting = () => this.#waiting.get(asker)?.includes(job) === true
    if (!isWaiting() || !(await this.#quick.isInVain(asker, values[1] as Query)) || !isWaiting()) return
    const left = this.#waiting.get(asker)!.filter((one) => one !== job)
    if (left.length > 0) this.#waiting.set(asker, left)
    else this.#waiting.delete(asker)
    this.#waitingCount--
    job.resolve(nothingFound())
  }

  #again(job: Job): void {
    if (this.#isClosed || ++job.lost > 1) job.resolve({ kind: 'busy' })
    else this.#queue(job, true)
  }
}
