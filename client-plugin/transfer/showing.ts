/**
 * What the user sees of a transfer: its state, its progress, and the promise of its end. It knows no journal and no words.
 *
 * Rules: a run settles once; progress is told now and then, not for every byte, but what was reached before bytes stopped coming is told,
 * too; a listener that throws harms nobody but itself.
 */

import type { Finished, PathTaken, Progress, TransferEvents, TransferState } from '../api.js'
import { CarefulEmitter } from '../careful-emitter.js'
import type { FileTransferError } from '../errors.js'
import { Meter } from './meter.js'

/** Progress is told at most so often, ms. */
const progressMs = 100

export abstract class Showing extends CarefulEmitter<TransferEvents> {
  #state: TransferState = 'proposed'
  #trouble: FileTransferError | undefined
  #run = newRun()
  #over = false
  readonly #meter = new Meter()
  #bytes = 0
  /** What says how far it came in an earlier process, until something moves or somebody asks. */
  #before: (() => number) | undefined
  #resumedFrom = 0
  #path: PathTaken | undefined
  #place: number | undefined
  #toldAt = 0
  /** Set while bytes have moved that nobody was told of. */
  #untold: NodeJS.Timeout | undefined
  readonly #lookers = new Set<() => void>()

  /** Bytes of the whole file, where known. */
  abstract get filesize(): number | undefined
  /** Attempts so far. */
  protected abstract get attempts(): number

  get state(): TransferState {
    return this.#state
  }

  get trouble(): FileTransferError | undefined {
    return this.#trouble
  }

  /** While `queued` at the other side: how many are served until this one is; 1 is the next. */
  get queuePlace(): number | undefined {
    return this.#state === 'queued' ? this.#place : undefined
  }

  get finished(): Promise<Finished> {
    return this.#run.promise
  }

  get progress(): Progress {
    const total = this.filesize ?? 0
    this.#lookBefore(total)
    return {
      bytes: this.#bytes,
      total,
      rate: this.#meter.rate,
      secondsLeft: this.#meter.secondsFor(total - this.#bytes),
      resumedFrom: this.#resumedFrom,
      attempt: this.attempts,
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

  /**
   * The state at the beginning, which is told to nobody.
   * @param before how many bytes came in an earlier process; asked at most once, and only when somebody looks: many are taken
   *   up that nobody looks at
   */
  protected beginAs(
    state: TransferState,
    trouble: FileTransferError | undefined,
    before?: () => number,
  ): void {
    this.#state = state
    this.#trouble = trouble
    this.#before = before
  }

  #lookBefore(total: number): void {
    const before = this.#before
    this.#before = undefined
    if (before !== undefined) this.#bytes = Math.min(before(), total)
  }

  /** The user sees a state, and why. */
  show(state: TransferState, why?: FileTransferError): void {
    const same = state === this.#state && why?.code === this.#trouble?.code
    this.#state = state
    if (state !== 'queued') this.#place = undefined
    this.#trouble = why
    if (same) return
    this.tell('state', state, why)
    this.#wakeLookers()
  }

  /** It waits in a queue, at this place. */
  showPlace(place: number): void {
    const isNews = place !== this.#place
    this.#place = place
    this.show('queued')
    if (isNews) this.tell('queue', place)
  }

  /** It was over well before this object was made: that is told to nobody. */
  protected beginFinished(done: Omit<Finished, 'bytes'>): void {
    this.#over = true
    this.#nothingUntold()
    this.#before = undefined
    this.#bytes = this.filesize ?? 0
    this.#run.resolve({ ...done, bytes: this.#bytes })
  }

  /** This run is over well. */
  finish(done: Omit<Finished, 'bytes'>): void {
    if (this.#over) return
    this.beginFinished(done)
    this.#tellProgress()
  }

  /** This run is over; the transfer may not be. */
  stopRun(why: FileTransferError): void {
    if (this.#over) return
    this.#over = true
    this.#nothingUntold()
    this.#run.reject(why)
    this.#wakeLookers()
  }

  /** A new run after a pause. */
  protected newRun(): void {
    if (!this.#over) return
    this.#over = false
    this.#run = newRun()
  }

  /** An attempt begins to move bytes over this path; so many are held. */
  protected beginMoving(path: PathTaken, bytes: number): void {
    this.#path = path
    this.#before = undefined
    this.#bytes = bytes
    this.heldAtBeginning(bytes)
    this.#meter.begin(bytes, performance.now())
    this.show('moving')
    this.#tellProgress()
  }

  /** The link has so many sockets now. */
  protected movingBy(sockets: number): void {
    if (this.#path === undefined) return
    this.#path = { ...this.#path, sockets }
    this.#tellProgress()
  }

  /** So many bytes were held when the attempt began, as turns out now. */
  protected heldAtBeginning(bytes: number): void {
    if (bytes === this.#resumedFrom) return
    this.#resumedFrom = bytes
    this.#meter.begin(bytes, performance.now())
  }

  /** Bytes that are proven now. */
  protected moved(bytes: number): void {
    this.#before = undefined
    this.#bytes = bytes
    const waitMs = this.#toldAt + progressMs - performance.now()
    if (waitMs <= 0 || bytes === this.filesize) this.#tellMoved()
    else this.#untold ??= setTimeout(() => this.#tellMoved(), waitMs).unref()
  }

  #tellMoved(): void {
    this.#nothingUntold()
    this.#toldAt = performance.now()
    this.#meter.look(this.#bytes, this.#toldAt)
    this.#tellProgress()
  }

  #nothingUntold(): void {
    clearTimeout(this.#untold)
    this.#untold = undefined
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
}

function newRun() {
  let resolve!: (done: Finished) => void
  let reject!: (why: FileTransferError) => void
  const promise = new Promise<Finished>((yes, no) => {
    resolve = yes
    reject = no
  })
  // Nobody need look at it.
  promise.catch(() => undefined)
  return { promise, resolve, reject }
}
