/**
 * Has what waits for the writer looked up by a thread of its own (foresight.ts); for the main thread. What holds: it is asked only while so much
 * waits that it can be ahead of the writer, and while nobody searches; what it was asked and has not done is bounded; without it all goes on.
 */

import { type ForesightMemory, LooksDone, makeForesight, maxForeseen, maxLooks } from './foresight-memory.js'
import { lookFor } from './lookout.js'
import { Asked, makeShared, type Shared } from './precedence.js'
import { Thread } from './thread.js'
import type { Entry } from './values.js'

/** Calls that the writer has not answered, from which on those that come are looked up. */
const worthIt = 4

export class LookingAhead {
  readonly memory: ForesightMemory = makeForesight()
  readonly #path: string
  readonly #shared: Shared
  readonly #asked: Asked
  readonly #done = new LooksDone(this.memory)
  /** Whose results the writer may still read. */
  readonly #unanswered = new Set<number>()
  #last = 0
  #thread: Thread | undefined
  #isClosed = false

  constructor(path: string, shared = makeShared()) {
    this.#path = path
    this.#shared = shared
    this.#asked = new Asked(shared)
  }

  /** @param waiting calls before this one @returns what the writer is to be told with the call; 0 if nothing is looked up */
  look(entries: readonly Entry[], waiting: number): number {
    if (waiting < worthIt || this.#asked.count > 0 || this.#isClosed || this.#thread?.hasEnded) return 0
    if (entries.length === 0 || entries.length > maxForeseen) return 0
    // 0 says that there is none: after 2^32 of them it is left out.
    const next = (this.#last + 1) | 0 || 1
    // Its place is that of an earlier one.
    const before = (next - maxLooks) | 0
    if (this.#unanswered.has(before) || !this.#done.has(before)) return 0
    this.#thread ??= this.#start()
    if (this.#thread === undefined) return 0
    this.#last = next
    this.#unanswered.add(next)
    this.#thread.tell(lookFor(next, entries))
    return next
  }

  /** Where the system gives no thread, the call is not to suffer from it, nor those that come after it. */
  #start(): Thread | undefined {
    try {
      return new Thread('./lookout-thread.js', {
        path: this.#path,
        shared: this.#shared,
        memory: this.memory,
      })
    } catch {
      this.#isClosed = true
      return undefined
    }
  }

  /** The writer has answered the call. */
  answered(look: number): void {
    this.#unanswered.delete(look)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    if (this.#thread !== undefined && !this.#thread.hasEnded) await this.#thread.close()
  }
}
