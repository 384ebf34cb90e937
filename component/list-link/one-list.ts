/**
 * One list on its way into the catalogue: accepted, received over a link, taken in, and its end said. There is one attempt;
 * what goes wrong with it is said, and the device offers again.
 */

import { randomBytes } from 'node:crypto'
import {
  type PartFile,
  ReceiveFailed,
  type ReceiveFailure,
  type Receiving,
  receive,
} from '../../bytes/index.js'
import { type Door, LinkFailed } from '../../link/index.js'
import { type Action, type Reason, writeAction } from '../../schemas/index.js'
import { codeOf } from '../../wire/index.js'
import type { Session } from '../attendance/logins.js'
import { moment } from '../mediator/post.js'
import type { ListFile, Parts } from './parts.js'
import { type ListStore, takeIn } from './take-in.js'

/** What a list needs around it. */
export interface ListSurroundings {
  door: Door
  /** The device that we are. */
  device: string
  domain: string
  parts: Parts
  store: ListStore
  /** Asks the device wherever it is logged in now. @throws when it does not answer `result` */
  tell(owner: Session, payload: ReturnType<typeof writeAction>): Promise<unknown>
  clock: () => number
  log: { debug(fields: object, message: string): void; error(fields: object, message: string): void }
}

/** From the accept to the link, in ms. */
const linkWithinMs = 15_000
/** The slowest way that is waited for, in bytes a millisecond, and what there is beside it, in ms; how often that is looked at, in ms. */
const slowest = 64
const graceMs = 60_000
const lookEvery = 5_000
/** One that is so far behind has given nothing yet that it would be a pity about, in ms. */
const idleMs = 5_000

/** Why a list was not received, as the device is told. */
const reasons: Partial<Record<ReceiveFailure, Reason>> = {
  'bad-data': 'bad-data',
  'source-changed': 'source-changed',
  'no-space': 'no-space',
}

export class OneList {
  readonly #around: ListSurroundings
  readonly #end = new AbortController()
  #why: Reason | undefined
  /** The catalogue has begun to take it: it is not to be stopped any more. */
  isBeingTaken = false
  #begunAt = Number.POSITIVE_INFINITY
  #receiving: Receiving | undefined
  /** Settles when there is nothing more to come of it but the word on its end. */
  over: Promise<void> = Promise.resolve()

  constructor(
    around: ListSurroundings,
    /** Ours for this transfer. */
    readonly sid: string,
    /** The device's for its offer. */
    readonly id: string,
    readonly owner: Session,
    readonly file: ListFile,
  ) {
    this.#around = around
  }

  /**
   * Brings it to its end, and says it. Never rejects.
   * @param after what it waits for before it begins
   */
  async run(after?: Promise<unknown>): Promise<void> {
    let reason: Reason | undefined
    this.over = this.#bringWithin(after).then((why) => {
      reason = why
    })
    await this.over
    const routing = this.#routing()
    await this.#say(
      reason === undefined
        ? { action: 'complete', value: { ...routing, attempt: 1, root: this.file.root } }
        : { action: 'abort', value: { ...routing, reason } },
    ).catch((error) => {
      // It asks what is held when it is back.
      this.#around.log.debug({ code: codeOf(error) }, 'a device was not told the end of its list')
    })
  }

  /** Stops it, unless it is being taken. */
  stop(reason: Reason): void {
    if (this.isBeingTaken) return
    this.#why ??= reason
    this.#end.abort()
  }

  /** Stops it in any case: the component ends. */
  halt(): void {
    this.#why ??= 'failed'
    this.#end.abort()
  }

  /** Whether all of it came, whatever became of it. */
  get wasBrought(): boolean {
    return this.isBeingTaken
  }

  /** Whether its device has not come, or brings next to nothing. */
  get isIdle(): boolean {
    return !this.isBeingTaken && (this.#receiving === undefined || this.#behindMs > idleMs)
  }

  /** By how much it is behind the slowest way that is waited for. */
  get #behindMs(): number {
    return performance.now() - this.#begunAt - (this.#receiving?.bytesReceived ?? 0) / slowest
  }

  async #bringWithin(after: Promise<unknown> | undefined): Promise<Reason | undefined> {
    // The device has the answer to its offer before anything else of it.
    await new Promise((resolve) => setImmediate(resolve))
    await after
    // One that hardly moves has no place for as long as a large one may take.
    this.#begunAt = performance.now()
    const deadline = setInterval(() => {
      if (this.#behindMs > graceMs) this.stop('policy')
    }, lookEvery)
    try {
      this.#end.signal.throwIfAborted()
      return await this.#bring()
    } catch (error) {
      return this.#why ?? this.#blame(error)
    } finally {
      clearInterval(deadline)
    }
  }

  async #bring(): Promise<Reason | undefined> {
    const { parts, store } = this.#around
    const part = await parts.open(this.file, this.#end.signal)
    try {
      await this.#receive(part)
      this.#end.signal.throwIfAborted()
      this.isBeingTaken = true
      return await takeIn(part.path, store, this.file.owner, this.#end.signal)
    } finally {
      if (this.isBeingTaken) await part.discard()
      else await parts.keep(this.file, part)
    }
  }

  async #receive(part: PartFile): Promise<void> {
    const { door } = this.#around
    const { signal } = this.#end
    const token = new Uint8Array(randomBytes(32))
    const expected = door.expect({ device: this.file.owner.device, token, deadlineMs: linkWithinMs, signal })
    // Should the accept fail, nobody looks at it any more.
    expected.catch(() => {})
    const filebytesdone = part.provenBytesPrefix
    const way = { kind: 'listening' as const, candidates: [...door.candidates] }
    const append = filebytesdone > 0
    const value = { ...this.#routing(), attempt: 1, way, token, append, filebytesdone, files: [] }
    try {
      // A device that is gone without a word never answers; the next list waits for the end of this one, and not for that.
      await unlessEnded(this.#say({ action: 'accept', value }), signal)
    } catch (error) {
      this.stop('failed')
      throw error
    }
    const receiving = receive(await expected, part, { root: this.file.root, signal })
    this.#receiving = receiving
    await receiving.proven
    receiving.finish()
  }

  #routing() {
    const { device, domain, clock } = this.#around
    return { sid: this.sid, id: this.id, peer: domain, device, stamp: moment(clock()) }
  }

  #say(action: Action): Promise<unknown> {
    return this.#around.tell(this.owner, writeAction(action))
  }

  #blame(error: unknown): Reason {
    const { log } = this.#around
    if (error instanceof ReceiveFailed || error instanceof LinkFailed) {
      log.debug({ code: error.code }, 'a list was not received')
      return reasons[error.code as ReceiveFailure] ?? 'failed'
    }
    log.error({ err: error }, 'a list failed')
    return 'failed'
  }
}

/** What comes of it. Rejects with the signal's reason as soon as that fires. */
async function unlessEnded<T>(wanted: Promise<T>, signal: AbortSignal): Promise<T> {
  let ended = () => {}
  const end = new Promise<never>((_, reject) => {
    ended = () => reject(signal.reason)
  })
  signal.addEventListener('abort', ended)
  try {
    signal.throwIfAborted()
    return await Promise.race([wanted, end])
  } finally {
    signal.removeEventListener('abort', ended)
    wanted.catch(() => {})
  }
}
