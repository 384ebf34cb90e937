/**
 * The writer, seen from the main thread. What holds: what waits for it is bounded, and gets `busy` beyond (P16); while the disk takes
 * nothing everything is `busy`, and it goes on by itself (P20); if its thread ends, another is started after a while.
 */

import { StoreFailed } from '../store/store-failed.js'
import { LookingAhead } from './looking-ahead.js'
import type { Opened } from './open-catalogue.js'
import { errorOf, Thread } from './thread.js'
import type { News } from './thread-messages.js'
import type { Entry } from './values.js'
import type { WriterConfig, WriterOperations } from './writer.js'

export interface WritingOptions {
  /** The disk fails, or the thread has ended. */
  onFault?: (error: Error) => void
  /** It is well again. */
  onRecovered?: (opened: Opened) => void
}

/** Calls that wait for the writer at most. */
const maxWaiting = 1_024
/** Before another thread is started, in ms. */
const pause = 2_000

export class Writing {
  readonly #config: WriterConfig
  readonly #options: WritingOptions
  #thread: Thread
  #ahead: LookingAhead
  #isClosed = false
  readonly ready: Promise<Opened>

  constructor(config: WriterConfig, options: WritingOptions) {
    this.#config = config
    this.#options = options
    this.#ahead = this.#lookAhead()
    this.#thread = this.#start()
    this.ready = this.#thread.ready
    this.ready.then(() => this.#stay(this.#thread)).catch(() => {})
  }

  /** @throws StoreFailed when it is closed */
  async ask<O extends keyof WriterOperations>(
    operation: O,
    ...values: Parameters<WriterOperations[O]>
  ): Promise<ReturnType<WriterOperations[O]> | { kind: 'busy' }> {
    if (this.#thread.load >= maxWaiting) return { kind: 'busy' }
    const ahead = this.#ahead
    const look = ahead.look(entriesOf(operation, values), this.#thread.load)
    try {
      return await this.#thread.call(operation, look === 0 ? values : [...values, look])
    } catch (error) {
      if (this.#isClosed || !(error instanceof StoreFailed)) throw error
      if (error.code === 'state-unwritable' || this.#thread.hasEnded) return { kind: 'busy' }
      throw error
    } finally {
      if (look !== 0) ahead.answered(look)
    }
  }

  /** Ends in order, after what was asked for. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.#ahead.close()
    await this.#thread.close()
  }

  #start(): Thread {
    const config: WriterConfig = { ...this.#config, foresight: this.#ahead.memory }
    return new Thread('./writer-thread.js', config, (news) => this.#hear(news))
  }

  #lookAhead(): LookingAhead {
    return new LookingAhead(this.#config.path, this.#config.shared)
  }

  #hear(news: News): void {
    if (news.news === 'fault') this.#options.onFault?.(errorOf(news.fault))
    else this.#options.onRecovered?.(news.opened)
  }

  /** Starts another thread when this one ends, until one stays. */
  #stay(thread: Thread): void {
    void thread.ended.then(() => {
      if (this.#isClosed) return
      this.#options.onFault?.(new StoreFailed('state-unreachable', 'the writer of the catalogue has ended'))
      setTimeout(() => {
        if (this.#isClosed) return
        void this.#ahead.close()
        this.#ahead = this.#lookAhead()
        this.#thread = this.#start()
        this.#stay(this.#thread)
        this.#thread.ready.then((opened) => this.#options.onRecovered?.(opened)).catch(() => {})
      }, pause).unref()
    })
  }
}

/** What a call puts into a share. */
function entriesOf(operation: keyof WriterOperations, values: readonly unknown[]): readonly Entry[] {
  if (operation === 'publish') return (values as Parameters<WriterOperations['publish']>)[1].adds
  if (operation === 'fill') return (values as Parameters<WriterOperations['fill']>)[2]
  return []
}
