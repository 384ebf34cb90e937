/**
 * Brings the log of writes to the disk without holding up the thread that writes: commits do not wait (`synchronous=NORMAL`), answers do.
 *
 * What holds: whoever asked is called back after a flush that began after he asked, so that whatever was committed before is on the disk
 * (P7); in the order of asking; one flush runs at a time, and serves all who asked before it began. After one that failed all are told so and
 * none is tried: the next may say that all is well of what is lost (P20).
 */

import { closeSync, fdatasync, openSync } from 'node:fs'
import { StoreFailed } from '../store/store-failed.js'

type Done = (fault?: StoreFailed) => void

export class LogFlush {
  readonly #file: number
  #waiting: Done[] = []
  #isRunning = false
  #isClosing = false
  /** What `after` was told when the last flush that went well began. */
  #flushed: number | undefined
  #marked = 0
  /** Since a flush failed. */
  #fault: StoreFailed | undefined

  /** @param log exists, and stays the same file while this is open. SQLite has no lock on it, so that closing it frees none. */
  constructor(log: string) {
    this.#file = openSync(log, 'r+')
  }

  /** Calls `done` when all that was committed is on the disk. @param mark another number if anything was written since the last time */
  after(mark: number, done: Done): void {
    if (mark === this.#flushed && !this.#isRunning) {
      done()
      return
    }
    this.#marked = mark
    this.#waiting.push(done)
    this.#run()
  }

  /** To be called once; closes the file after what was asked for. */
  close(): void {
    this.#isClosing = true
    this.#run()
  }

  #run(): void {
    if (this.#isRunning) return
    if (this.#waiting.length === 0) {
      if (this.#isClosing) closeSync(this.#file)
      return
    }
    this.#isRunning = true
    const [served, mark] = [this.#waiting, this.#marked]
    this.#waiting = []
    const ended = (error?: Error | null) => {
      this.#isRunning = false
      if (error)
        this.#fault = new StoreFailed('state-unwritable', 'the log of writes is not on the disk', {
          cause: error,
        })
      this.#flushed = this.#fault ? undefined : mark
      for (const done of served) done(this.#fault)
      this.#run()
    }
    if (this.#fault) setImmediate(ended)
    else fdatasync(this.#file, ended)
  }
}
