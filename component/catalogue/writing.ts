/**
 * The writer, seen from the main thread. What holds: what waits for it is bounded, and gets `busy` beyond (P16); while the disk takes
 * nothing everything is `busy`, and it goes on by itself (P20).
 */

import { StoreFailed } from '../store/store-failed.js'
import type { Opened } from './open-catalogue.js'
import { Thread } from './thread.js'
import type { WriterConfig, WriterOperations } from './writer.js'

export interface WritingOptions {
  onFault?: (error: Error) => void
  onRecovered?: () => void
}

/** Calls that wait for the writer at most. */
const maxWaiting = 1_024

export class Writing {
  readonly #thread: Thread
  readonly ready: Promise<Opened>

  constructor(config: WriterConfig, options: WritingOptions) {
    this.#thread = new Thread('./writer-thread.js', config)
    this.ready = this.#thread.ready
    void options
  }

  /** @throws StoreFailed when the writer has ended */
  async ask<O extends keyof WriterOperations>(
    operation: O,
    ...values: Parameters<WriterOperations[O]>
  ): Promise<ReturnType<WriterOperations[O]> | { kind: 'busy' }> {
    if (this.#thread.load >= maxWaiting) return { kind: 'busy' }
    try {
      return await this.#thread.call(operation, values)
    } catch (error) {
      if (error instanceof StoreFailed && error.code === 'state-unwritable') return { kind: 'busy' }
      throw error
    }
  }

  /** Ends in order, after what was asked for. */
  close(): Promise<void> {
    return this.#thread.close()
  }
}
