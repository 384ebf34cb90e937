/**
 * The receiving side of one transfer: what it is told, and what it does with a link. What opens the links is driving.ts.
 *
 * Rules: what was placed is journaled before `complete` is said (P6); the part file stays whenever there may be a next time.
 */

import { dropPart, type PartFile, ReceiveFailed, recoverPlaced } from '../../bytes/index.js'
import type { Link } from '../../link/index.js'
import { accepted, accepting, takenUp } from '../../protocol/attempts/index.js'
import type { Action, Reason } from '../../schemas/index.js'
import type { CounterOffer } from '../api.js'
import { chance } from '../chance.js'
import { FileTransferError } from '../errors.js'
import { journalFailureIn } from '../journal/journal-failed.js'
import type { Saying, TransferRecord } from '../journal/record.js'
import type { Settled } from '../mediator/outcome.js'
import type { Attempt, Ending } from './attempt.js'
import { isOpening } from './driving.js'
import { Heeding } from './heeding.js'
import { fromHex, toHex } from './hex.js'
import { Landing } from './landing.js'
import { localTrouble } from './local-trouble.js'
import type { OpeningWords } from './opening-words.js'
import { spoken } from './spoken.js'
import { widenWhereSlow } from './widening.js'
import { abortedBecause, endFor } from './words.js'

/** So long a request for something shared is unanswered before it counts as waiting for somebody who is away, ms. */
const unansweredMs = 5_000
/** When a request for something shared is said again where too many wait, ms; up to twice that. */
const fullMs = 3_000
/** A file in its place is told to the user after so long even if the component cannot be told, ms. */
const unsaidMs = 5_000

export class ReceivingTransfer extends Heeding {
  #landing: Landing | undefined
  /** Settles when a file that is being put in its place is there, or not. */
  #placing: Promise<unknown> | undefined
  #bytesMoved = 0

  constructor(...given: ConstructorParameters<typeof Heeding>) {
    super(...given)
    // Killed after the file had its name, and before the part file had lost its own.
    if (this.record.phase === 'complete') this.#tidyUp()
  }

  /** Bytes of the file that went over links in this process. */
  get bytesMoved(): number {
    return this.#bytesMoved + (this.#landing?.bytesReceived ?? 0)
  }

  /**
   * The user accepts: from here on it goes by itself.
   * @param others what is to be journaled with it, or not at all
   * @throws JournalFailed; then it is not accepted, and the part file is the caller's
   */
  accept(changes: Partial<TransferRecord>, part: PartFile, ...others: TransferRecord[]): void {
    const accepted: Partial<TransferRecord> = {
      phase: 'running',
      attempt: 1,
      paused: false,
      saying: { action: 'accept' },
    }
    this.note({ ...changes, ...accepted }, ...others)
    this.part.hold(part)
    this.machine = accepting()
    this.show('linking')
    this.openNow()
  }

  /**
   * The other side accepted our request and opened the first attempt.
   * @param look rejects where the file cannot be received, and gives its path where it is there already
   */
  answerFirst(
    { way }: OpeningWords,
    changes: Partial<TransferRecord>,
    look: (dir: string, heldBytes: number) => Promise<string | undefined>,
  ): void {
    this.wasSaid({ ...changes, phase: 'running', attempt: 1 })
    this.machine = accepted()
    this.show('linking')
    look(this.record.destination!.dir, this.part.heldBytes).then(
      (there) => {
        if (this.machine.place !== 'linking' || this.isOver) return
        if (there !== undefined) return this.#takeAsThere(there).catch((error) => this.fault(error))
        if (way === undefined) this.step({ is: 'voided', listened: false, chance: chance() })
        else void this.answerAndLink(way)
      },
      (error) => {
        const why = localTrouble(error)
        const { code } = why
        const isKnown = code === 'file-too-large' || code === 'no-space'
        const reason = isKnown ? code : code === 'already-there' ? 'exists' : 'failed'
        this.insist(() => this.abortFor(reason, why))
      },
    )
  }

  /** Shows another file that was put forward. */
  showCounter(counter: CounterOffer): void {
    this.tell('counter', counter)
  }

  wake(): void {
    if (this.record.saying !== undefined && !isOpening(this.record.saying)) this.sayOn()
    else if (this.machine.place !== 'opening' || this.attempt === undefined) this.step({ is: 'loggedIn' })
  }

  override async close(): Promise<void> {
    if (this.record.phase === 'complete') this.#finishNow()
    await super.close()
    // A file that is being put in its place is put there first: the journal waits for it.
    await this.#placing
    await this.part.close()
  }

  protected speaksItself(saying: Saying): boolean {
    return !isOpening(saying)
  }

  protected compose(saying: Saying): Action {
    return spoken(this.record, saying)
  }

  protected override recorded(saying: Saying): void {
    if (saying.action === 'complete') this.#finishNow()
    else if (saying.action === 'request' && this.record.share !== undefined) {
      this.later(unansweredMs, () => {
        if (this.record.phase === 'proposed' && this.state === 'proposed') this.show('waiting')
      })
    }
  }

  /** So many wait for that peer, or for us, that no more are taken now: what is shared is worth waiting for. */
  protected override putsOff(saying: Saying, outcome: Settled): boolean {
    const { share, partOf } = this.record
    const isFull =
      outcome.is === 'later' || (outcome.is === 'refused' && outcome.why.code === 'too-many-offers')
    if (saying.action !== 'request' || share === undefined || partOf !== undefined || !isFull) return false
    this.show('queued')
    const isTooFast = outcome.is === 'later' && outcome.why.code === 'too-fast'
    this.later((isTooFast ? outcome.ms : fullMs) * (1 + chance()), () => this.sayOn())
    return true
  }

  protected override refused(saying: Saying, outcome: Settled): void {
    // Absent, taken back, and not for us is one answer.
    if (saying.action === 'request' && outcome.is === 'unknown') {
      this.end('declined', new FileTransferError('not-found'))
    } else if (saying.action !== 'complete') super.refused(saying, outcome)
    else if (outcome.is === 'elsewhere' && outcome.phase === 'running') {
      // The journal was behind: it is complete all the same.
      this.put({ action: 'complete' }, { attempt: outcome.attempt })
    } else if (outcome.is === 'refused') {
      // It is in its place, and not what the sender says that it offered: nobody is to wait for another word.
      this.put({ action: 'abort', reason: 'bad-data' })
      this.#finishNow()
    } else {
      this.note({ saying: undefined })
      this.#finishNow()
    }
  }

  /** The other side, or the component, wants it to end. */
  onAbort(reason: Reason | undefined): void {
    if (this.isOver) return
    // The file is being put in its place: that decides it, and the component is told so.
    if (this.machine.place === 'placing' || this.machine.place === 'placed') return
    const end = endFor(reason)
    // Where the wish is ours already, it ends for our reason.
    const why = this.record.saying?.action === 'abort' ? this.trouble : undefined
    // The sending side only wishes: our word ends it.
    const decides = this.record.phase === 'running' && end === 'aborted'
    const saying: Saying = { action: 'abort', reason: reason ?? 'user' }
    this.end(end, why ?? abortedBecause(reason), decides ? { saying } : {})
  }

  async pause(): Promise<void> {
    this.around.stopped.throwIfAborted()
    const { place } = this.machine
    const isBusy = place === 'placing' || place === 'placed'
    if (this.record.phase !== 'running' || this.record.paused || isBusy) {
      throw new FileTransferError('wrong-state', this.state)
    }
    this.note({ paused: true })
    this.endAttempt('stop')
    this.step({ is: 'pause' })
    await this.part.close()
    this.rest(new FileTransferError('paused'))
  }

  async resume(): Promise<void> {
    this.around.stopped.throwIfAborted()
    if (this.isOver) throw new FileTransferError('wrong-state', this.state)
    if (this.record.phase !== 'running' || this.record.saying?.action === 'abort') return
    this.newRun()
    if (!this.insist(() => this.note({ paused: false, trouble: undefined }))) return
    if (this.machine.place !== 'paused') return
    try {
      await this.#goOn()
    } catch (error) {
      const why = localTrouble(error)
      this.fault(error)
      if (journalFailureIn(error) === undefined) throw why
    }
  }

  protected async takeUp(): Promise<void> {
    await this.#placing
    if (this.record.phase === 'complete') {
      this.#sayComplete()
      return
    }
    const { saying, phase, paused, attempt } = this.record
    if (saying !== undefined && !isOpening(saying)) this.sayOn()
    // Somebody may have resumed it meanwhile.
    if (phase !== 'running' || paused || saying?.action === 'abort' || this.machine.place !== 'paused') return
    this.machine = takenUp(attempt, !isOpening(saying))
    await this.#goOn()
  }

  /** Goes on from what is on the disk: with a file that is in its place already, or with the next attempt. */
  async #goOn(): Promise<void> {
    await this.part.close()
    if (!(await this.#recover())) this.step({ is: 'resume' })
  }

  halt(how: Ending): void {
    const { place } = this.machine
    if (place === 'placing' || place === 'placed') return
    clearTimeout(this.timer)
    this.machine = { ...this.machine, place: 'paused', pausedBy: 'us' }
    this.endAttempt(how)
    void this.part.close()
  }

  protected async receiveOver(attempt: Attempt, link: Link): Promise<void> {
    const part = await this.part.open(attempt.signal)
    this.patience.over()
    this.step({ is: 'linked' })
    const held = part.heldBytes
    const landing = new Landing(link, part, (heldBytes) => this.moved(heldBytes))
    this.#landing = landing
    attempt.whenEnded((how) => {
      this.#bytesMoved += landing.bytesReceived
      this.#landing = undefined
      landing.end(how)
    })
    attempt.whenEnded(this.around.network.watch(link, () => this.movedAway(attempt)))
    this.beginMoving(link.path, held)
    const bytesLeft = () => this.record.filesize! - part.heldBytes
    const transfers = () => this.around.turns.receiving.taken
    attempt.whenEnded(widenWhereSlow(link, { wanted: this.around.settings.sockets, bytesLeft, transfers }))
    link.onWidened((sockets) => this.movingBy(sockets))
    const { root } = await landing.proven
    this.step({ is: 'proven' })
    const placing = landing.place(root, this.record.destination!, {
      beforeNamed: () => this.#notePlacing(toHex(root)),
      onNamed: (path) => {
        this.#placed(path, toHex(root))
        this.speak()
      },
    })
    this.#placing = placing.catch(() => undefined)
    await placing
    this.endAttempt()
    this.#afterComplete()
  }

  /** What is found at its place after a crash is known by its root: it is noted, unless it was known before. */
  #notePlacing(root: string): void {
    if (this.record.root !== root) this.note({ placing: root })
  }

  /**
   * The very file that the other side would send is there already: it is told that we have it.
   */
  async #takeAsThere(path: string): Promise<void> {
    await this.part.close()
    this.note({ wasThere: true })
    this.#placed(path, this.record.root!)
    this.#sayComplete()
  }

  /** The file has its name, durably: this is the moment at which the transfer is complete. */
  #placed(path: string, root: string): void {
    this.note({ phase: 'complete', placed: path, root, saying: { action: 'complete' } })
    this.machine = { ...this.machine, place: 'placed' }
  }

  /** The file has its name: what else there is of it goes. */
  #tidyUp(): void {
    const { part } = this.record
    if (part === undefined) return
    // What is open again, for whatever reason, is found the next time.
    if (dropPart(part) === 'busy') return
    try {
      this.noteSoon({ part: undefined })
    } catch {
      // A name that leads nowhere; the next start finds that too.
    }
  }

  #sayComplete(): void {
    this.speak()
    this.#afterComplete()
  }

  #afterComplete(): void {
    // Nobody need wait for that: whoever is killed before it does it the next time.
    setImmediate(() => this.#tidyUp())
    this.later(unsaidMs, () => this.#finishNow())
  }

  #finishNow(): void {
    clearTimeout(this.timer)
    const { placed, root, wasThere } = this.record
    this.show('complete')
    const { bytesMoved } = this
    this.finish({ path: placed!, root: root!, bytesMoved, ...(wasThere && { wasThere }) })
  }

  /** A crash while the file was put in its place: finds it there. */
  async #recover(): Promise<boolean> {
    const { part, destination, filesize, placing, root } = this.record
    const known = placing ?? root
    if (part === undefined || destination === undefined || known === undefined || this.part.isOpen)
      return false
    const found = await recoverPlaced({
      part: part.path,
      dir: destination.dir,
      filename: destination.filename,
      filesize: filesize!,
      root: fromHex(known),
    })
    if (found === undefined || this.machine.place !== 'paused' || this.isOver) return false
    this.#placed(found.path, known)
    this.#sayComplete()
    return true
  }

  protected broken(attempt: Attempt, error: unknown): void {
    if (this.attempt !== attempt || attempt.isEnded || this.isOver) return
    this.safely(() => this.#takeBreak(attempt, error))
  }

  protected breakOff(): void {
    const progressed = (this.#landing?.bytesReceived ?? 0) > 0
    this.step({ is: 'broke', progressed, chance: chance() })
  }

  #takeBreak(attempt: Attempt, error: unknown): void {
    // What could not be put in its place is not being put there any more.
    if (this.machine.place === 'placing') this.machine = { ...this.machine, place: 'moving' }
    const unwritten = journalFailureIn(error)
    if (unwritten !== undefined) throw unwritten
    const code = error instanceof ReceiveFailed ? error.code : undefined
    switch (code) {
      case 'channel-lost': {
        this.around.network.doubt()
        this.breakOff()
        return
      }
      case 'stopped':
        if ((error as ReceiveFailed).byPeer) this.step({ is: 'stopped' })
        return
      case 'source-changed':
      case 'bad-data':
      case 'bad-name':
        this.abortFor(code, new FileTransferError(code, undefined, { cause: error }))
        return
      case 'too-large':
        this.abortFor('file-too-large', localTrouble(error))
        return
      case 'already-there':
        this.abortFor('exists', new FileTransferError(code))
        return
      default:
        if (!this.outlasts(attempt, error)) this.suspend(localTrouble(error))
    }
  }

  /** A local fault: nothing more until the user has seen to it. */
  suspend(why: FileTransferError): void {
    this.note({ paused: true, trouble: why.code })
    this.machine = { ...this.machine, place: 'paused', pausedBy: 'fault' }
    this.endAttempt('stop')
    void this.part.close()
    this.rest(why)
  }
}
