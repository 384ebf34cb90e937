/**
 * What both directions share: the record in the journal, the word that is to be said, and what the user sees.
 *
 * Rules: the journal is written before a word is said or a promise settled; there is at most one word to say, a later one
 * replaces it; an end is never left; a listener that throws harms nobody but itself.
 */

import { EventEmitter } from 'node:events'
import type { Action, Reason } from '../../schemas/index.js'
import type { Finished, PathTaken, Progress, Transfer, TransferEvents, TransferState } from '../api.js'
import { FileTransferError } from '../errors.js'
import { type End, isEnd, type Saying, type TransferRecord } from '../journal/record.js'
import type { Settled } from '../mediator/outcome.js'
import { Meter } from './meter.js'
import type { Surroundings } from './surroundings.js'

/** Progress is told at most so often, ms. */
const progressMs = 100

export abstract class TransferHandle extends EventEmitter<TransferEvents> implements Transfer {
  record: TransferRecord
  #state: TransferState
  #trouble: FileTransferError | undefined
  #run: { promise: Promise<Finished>; resolve: (done: Finished) => void; reject: (why: Error) => void }
  #over = false
  readonly #meter = new Meter()
  #bytes = 0
  #resumedFrom = 0
  #path: PathTaken | undefined
  #toldAt = 0
  readonly #lookers = new Set<() => void>()
  #speaking: AbortController | undefined
  #recorded: (() => void)[] = []

  constructor(
    readonly around: Surroundings,
    record: TransferRecord,
  ) {
    super()
    this.record = record
    this.#state = viewOf(record)
    if (record.trouble !== undefined) this.#trouble = new FileTransferError(record.trouble)
    this.#run = newRun()
    if (isEnd(record.phase)) this.#settle()
  }

  get key(): string {
    return this.record.sid ?? this.record.id
  }
  get sid(): string | undefined {
    return this.record.sid
  }
  get id(): string {
    return this.record.id
  }
  get direction(): 'sending' | 'receiving' {
    return this.record.direction
  }
  get peer(): string {
    return this.record.peer
  }
  get filename(): string {
    return this.record.filename
  }
  get filesize(): number | undefined {
    return this.record.filesize
  }
  get description(): string | undefined {
    return this.record.description
  }
  get state(): TransferState {
    return this.#state
  }
  get trouble(): FileTransferError | undefined {
    return this.#trouble
  }
  get finished(): Promise<Finished> {
    return this.#run.promise
  }
  get isOver(): boolean {
    return isEnd(this.record.phase)
  }

  get progress(): Progress {
    const total = this.record.filesize ?? 0
    return {
      bytes: this.#bytes,
      total,
      rate: this.#meter.rate,
      secondsLeft: this.#meter.secondsFor(total - this.#bytes),
      resumedFrom: this.#resumedFrom,
      attempt: this.record.attempt,
      path: this.#path,
    }
  }

  async *[Symbol.asyncIterator](): AsyncIterator<Progress> {
    for (let last = -1; ; ) {
      const { progress } = this
      if (progress.bytes !== last) yield progress
      last = progress.bytes
      if (this.#over) return
      await new Promise<void>((look) => this.#lookers.add(look))
    }
  }

  abstract pause(): Promise<void>
  abstract resume(): Promise<void>

  async abort(_reason?: string): Promise<void> {
    if (this.isOver) throw new FileTransferError('wrong-state', this.#state)
    const recorded = new Promise<void>((resolve) => this.#recorded.push(resolve))
    this.abortFor('user', new FileTransferError('aborted'))
    await recorded
  }

  /** Ends it for a reason: journals the abort, stops what moves, and says it. */
  abortFor(reason: Reason, why: FileTransferError): void {
    if (this.isOver) return
    // A word of the sending side about a running transfer is decided by the receiving side.
    const waits = this.direction === 'sending' && this.record.phase === 'running'
    this.put(
      { action: 'abort', reason },
      { trouble: why.code, paused: false, ...(waits && { phase: 'aborting' }) },
    )
    this.halt()
    this.show(this.record.phase === 'aborting' ? 'aborting' : this.#state, why)
  }

  /** Stops everything that belongs to attempts; says nothing. */
  abstract halt(): void

  /** Says whatever the journal holds unsaid. */
  abstract wake(): void

  /** The plugin stops. Nothing is said any more. */
  async close(): Promise<void> {
    this.#speaking?.abort()
    this.halt()
    if (!this.isOver) this.stopRun(new FileTransferError('stopped'))
  }

  /** Writes changes to the journal; they are durable when it returns. */
  note(changes: Partial<TransferRecord>): void {
    this.record = { ...this.record, ...changes }
    this.around.journal.put(this.record)
  }

  /** Journals a word and says it until the component has recorded it. */
  put(saying: Saying, changes: Partial<TransferRecord> = {}): void {
    this.note({ ...changes, saying })
    this.speak()
  }

  /** Says the word in the journal, again if need be. */
  speak(): void {
    const { saying } = this.record
    this.#speaking?.abort()
    if (saying === undefined) return
    const speaking = new AbortController()
    this.#speaking = speaking
    const compose = () => this.compose(saying)
    const patience = saying.action === 'offer' || saying.action === 'request' ? 2 : Number.POSITIVE_INFINITY
    this.around.mouth.insist(compose, speaking.signal, patience).then(
      (outcome) => {
        if (this.#speaking === speaking) this.#heard(saying, outcome)
      },
      (error) => {
        if (speaking.signal.aborted) return
        this.fail(new FileTransferError('internal', undefined, { cause: error }))
      },
    )
  }

  /** The words of a saying, as they are now. */
  protected abstract compose(saying: Saying): Action

  /** What follows from an outcome, where it is not the same for both directions. */
  protected abstract said(saying: Saying, outcome: Settled): void

  #heard(saying: Saying, outcome: Settled): void {
    this.#speaking = undefined
    if (this.isOver && saying.action !== 'complete') {
      // A last word after the end: whatever became of it, nothing follows.
      this.note({ saying: undefined })
    } else if (saying.action === 'abort' && outcome.is !== 'later') {
      const decided = this.record.phase === 'aborting' && outcome.is === 'recorded'
      if (decided) this.note({ saying: undefined })
      else if (outcome.is === 'elsewhere' && outcome.phase === 'complete') this.end('complete')
      else this.end('aborted', this.#trouble ?? new FileTransferError('aborted'))
    } else if (saying.action === 'decline' && outcome.is !== 'later') {
      this.end('declined', this.#trouble ?? new FileTransferError(saying.block ? 'blocked' : 'declined'))
    } else this.said(saying, outcome)
    const waiting = this.#recorded
    this.#recorded = []
    for (const recorded of waiting) recorded()
  }

  /** Resolves when the word that is being said now has an outcome. */
  saidSoon(): Promise<void> {
    if (this.record.saying === undefined) return Promise.resolve()
    return new Promise((resolve) => this.#recorded.push(resolve))
  }

  /** An end. What is still to be said stays in the journal. */
  end(phase: End, why?: FileTransferError, changes: Partial<TransferRecord> = {}): void {
    if (this.isOver) return
    this.#speaking?.abort()
    this.note({ saying: undefined, ...changes, phase, paused: false, trouble: why?.code })
    this.halt()
    this.speak()
    this.show(phase, why)
    if (phase !== 'complete') this.stopRun(why ?? new FileTransferError('aborted-by-peer'))
  }

  fail(why: FileTransferError): void {
    this.end('failed', why)
  }

  /** The user sees a state. */
  show(state: TransferState, why?: FileTransferError): void {
    const same = state === this.#state && why?.code === this.#trouble?.code
    this.#state = state
    this.#trouble = why
    if (same) return
    this.tell('state', state, why)
    this.#wakeLookers()
  }

  /** This run is over well. */
  finish(done: Omit<Finished, 'bytes'>): void {
    if (this.#over) return
    this.#bytes = this.record.filesize ?? 0
    this.#over = true
    this.#tellProgress()
    this.#run.resolve({ ...done, bytes: this.#bytes })
  }

  /** This run is over; the transfer may not be. */
  stopRun(why: FileTransferError): void {
    if (this.#over) return
    this.#over = true
    this.#run.reject(why)
    this.#wakeLookers()
  }

  /** A new run after a pause. */
  newRun(): void {
    if (!this.#over || this.isOver) return
    this.#over = false
    this.#run = newRun()
  }

  /** An attempt begins to move bytes over this path. */
  beginMoving(path: PathTaken, bytes: number): void {
    this.#path = path
    this.#bytes = bytes
    this.#resumedFrom = bytes
    this.#meter.begin(bytes, performance.now())
    this.show('moving')
    this.#tellProgress()
  }

  /** So many bytes were held when the attempt began, as turns out now. */
  heldAtBeginning(bytes: number): void {
    if (bytes === this.#resumedFrom) return
    this.#resumedFrom = bytes
    this.#meter.begin(bytes, performance.now())
  }

  /** Bytes that are proven now; told to the user now and then. */
  moved(bytes: number): void {
    this.#bytes = bytes
    const now = performance.now()
    if (now - this.#toldAt < progressMs) return
    this.#toldAt = now
    this.#meter.look(bytes, now)
    this.#tellProgress()
  }

  #tellProgress(): void {
    this.tell('progress', this.progress)
    this.#wakeLookers()
  }

  #wakeLookers(): void {
    const lookers = [...this.#lookers]
    this.#lookers.clear()
    for (const look of lookers) look()
  }

  /** Emits; a listener's fault is reported and goes no further. */
  protected tell<E extends keyof TransferEvents>(event: E, ...what: TransferEvents[E]): boolean {
    try {
      return (this.emit as (event: E, ...what: TransferEvents[E]) => boolean).call(this, event, ...what)
    } catch (error) {
      this.around.report(new FileTransferError('internal', 'a listener threw', { cause: error }))
      return true
    }
  }

  #settle(): void {
    this.#over = true
    const { record } = this
    if (record.phase === 'complete') {
      const path = record.placed ?? record.source?.path ?? ''
      this.#run.resolve({ path, root: record.root ?? '', bytes: record.filesize ?? 0, bytesMoved: 0 })
    } else this.#run.reject(this.#trouble ?? new FileTransferError('aborted-by-peer'))
  }
}

function newRun() {
  let resolve!: (done: Finished) => void
  let reject!: (why: Error) => void
  const promise = new Promise<Finished>((yes, no) => {
    resolve = yes
    reject = no
  })
  // Nobody need look at it.
  promise.catch(() => undefined)
  return { promise, resolve, reject }
}

function viewOf(record: TransferRecord): TransferState {
  if (record.phase !== 'running') return record.phase
  return record.paused || record.direction === 'receiving' ? 'paused' : 'waiting'
}
