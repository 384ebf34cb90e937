/**
 * The keeper's thread as the main thread sees it: calls go in, promises come back. When the thread ends by a fault (a
 * full disk, for one), what waits is rejected, and after a while it is begun again: its books are on the disk.
 */

import { Worker } from 'node:worker_threads'
import { type FileTransferCode, FileTransferError } from '../errors.js'
import type { KeeperCalls, KeeperData, KeeperSays, ShareStand } from './keeper-messages.js'

/** After a fault it is begun again, ms; each time later, up to the longest, unless it lasted that long. */
const againMs = 5_000
const longestAgainMs = 300_000

interface Waiting {
  resolve(value: never): void
  reject(error: FileTransferError): void
}

const ownCodes: Record<string, FileTransferCode> = {
  'unknown-share': 'unknown-share',
  'state-newer': 'state-newer',
}

export interface KeeperEvents {
  stands(stands: ShareStand[]): void
  fault(trouble: FileTransferError): void
}

export class KeeperThread {
  readonly #waiting = new Map<number, Waiting>()
  #worker: Worker | undefined
  #last = 0
  #again: NodeJS.Timeout | undefined
  #isClosed = false
  #againMs = againMs
  #startedAt = 0

  constructor(
    readonly data: KeeperData,
    readonly events: KeeperEvents,
  ) {}

  /** Whether anybody ever needed it: who shares nothing has no thread. Between a fault and its next start it is still meant to be there. */
  get wasStarted(): boolean {
    return this.#startedAt > 0
  }

  /** Starts it, unless it runs. */
  start(): void {
    if (this.#worker !== undefined || this.#isClosed) return
    clearTimeout(this.#again)
    const worker = new Worker(new URL('./keeping/thread.js', import.meta.url), { workerData: this.data })
    this.#worker = worker
    this.#startedAt = performance.now()
    let fault: unknown
    worker.on('message', (said: KeeperSays) => this.#hear(said))
    worker.on('error', (error) => {
      fault = error
    })
    worker.on('exit', () => {
      this.#worker = undefined
      const trouble = this.#isClosed ? new FileTransferError('stopped') : faultOf(fault)
      for (const { reject } of this.#waiting.values()) reject(trouble)
      this.#waiting.clear()
      if (this.#isClosed) return
      this.events.fault(trouble)
      const lasted = performance.now() - this.#startedAt > longestAgainMs
      this.#againMs = lasted ? againMs : Math.min(longestAgainMs, this.#againMs * 2)
      this.#again = setTimeout(() => this.start(), this.#againMs)
    })
  }

  /** Asks it; starts it if need be. @throws FileTransferError `unknown-share`, `state-unusable`, `stopped` */
  call<N extends keyof KeeperCalls>(
    name: N,
    ...values: Parameters<KeeperCalls[N]>
  ): Promise<ReturnType<KeeperCalls[N]>> {
    if (this.#isClosed) return Promise.reject(new FileTransferError('stopped'))
    this.start()
    const n = ++this.#last
    return new Promise((resolve, reject) => {
      this.#waiting.set(n, { resolve, reject })
      this.#worker!.postMessage({ n, name, values })
    })
  }

  /** Ends it in order; resolves when it is gone. */
  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#again)
    const worker = this.#worker
    if (worker === undefined) return
    const gone = new Promise<void>((resolve) => void worker.once('exit', () => resolve()))
    worker.postMessage('close')
    await gone
  }

  #hear(said: KeeperSays): void {
    if (said.kind === 'stands') {
      this.events.stands(said.stands)
      return
    }
    if (said.kind === 'open') return
    const waiting = this.#waiting.get(said.n)
    this.#waiting.delete(said.n)
    if (said.kind === 'answer') waiting?.resolve(said.value as never)
    else waiting?.reject(faultOf(said))
  }
}

function faultOf(error: unknown): FileTransferError {
  const { code } = (error ?? {}) as { code?: string }
  return new FileTransferError(ownCodes[code ?? ''] ?? 'state-unusable', 'shares', { cause: error })
}
