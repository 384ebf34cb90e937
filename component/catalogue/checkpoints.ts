/**
 * When the log of writes is brought into the file. It takes as long as the writing itself, so a thread of its own does most of it while
 * others write and read; what was committed meanwhile is little, and the writer does that by itself, so that the log begins anew.
 *
 * What holds: the log is bounded also while somebody always reads: from some length on the writer waits for those who read (case 60). Without
 * the thread the writer does all of it.
 */

import { faultOf } from '../store/store-failed.js'
import type { Db } from './open-catalogue.js'
import { Thread } from './thread.js'

/** Pages in the log, and how many of them are in the file too. */
export interface Log {
  pages: number
  moved: number
}

/** @throws what a disk throws */
export function checkpoint(db: Db, how: 'noop' | 'passive' | 'restart' | 'truncate'): Log {
  const [row] = db.pragma(`wal_checkpoint(${how})`) as { log: number; checkpointed: number }[]
  return { pages: Math.max(0, row!.log), moved: Math.max(0, row!.checkpointed) }
}

/** Pages in the log from which on it is moved, and from which on those who read are waited for. */
const long = 4_000
const tooLong = 12_000
/** Pages that the writer moves by itself at the end, and rounds of the thread before it does so whatever is left. */
const rest = 800
const maxRounds = 4

/** What the writer does of it. */
export interface LogOfWriter {
  log(): Log
  move(how: 'passive' | 'restart'): Log
}

export class Checkpoints {
  readonly #path: string
  readonly #onFault: (error: unknown) => void
  #thread: Thread | undefined
  #isMoving = false
  #isClosed = false

  /** @param onFault told when the disk does not take what is moved */
  constructor(path: string, onFault: (error: unknown) => void) {
    this.#path = path
    this.#onFault = onFault
  }

  /** To be called after commits. @throws what a disk throws */
  consider(writer: LogOfWriter): void {
    if (this.#isMoving || this.#isClosed) return
    const { pages } = writer.log()
    if (pages < long) return
    this.#isMoving = true
    void this.#move(writer).finally(() => {
      this.#isMoving = false
    })
  }

  async close(): Promise<void> {
    this.#isClosed = true
    const thread = this.#thread
    this.#thread = undefined
    if (thread !== undefined && !thread.hasEnded) await thread.close()
  }

  async #move(writer: LogOfWriter): Promise<void> {
    try {
      for (let round = 0; round < maxRounds; round++) {
        const left = await this.#moveElsewhere()
        if (this.#isClosed) return
        if (left === undefined || left <= rest) break
      }
      writer.move(writer.log().pages >= tooLong ? 'restart' : 'passive')
    } catch (error) {
      if (!this.#isClosed) this.#onFault(error)
    }
  }

  /** @returns pages that are left; nothing if the thread cannot do it. @throws what a disk throws */
  async #moveElsewhere(): Promise<number | undefined> {
    if (this.#thread === undefined || this.#thread.hasEnded) {
      this.#thread = new Thread('./checkpoint-thread.js', { path: this.#path })
    }
    try {
      const { pages, moved } = await this.#thread.call<Log>('checkpoint', [])
      return pages - moved
    } catch (error) {
      const fault = faultOf(error)
      // It has ended, or the writer is just doing the same.
      if (fault === 'state-closed' || fault === 'state-in-use' || fault === 'state-unreachable')
        return undefined
      throw error
    }
  }
}
