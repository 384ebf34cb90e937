/**
 * When the log of writes is brought into the file. It takes as long as the writing itself, so a thread of its own does most of it while
 * others write and read, and what it has written is flushed beside them, too; what was committed meanwhile is less each time, and the writer
 * does the last of it by itself, so that the log begins anew.
 *
 * What holds: the log is bounded also while somebody always reads: from some length on the writer waits for those who read (case 60). Without
 * the thread the writer does all of it.
 */

import { fdatasync } from 'node:fs'
import { promisify } from 'node:util'
import { faultOf } from '../store/store-failed.js'
import type { Db } from './open-catalogue.js'
import type { Shared } from './precedence.js'
import { Thread } from './thread.js'

const flush = promisify(fdatasync)

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

/** Pages in the log that are not in the file from which on they are moved, and pages in it from which on those who read are waited for. */
const long = 24_000
const tooLong = 44_000
/** Pages that the writer moves by itself at the end, and rounds of the thread before it does so whatever is left. */
const rest = 3_000
const maxRounds = 5

/** What the writer does of it. */
export interface LogOfWriter {
  log(): Log
  move(how: 'passive' | 'restart'): Log
}

export interface LogOf {
  path: string
  /** A descriptor of the file, to flush it by. */
  file: number
  /** Whether somebody searches: see precedence.ts. */
  shared: Shared
}

export class Checkpoints {
  readonly #path: string
  readonly #file: number
  readonly #shared: Shared
  readonly #onFault: (error: unknown) => void
  #thread: Thread | undefined
  #isMoving = false
  #isClosed = false

  /**
   * @param onFault told when the disk does not take what is moved
   */
  constructor({ path, file, shared }: LogOf, onFault: (error: unknown) => void) {
    this.#path = path
    this.#file = file
    this.#shared = shared
    this.#onFault = onFault
  }

  /** To be called after commits. @throws what a disk throws */
  consider(writer: LogOfWriter): void {
    if (this.#isMoving || this.#isClosed) return
    const { pages, moved } = writer.log()
    if (pages - moved < long && pages < tooLong) return
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
        if (!(await this.#moveElsewhere()) || this.#isClosed) break
        // Where more was committed meanwhile SQLite has not flushed what it moved, and whoever moves the last of it waits for all of that.
        await flush(this.#file)
        const { pages, moved } = writer.log()
        if (pages - moved <= rest) break
      }
      if (this.#isClosed) return
      writer.move(writer.log().pages >= tooLong ? 'restart' : 'passive')
    } catch (error) {
      if (!this.#isClosed) this.#onFault(error)
    }
  }

  /** @returns whether the thread could do it. @throws what a disk throws */
  async #moveElsewhere(): Promise<boolean> {
    if (this.#thread === undefined || this.#thread.hasEnded) {
      this.#thread = new Thread('./checkpoint-thread.js', {
        path: this.#path,
        shared: this.#shared,
      })
    }
    try {
      await this.#thread.call<Log>('checkpoint', [])
      return true
    } catch (error) {
      const fault = faultOf(error)
      // It has ended, or the writer is just doing the same.
      if (fault === 'state-closed' || fault === 'state-in-use' || fault === 'state-unreachable') return false
      throw error
    }
  }
}
