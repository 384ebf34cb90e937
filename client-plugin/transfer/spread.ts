/**
 * An offer for every device of a person: one transfer to the user, with the state of the device that is furthest; each device that
 * accepts has a part, which is a transfer of its own (docs/protocol.md, "Offers and transfers").
 *
 * Rules: the offer's own record is the proposal alone, and stands until it is closed (withdrawn, expired, or refused by all) and
 * every part has ended; so devices that come later find it, also after a restart. A run is over when a device has the file and none
 * is getting it; with a trouble, where all that are left rest until the user here has seen to it.
 */

import type { PathPolicy } from '../../link/index.js'
import { mostAdvanced } from '../../protocol/most-advanced.js'
import type { Action, Reason } from '../../schemas/index.js'
import type { Progress, Transfer } from '../api.js'
import { FileTransferError } from '../errors.js'
import type { End, Saying, TransferRecord } from '../journal/record.js'
import type { Ending } from './attempt.js'
import { TransferHandle } from './handle.js'
import type { SendingTransfer } from './sending.js'
import { spoken } from './spoken.js'
import { abortedBecause, endFor } from './words.js'

export class SpreadTransfer extends TransferHandle {
  readonly #parts: SendingTransfer[] = []
  /** Whose progress is shown. */
  #leader: SendingTransfer | undefined
  #bytesMoved = 0

  override get parts(): readonly Transfer[] {
    return this.#parts
  }

  protected override get attempts(): number {
    return this.#leader?.record.attempt ?? 0
  }

  /** What a part begins as: the file of the offer, for this device. */
  partFor(sid: string, device: string | undefined): Omit<TransferRecord, 'n'> {
    const { n, saying: _, every: __, to: ___, trouble: ____, ...offered } = this.record
    const bound = { sid, authored: false, partOf: n, ...(device !== undefined && { device }) }
    return { ...offered, ...bound, phase: 'running', attempt: 0, created: Date.now() }
  }

  /** A part: just made, or found in the journal. */
  join(part: SendingTransfer): void {
    this.#parts.push(part)
    part.inside.on('state', () => this.#settle())
    part.inside.on('progress', (progress) => this.#follow(part, progress))
    const count = (done: { bytesMoved: number }) => {
      this.#bytesMoved += done.bytesMoved
    }
    part.finished.then(count, () => undefined).finally(() => this.#settle())
    // It may not be taken up any more: the offer is being taken back.
    const { saying } = this.record
    if (saying?.action === 'abort' || this.isOver) {
      part.insist(() => part.abortFor('user', new FileTransferError('aborted')))
    }
    this.#settle()
    this.tell('part', part)
  }

  wake(): void {
    if (this.record.saying !== undefined) this.sayOn()
  }

  protected speaksItself(): boolean {
    return true
  }

  protected compose(saying: Saying): Action {
    return spoken(this.record, saying)
  }

  /** Each device is told by its own transfer, and nobody else is to accept. */
  override abortFor(reason: Reason, why: FileTransferError): void {
    if (this.isOver) return
    this.put({ action: 'abort', reason }, { trouble: why.code })
    for (const part of this.#parts) part.insist(() => part.abortFor(reason, why))
    this.#settle()
  }

  /** The component's word about the offer as a whole. */
  onAbort(reason: Reason | undefined): void {
    this.end(endFor(reason), abortedBecause(reason))
  }

  /** Nobody else will accept; those who have go on. */
  override end(phase: End, why?: FileTransferError, changes: Partial<TransferRecord> = {}): void {
    if (this.isOver || this.record.closed !== undefined) return
    this.note({ ...changes, saying: undefined, closed: phase, trouble: why?.code })
    this.#settle(why)
  }

  override expireIfOld(): void {
    if (this.record.closed === undefined) super.expireIfOld()
  }

  override goBy(via: PathPolicy): void {
    super.goBy(via)
    for (const part of this.#parts) if (!part.isOver) part.goBy(via)
  }

  async pause(): Promise<void> {
    this.around.stopped.throwIfAborted()
    const running = this.#parts.filter(({ record }) => record.phase === 'running' && !record.paused)
    if (running.length === 0) throw new FileTransferError('wrong-state', this.state)
    await Promise.all(running.map((part) => part.pause()))
    this.stopRun(new FileTransferError('paused'))
  }

  async resume(): Promise<void> {
    this.around.stopped.throwIfAborted()
    if (this.isOver) throw new FileTransferError('wrong-state', this.state)
    for (const part of this.#parts) if (!part.isOver && part.whyItRests() === undefined) await part.resume()
    if (!this.#hasFile || this.#isUnderWay) this.newRun()
    this.#settle()
  }

  protected async takeUp(): Promise<void> {
    this.wake()
    this.#settle()
  }

  /** Nothing of its own moves. */
  halt(_how: Ending): void {}

  get #isUnderWay(): boolean {
    return this.#parts.some(({ isOver }) => !isOver)
  }

  /** What the user here is to see to, where nothing else is left. */
  get #restsFor(): FileTransferError | undefined {
    const left = this.#parts.filter(({ isOver, state }) => !isOver && state !== 'aborting')
    return left.every(({ state, trouble }) => state === 'paused' && trouble) ? left[0]?.trouble : undefined
  }

  get #hasFile(): boolean {
    return this.#parts.some(({ record }) => record.phase === 'complete')
  }

  /** Looks at all devices again. */
  #settle(why?: FileTransferError): void {
    if (this.isOver) return
    const { closed } = this.record
    if (closed !== undefined && !this.#isUnderWay) {
      this.safely(() => this.#close(closed, why))
      return
    }
    const state = mostAdvanced(
      this.#parts.map((part) => part.state),
      closed === undefined,
    )
    const trouble = this.#parts.find((part) => part.state === state)?.trouble
    if (this.#isUnderWay) this.newRun()
    this.show(state, trouble)
    if (this.#isUnderWay) {
      const resting = this.#restsFor
      if (resting !== undefined) this.stopRun(resting)
    } else if (this.#hasFile) this.#finish()
  }

  /** All devices have come to their end, and no other will come. */
  #close(closed: End, why: FileTransferError | undefined): void {
    if (this.#hasFile) {
      super.end('complete')
      this.#finish()
      return
    }
    const last = this.#parts.at(-1)
    const end = last === undefined ? closed : (mostAdvanced(this.#states, false) as End)
    super.end(end, why ?? last?.trouble ?? this.trouble ?? new FileTransferError('aborted-by-peer'))
  }

  get #states() {
    return this.#parts.map((part) => part.state)
  }

  #finish(): void {
    const { root = '' } = this.#parts.find(({ record }) => record.phase === 'complete')!.record
    this.finish({ path: this.record.source!.path, root, bytesMoved: this.#bytesMoved })
  }

  /** Shown is the progress of the device that is furthest. */
  #follow(part: SendingTransfer, { bytes, resumedFrom, path }: Progress): void {
    if (this.#hasFile || this.isOver) return
    const leader = this.#leader
    const leads = leader === undefined || leader.state !== 'moving' || bytes >= leader.progress.bytes
    if (part !== leader && (!leads || path === undefined || part.state !== 'moving')) return
    if (part !== leader) {
      this.#leader = part
      this.beginMoving(path!, bytes)
      this.heldAtBeginning(resumedFrom)
    }
    this.moved(bytes)
  }
}
