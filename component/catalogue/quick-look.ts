/**
 * A thread that looks whether a search that has to wait will find nothing (in-vain.ts). What holds: whatever goes wrong with it is
 * "not known", and the search goes its way; what it is asked at once is bounded.
 */

import type { ReaderOperations } from './reader.js'
import { Thread } from './thread.js'
import type { Query } from './values.js'

/** What nothing that was found looks like, from a reader. */
export const nothingFound = (): ReturnType<ReaderOperations['searchPage']> => {
  return { found: new Float64Array(0), isPartial: false, first: [] }
}

/** Asked at once. */
const mostAsked = 64
/** For one look, and after which the thread counts as stuck, in ms. */
const lookMs = 20
const stuckMs = 1_000
/** Between two threads, in ms. */
const pause = 1_000
/** Memory for its pages, in KiB: it looks at few. */
const cacheKiB = 8_192

export class QuickLook {
  readonly #path: string
  #thread: Thread
  #startedAt = performance.now()
  #isClosed = false

  constructor(path: string) {
    this.#path = path
    this.#thread = this.#start()
  }

  /** Whether a search surely finds nothing. Never rejects. */
  async isInVain(asker: string, query: Query): Promise<boolean> {
    if (this.#isClosed) return false
    if (this.#thread.hasEnded && performance.now() - this.#startedAt > pause) this.#thread = this.#start()
    const thread = this.#thread
    if (thread.load >= mostAsked) return false
    const stuck = setTimeout(() => void thread.kill(), stuckMs)
    try {
      await thread.ready
      return (await thread.call('isInVain', [asker, query], lookMs)) === true
    } catch {
      return false
    } finally {
      clearTimeout(stuck)
    }
  }

  /** The file is another one. */
  restart(): void {
    void this.#thread.kill()
    this.#startedAt = Number.NEGATIVE_INFINITY
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.#thread.kill()
  }

  #start(): Thread {
    this.#startedAt = performance.now()
    return new Thread('./reader-thread.js', { path: this.#path, cacheKiB })
  }
}
