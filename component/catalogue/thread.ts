/**
 * A thread, seen from the main one: calls go in, promises come back. What holds: when the thread ends, however it
 * ends, every call that waits is rejected.
 */

import { Worker } from 'node:worker_threads'
import { faultOf, StoreFailed } from '../store/store-failed.js'
import type { Opened } from './open-catalogue.js'
import type { Call, News, Said } from './thread-messages.js'

interface Waiting {
  resolve(value: never): void
  reject(error: Error): void
}

/**
 * For what is made and soon let go of, in MiB: two thirds of it are two halves that take turns. Left to itself V8 lets it grow to 48 in each
 * thread, over an hour of much that is asked, and never gives it back; a question needs a few hundred KiB, a batch of the writer a few MiB.
 */
const young = 12

export class Thread {
  readonly #worker: Worker
  readonly #waiting = new Map<number, Waiting>()
  readonly #onNews: (news: News) => void
  #lastId = 0
  #end: StoreFailed | undefined
  readonly ready: Promise<Opened>
  readonly ended: Promise<void>

  /** @param onNews told of what the thread says unasked */
  constructor(
    file: './reader-thread.js' | './writer-thread.js' | './checkpoint-thread.js' | './lookout-thread.js',
    data: unknown,
    onNews: (news: News) => void = () => {},
  ) {
    this.#onNews = onNews
    this.#worker = new Worker(new URL(file, import.meta.url), {
      workerData: data,
      resourceLimits: { maxYoungGenerationSizeMb: young },
    })
    this.ready = new Promise((resolve, reject) => this.#waiting.set(0, { resolve, reject }))
    // Who does not wait for it learns of its end by the calls.
    this.ready.catch(() => {})
    this.ended = new Promise((resolve) => {
      this.#worker.on('error', (error) => this.#fail(error))
      this.#worker.on('exit', () => {
        this.#fail(new StoreFailed('state-closed', 'the thread of the catalogue has ended'))
        resolve()
      })
    })
    this.#worker.on('message', (said: Said) => this.#hear(said))
  }

  get hasEnded(): boolean {
    return this.#end !== undefined
  }

  /** How many calls are not answered yet. */
  get load(): number {
    return this.#waiting.size
  }

  call<T>(operation: string, values: unknown[], deadline?: number): Promise<T> {
    if (this.#end) return Promise.reject(this.#end)
    const id = ++this.#lastId
    const call: Call = { id, operation, values, ...(deadline !== undefined && { deadline }) }
    return new Promise<T>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      this.#worker.postMessage(call)
    })
  }

  /** Says something that has no answer. */
  tell(message: unknown): void {
    if (!this.#end) this.#worker.postMessage(message)
  }

  /** Ends in order, after what was asked for. */
  async close(): Promise<void> {
    this.#worker.postMessage('close')
    await this.ended
  }

  /** Ends now, or as soon as a native call returns. */
  async kill(): Promise<void> {
    this.#fail(new StoreFailed('state-closed', 'the thread of the catalogue was ended'))
    await this.#worker.terminate()
  }

  #hear(said: Said): void {
    if ('news' in said) {
      this.#onNews(said)
      return
    }
    const id = 'ready' in said ? 0 : said.id
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    if ('ready' in said) waiting?.resolve(said.ready as never)
    else if ('fault' in said) waiting?.reject(errorOf(said.fault))
    else waiting?.resolve(said.value as never)
  }

  #fail(error: unknown): void {
    this.#end ??= error instanceof StoreFailed ? error : errorOf(error as Error & { code?: string })
    for (const { reject } of this.#waiting.values()) reject(this.#end)
    this.#waiting.clear()
  }
}

/** The error of a thread, with the code that it stands for. */
export function errorOf({ message, code }: { message: string; code?: string | undefined }): StoreFailed {
  const cause = Object.assign(new Error(message), { code })
  const own = code?.startsWith('state-') ? (code as StoreFailed['code']) : faultOf(cause)
  return new StoreFailed(own ?? 'state-unreachable', message, { cause })
}
