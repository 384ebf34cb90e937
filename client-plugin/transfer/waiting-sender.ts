/** The sending side while nothing moves: it opens no attempts, so it asks now and then whether anybody still will. */

import { passingCode } from '../../bytes/index.js'
import type { Action, Reason } from '../../schemas/index.js'
import { FileTransferError } from '../errors.js'
import type { Saying } from '../journal/record.js'
import type { Settled } from '../mediator/outcome.js'
import { TransferHandle } from './handle.js'
import { Patience } from './patience.js'
import { spoken } from './spoken.js'
import { type Standing, standingOf } from './standing.js'
import { abortedBecause, type Ended, endAsReported, endFor } from './words.js'

export abstract class WaitingSender extends TransferHandle {
  /** Bytes that went over links in this process. */
  protected bytesMoved = 0
  protected readonly patience = new Patience()
  #waking: NodeJS.Timeout | undefined

  /** Nobody knows when it goes on: its place is for somebody else. */
  protected abstract leaveQueue(): void

  /** Closes what was kept and is not to be sent. */
  abstract forgetSource(): void

  /** Whether an attempt is open. */
  protected abstract get isBusy(): boolean

  protected compose(saying: Saying): Action {
    return spoken(this.record, saying)
  }

  protected override refused(saying: Saying, outcome: Settled): void {
    if (outcome.is !== 'elsewhere' || !this.meanwhile(outcome.phase)) super.refused(saying, outcome)
  }

  /** The component is further than we: whether that is no fault. */
  protected meanwhile(phase: string): boolean {
    const reported = endAsReported(phase)
    if (reported !== undefined) this.#endAsTold(reported)
    else if (phase === 'running') this.note({ saying: undefined, phase: 'running' })
    return reported !== undefined || phase === 'running'
  }

  /** Where it is for the user here to see to, it rests until that is done; anything else passes by itself. */
  protected waitOrRest(why: FileTransferError | undefined): void {
    if (why?.code === 'unknown-device') this.suspend(why)
    else this.show('waiting', why)
  }

  /**
   * The source cannot be read. Where it may be in a moment, the other side comes again, or we say once more that we accept.
   * @param wasLinked whether the other side sees by its link that the attempt is over
   */
  protected unreadable(error: unknown, wasLinked: boolean): void {
    const code = passingCode(error)
    const why = new FileTransferError('io', code, { cause: error })
    const ms = code === undefined ? undefined : this.patience.waitMs()
    if (ms === undefined) {
      this.abortFor('failed', why)
      return
    }
    // An open file does not outlive what its disk was mounted as.
    this.forgetSource()
    if (this.record.saying?.action === 'accept') this.wakeIn(ms)
    else if (!wasLinked) this.sayTimeout()
    this.show('waiting', why)
  }

  protected wakeIn(ms: number): void {
    clearTimeout(this.#waking)
    this.#waking = setTimeout(() => this.wake(), ms).unref()
  }

  protected wakeNoMore(): void {
    clearTimeout(this.#waking)
  }

  /** Nothing can come of this attempt: the other side is to open another. */
  protected sayTimeout(): void {
    const { sid, attempt } = this.record
    this.around.mouth.mention({ action: 'timeout', value: { sid: sid!, attempt } })
  }

  /** Nothing more until the user has seen to it. */
  suspend(why: FileTransferError): void {
    this.note({ paused: true, trouble: why.code })
    this.halt('stop')
    this.leaveQueue()
    this.show('paused', why)
    this.stopRun(why)
  }

  /** Why it still rests, where that is for a device that nobody has trusted yet; who is to say so is asked again. */
  whyItRests(): FileTransferError | undefined {
    const { paused, trouble } = this.record
    if (!paused || trouble !== 'unknown-device') return undefined
    try {
      this.around.trust.demand(this.record)
      return undefined
    } catch (error) {
      if (error instanceof FileTransferError && error.code === 'unknown-device') return error
      throw error
    }
  }

  /** Whom it is offered to would take it, and cannot at the moment: it stands as it stood, and is known why. */
  onHeldUp(reason: Reason | undefined): void {
    const { phase, authored } = this.record
    if (phase !== 'proposed' || !authored || reason !== 'no-space') return
    this.show('proposed', new FileTransferError('no-space-there'))
  }

  /** The receiving side's word, or the component's, is the last. */
  onAbort(reason: Reason | undefined): void {
    // Where it was our wish, it ends for our reason.
    const own = this.record.phase === 'aborting' ? this.trouble : undefined
    this.end(endFor(reason), own ?? abortedBecause(reason))
  }

  /**
   * While nothing moves the next word is the other side's, or the component's: should they have forgotten, it would never
   * come. To the receiving side the question says that another attempt is worth while.
   */
  protected async askWhetherItStands(): Promise<void> {
    const { phase, paused, sid, attempt } = this.record
    if (sid === undefined || paused || this.isBusy) return
    if (phase === 'aborting') this.safely(() => this.put({ action: 'abort', reason: 'user' }))
    if (phase !== 'running') return
    const value = { sid, attempt: Math.max(1, attempt) }
    const outcome = await this.around.mouth.say({ action: 'timeout', value })
    const { record } = this
    const isMeant = record.phase === 'running' && record.attempt === attempt && record.saying === undefined
    if (isMeant && !this.isBusy) this.safely(() => this.#follow(standingOf(outcome, record)))
  }

  #follow(standing: Standing): void {
    if (standing === 'stands') return
    if (standing === 'complete') {
      this.end('complete')
      const { source, root = '' } = this.record
      this.finish({ path: source!.path, root, bytesMoved: this.bytesMoved })
    } else if (standing === 'expired') this.end('expired', new FileTransferError('expired'))
    else if (standing === 'forgotten') this.fail(new FileTransferError('unknown-transfer'))
    else if (standing === 'rolled-back') this.abortFor('failed', new FileTransferError('unknown-transfer'))
    else this.#endAsTold(standing)
  }

  #endAsTold({ end, why }: Ended): void {
    this.lastWord.before(end, () => this.safely(() => this.end(end, why)))
  }
}
