/**
 * The threads that answer queries. What holds:
 * - A thread has one query at a time; what waits is bounded, altogether and for each asker, and gets `busy` beyond (P16, P17).
 * - Askers take turns, so that one with many queries does not keep others waiting.
 * - A query ends at its deadline by itself; a thread that says nothing for some time more is replaced, and the
 *   query answered `too-slow` (case 56).
 */

import { queryDeadline, threadGrace } from './limits.js'
import type { ReaderOperations } from './reader.js'
import { Thread } from './thread.js'

interface Job {
  operation: string
  values: unknown[]
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
}

type Unslow<T> = Promise<T | { kind: 'too-slow' } | { kind: 'busy' }>

export class Readers {
  readonly #options: Required<ReadersOptions>
  readonly #idle: Thread[] = []
  readonly #all = new Set<Thread>()
  /** In the order of whose turn it is. */
  readonly #waiting = new Map<string, Job[]>()
  #waitingCount = 0
  #closed = false
  /** Threads that were replaced because they said nothing. */
  replaced = 0

  constructor(options: ReadersOptions) {
    this.#options = {
      maxWaiting: 256,
      maxWaitingPerAsker: 8,
      deadline: queryDeadline,
      grace: threadGrace,
      ...options,
    }
    for (let n = 0; n < options.threads; n++) this.#start()
  }

  ask<O extends keyof ReaderOperations>(
    operation: O,
    ...values: Parameters<ReaderOperations[O]>
  ): Unslow<ReturnType<ReaderOperations[O]>> {
    const asker = values[0] as string
    const mine = this.#waiting.get(asker) ?? []
    const { maxWaiting, maxWaitingPerAsker } = this.#options
    if (this.#waitingCount >= maxWaiting || mine.length >= maxWaitingPerAsker) {
      return Promise.resolve({ kind: 'busy' })
    }
    return new Promise((resolve, reject) => {
      mine.push({ operation, values, resolve: resolve as Job['resolve'], reject })
      this.#waiting.set(asker, mine)
      this.#waitingCount++
      this.#next()
    })
  }

  async close(): Promise<void> {
    this.#closed = true
    for (const jobs of this.#waiting.values()) for (const job of jobs) job.resolve({ kind: 'busy' })
    this.#waiting.clear()
    await Promise.all([...this.#all].map((thread) => thread.kill()))
  }

  #start(): void {
    if (this.#closed) return
    const thread = new Thread('./reader-thread.js', { path: this.#options.path })
    this.#all.add(thread)
    thread.ready.then(
      () => this.#free(thread),
      () => {},
    )
    thread.ended.then(() => this.#all.delete(thread))
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

  async #run(thread: Thread, { operation, values, resolve, reject }: Job): Promise<void> {
    const { deadline, grace } = this.#options
    const stuck = setTimeout(() => {
      this.replaced++
      resolve({ kind: 'too-slow' })
      void thread.kill()
    }, deadline + grace)
    try {
      resolve(await thread.call(operation, values, deadline))
    } catch (error) {
      reject(error as Error)
    } finally {
      clearTimeout(stuck)
    }
    if (thread.hasEnded) this.#start()
    else this.#free(thread)
  }
}
