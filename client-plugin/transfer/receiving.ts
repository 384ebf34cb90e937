/**
 * The receiving side of one transfer: it drives. The rule for attempts is protocol/attempts; here are its clock and its
 * sockets, and what it says.
 *
 * Rules: an attempt's number is journaled before it is said; what was placed is journaled before `complete` is said (P6);
 * the part file stays whenever there may be a next time.
 */

import { type PartFile, ReceiveFailed, recoverPlaced } from '../../bytes/index.js'
import { type Link, LinkFailed } from '../../link/index.js'
import {
  accepted,
  accepting,
  answersListening,
  opensListening,
  type Receiving,
  type ReceivingEffect,
  type ReceivingEvent,
  stepReceiving,
  takenUp,
} from '../../protocol/attempts/index.js'
import type { Action, Reason, Way } from '../../schemas/index.js'
import type { CounterOffer } from '../api.js'
import { chance, newToken } from '../chance.js'
import { FileTransferError } from '../errors.js'
import type { Saying, TransferRecord } from '../journal/record.js'
import type { Outcome, Settled } from '../mediator/outcome.js'
import { Attempt, type Ending } from './attempt.js'
import { TransferHandle } from './handle.js'
import { fromHex, toHex } from './hex.js'
import { Landing } from './landing.js'
import { localTrouble } from './local-trouble.js'
import { PartKeeper, removePart } from './part-keeper.js'
import type { OpeningWords } from './sending.js'
import { spoken } from './spoken.js'
import { abortedBecause, endAsReported, endFor } from './words.js'

/** A file in its place is told to the user after so long even if the component cannot be told, ms. */
const unsaidMs = 5_000
/** How soon an attempt that could not be said is tried again while we are logged in, ms. */
const unsaidRetryMs = 1_000

/** So much is hashed within a minute on the slowest of disks, bytes. */
const quicklyHashedBytes = 2 * 2 ** 30

export class ReceivingTransfer extends TransferHandle {
  readonly part: PartKeeper
  #machine: Receiving
  #attempt: Attempt | undefined
  #landing: Landing | undefined
  /** Settles when a file that is being put in its place is there, or not. */
  #placing: Promise<unknown> | undefined
  #timer: NodeJS.Timeout | undefined
  #dueAt = 0
  #bytesMoved = 0
  /** For which attempt a `timeout` was heard already: the second one for it is a sign of life. */
  #timeoutHeard = 0

  constructor(...given: ConstructorParameters<typeof TransferHandle>) {
    super(...given)
    this.#machine = takenUp(this.record.attempt, !isOpening(this.record.saying))
    this.part = new PartKeeper(
      () => this.record,
      (part) => this.note({ part }),
    )
    // Killed after the file had its name, and before the part file had lost its own.
    if (this.record.phase === 'complete') this.#tidyUp()
  }

  /** The user accepts: from here on it goes by itself. */
  accept(changes: Partial<TransferRecord>, part: PartFile): void {
    this.part.hold(part)
    this.note({ ...changes, phase: 'running', attempt: 1, paused: false, saying: { action: 'accept' } })
    this.#machine = accepting()
    this.show('linking')
    this.#do({ do: 'open' })
  }

  /**
   * The other side accepted our request and opened the first attempt.
   * @param demandRoom rejects where the file cannot be received
   */
  answerFirst(
    { way }: OpeningWords,
    changes: Partial<TransferRecord>,
    demandRoom: (dir: string, heldBytes: number) => Promise<void>,
  ): void {
    this.wasSaid({ ...changes, phase: 'running', attempt: 1 })
    this.#machine = accepted()
    this.show('linking')
    demandRoom(this.record.destination!.dir, this.part.heldBytes).then(
      () => {
        if (this.#machine.place !== 'linking' || this.isOver) return
        if (way === undefined) this.#step({ is: 'voided', listened: false, chance: chance() })
        else void this.#answerAndLink(way)
      },
      (error) => {
        const why = localTrouble(error)
        const reason = why.code === 'file-too-large' || why.code === 'no-space' ? why.code : 'failed'
        this.abortFor(reason, why)
      },
    )
  }

  /** Shows another file that was put forward. */
  showCounter(counter: CounterOffer): void {
    this.tell('counter', counter)
  }

  wake(): void {
    if (this.record.saying !== undefined && !isOpening(this.record.saying)) this.sayOn()
    else if (this.#machine.place !== 'opening' || this.#attempt === undefined) this.#step({ is: 'loggedIn' })
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
  }

  protected override refused(saying: Saying, outcome: Settled): void {
    if (saying.action !== 'complete') super.refused(saying, outcome)
    else if (outcome.is === 'elsewhere' && outcome.phase === 'running') {
      // The journal was behind: it is complete all the same.
      this.put({ action: 'complete' }, { attempt: outcome.attempt })
    } else {
      this.note({ saying: undefined })
      this.#finishNow()
    }
  }

  /** The other side's addresses for the attempt at hand. */
  onAnswer({ attempt: number, way }: OpeningWords): void {
    const attempt = this.#attempt
    if (attempt === undefined || attempt.number !== number) {
      // It answers an attempt that is over: so it lives.
      this.#step({ is: 'lifeSign' })
    } else if (way?.kind === 'connecting' && !attempt.listened) this.#void(attempt)
    else this.dial(attempt, way)
  }

  onTimeout(number: number): void {
    if (number !== this.record.attempt) return
    const attempt = this.#attempt
    if (attempt?.number === number && this.#machine.place === 'linking') {
      this.#timeoutHeard = number
      this.#void(attempt)
    } else if (this.#machine.place === 'paused') this.#step({ is: 'nudged' })
    else if (this.#timeoutHeard === number) this.#step({ is: 'lifeSign' })
    else this.#timeoutHeard = number
  }

  #void(attempt: Attempt): void {
    this.#step({ is: 'voided', listened: attempt.listened, chance: chance() })
    this.#maybeGiveUp()
  }

  /** The sending device is back. */
  onReady(): void {
    this.#step({ is: 'ready' })
  }

  /** The other side, or the component, wants it to end. */
  onAbort(reason: Reason | undefined): void {
    if (this.isOver) return
    // The file is being put in its place: that decides it, and the component is told so.
    if (this.#machine.place === 'placing' || this.#machine.place === 'placed') return
    const end = endFor(reason)
    // Where the wish is ours already, it ends for our reason.
    const why = this.record.saying?.action === 'abort' ? this.trouble : undefined
    // The sending side only wishes: our word ends it.
    const decides = this.record.phase === 'running' && end === 'aborted'
    const saying: Saying = { action: 'abort', reason: reason ?? 'user' }
    this.end(end, why ?? abortedBecause(reason), decides ? { saying } : {})
  }

  async pause(): Promise<void> {
    const { place } = this.#machine
    const isBusy = place === 'placing' || place === 'placed'
    if (this.record.phase !== 'running' || this.record.paused || isBusy) {
      throw new FileTransferError('wrong-state', this.state)
    }
    this.note({ paused: true })
    this.#endAttempt('stop')
    this.#step({ is: 'pause' })
    await this.part.close()
    this.#rest(new FileTransferError('paused'))
  }

  async resume(): Promise<void> {
    if (this.isOver) throw new FileTransferError('wrong-state', this.state)
    if (this.record.phase !== 'running' || this.record.saying?.action === 'abort') return
    this.newRun()
    this.note({ paused: false, trouble: undefined })
    if (this.#machine.place !== 'paused') return
    if (!(await this.#recover())) this.#step({ is: 'resume' })
  }

  halt(how: Ending): void {
    const { place } = this.#machine
    if (place === 'placing' || place === 'placed') return
    clearTimeout(this.#timer)
    this.#machine = { ...this.#machine, place: 'paused', pausedBy: 'us' }
    this.#endAttempt(how)
    void this.part.close()
  }

  /** Gives one event to the rule, journals what it changed, and does what it says. */
  #step(event: ReceivingEvent): void {
    this.safely(() => this.#stepOn(event))
  }

  #stepOn(event: ReceivingEvent): void {
    const { record } = this
    if (record.phase !== 'running' || record.saying?.action === 'abort') return
    const before = this.#machine
    const { state, effects } = stepReceiving(before, event)
    if (state === before) return
    this.#machine = state
    if (state.attempt !== before.attempt || state.recorded !== before.recorded) {
      const action = state.attempt === 1 ? 'accept' : 'append'
      this.note({ attempt: state.attempt, saying: state.recorded ? undefined : { action } })
    }
    if (state.place === 'waiting' && before.place !== 'waiting') this.show('waiting')
    if (state.place === 'paused' && state.pausedBy === 'peer') this.show('paused')
    for (const effect of effects) this.#do(effect)
  }

  #do(effect: ReceivingEffect): void {
    switch (effect.do) {
      case 'open':
        void this.#open()
        return
      case 'close':
        this.#endAttempt()
        return
      case 'stopWaiting':
        clearTimeout(this.#timer)
        this.#timer = undefined
        return
      case 'wait': {
        const dueAt = performance.now() + effect.ms
        if (effect.atMost && this.#timer !== undefined && this.#dueAt <= dueAt) return
        this.#later(effect.ms, () => this.#step({ is: 'due' }))
      }
    }
  }

  #later(ms: number, what: () => void): void {
    clearTimeout(this.#timer)
    this.#dueAt = performance.now() + ms
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      what()
    }, ms)
  }

  /** Opens an attempt of ours: accept or append. */
  async #open(): Promise<void> {
    const attempt = this.#begin(this.#machine.attempt)
    try {
      await this.#takeTurn(attempt)
      const filebytesdone = await this.#openPart(attempt)
      const way = await this.#openLink(attempt, opensListening(this.#ability(), this.#machine.before))
      if (attempt.isEnded) return
      const { number, token, signal } = attempt
      const words = { sid: this.record.sid!, attempt: number, way, token: token!, filebytesdone }
      const outcome = await this.around.mouth.say(
        number === 1
          ? { action: 'accept', value: { ...words, append: this.part.heldBytes > 0, files: [] } }
          : { action: 'append', value: words },
        signal,
      )
      if (!attempt.isEnded) this.#openingSaid(attempt, outcome)
    } catch (error) {
      this.#broken(attempt, error)
    }
  }

  /**
   * Opens the part file, and says how many bytes it holds. When an append is to be said and hashing them again is quick,
   * that goes on meanwhile: so both sides hash at the same time, and the link is there when they are done. What takes
   * long is hashed before, since a link may be silent for a minute only.
   */
  async #openPart(attempt: Attempt): Promise<number> {
    const there = attempt.number > 1 ? await this.part.bytesThere() : undefined
    const opening = this.part.open(attempt.signal)
    if (there === undefined || there > quicklyHashedBytes) return (await opening).provenBytesPrefix
    opening.catch((error: unknown) => this.#broken(attempt, error))
    return there
  }

  #openingSaid(attempt: Attempt, outcome: Outcome): void {
    switch (outcome.is) {
      case 'recorded':
        this.#step({ is: 'recorded' })
        void this.#moveOver(attempt)
        return
      case 'unsaid':
      case 'later': {
        const later = outcome.is === 'later' ? outcome : undefined
        this.#step({ is: 'unsaid' })
        this.show('waiting', later?.why ?? new FileTransferError('component-away'))
        this.#later(later?.ms ?? unsaidRetryMs, () => {
          if (this.around.mouth.session.isIn && this.#attempt === undefined) this.#step({ is: 'loggedIn' })
        })
        return
      }
      case 'away':
        this.#step({ is: 'senderAway' })
        return
      case 'elsewhere':
        this.#goTo(outcome.phase, outcome.attempt)
        return
      case 'unknown':
        if (outcome.expired) this.end('expired', new FileTransferError('expired'))
        else this.fail(new FileTransferError('unknown-transfer'))
        return
      case 'refused':
        this.fail(outcome.why)
    }
  }

  /** The component knows more than we: where the transfer is. */
  #goTo(phase: string, attempt: number): void {
    const reported = endAsReported(phase)
    if (reported !== undefined) this.end(reported.end, reported.why)
    else if (phase === 'running') this.#step({ is: 'behind', attempt })
    // The sending side wants to stop; its word is on the way.
    else if (phase === 'aborting') this.onAbort('user')
    else this.fail(new FileTransferError('wrong-state', phase))
  }

  /** Answers the attempt that the sending side opened by accepting our request. */
  async #answerAndLink(theirs: Way): Promise<void> {
    const attempt = this.#begin(1)
    try {
      await this.#takeTurn(attempt)
      await this.part.open(attempt.signal)
      const listens = answersListening(this.#ability(), theirs.kind === 'listening')
      const way = await this.#openLink(attempt, listens)
      if (attempt.isEnded) return
      if (way.kind === 'connecting' && theirs.kind === 'connecting') {
        this.#void(attempt)
        return
      }
      const value = { sid: this.record.sid!, attempt: 1, way, token: attempt.token! }
      this.around.mouth.mention({ action: way.kind, value } as Action)
      this.dial(attempt, theirs)
      await this.#moveOver(attempt)
    } catch (error) {
      this.#broken(attempt, error)
    }
  }

  #begin(number: number): Attempt {
    this.#endAttempt()
    this.#attempt = new Attempt(number, newToken())
    return this.#attempt
  }

  async #takeTurn(attempt: Attempt): Promise<void> {
    const { receiving } = this.around.turns
    const now = receiving.tryTake()
    if (now === undefined) this.show('queued')
    attempt.whenEnded(now ?? (await receiving.take(attempt.signal)))
    this.show('linking')
  }

  async #openLink(attempt: Attempt, listens: boolean): Promise<Way> {
    const { settings, identity } = this.around
    const peerDevice = this.record.device!
    return attempt.open({ side: 'receiving', identity: await identity, peerDevice, settings, listens })
  }

  async #moveOver(attempt: Attempt): Promise<void> {
    let link: Link
    try {
      link = await attempt.link
    } catch (error) {
      if (attempt.isEnded) return
      if (attempt.listened) this.#sayTimeout(attempt.number)
      this.#step({ is: 'noLink', listened: attempt.listened, chance: chance() })
      const why = error instanceof LinkFailed ? error.code : undefined
      this.show('waiting', new FileTransferError('unreachable', why, { cause: error }))
      this.#maybeGiveUp()
      return
    }
    if (attempt.isEnded) {
      link.destroy()
      return
    }
    try {
      await this.#receiveOver(attempt, link)
    } catch (error) {
      this.#broken(attempt, error)
    }
  }

  async #receiveOver(attempt: Attempt, link: Link): Promise<void> {
    const part = await this.part.open(attempt.signal)
    this.#step({ is: 'linked' })
    const held = part.heldBytes
    const landing = new Landing(link, part, (provenBytes) => this.moved(Math.max(provenBytes, held)))
    this.#landing = landing
    attempt.whenEnded((how) => {
      this.#bytesMoved += landing.bytesReceived
      landing.end(how)
    })
    this.beginMoving(link.path, held)
    const { root } = await landing.proven
    this.#step({ is: 'proven' })
    this.note({ placing: toHex(root) })
    const placing = landing.place(root, this.record.destination!, (path) => this.#placed(path, toHex(root)))
    this.#placing = placing.catch(() => undefined)
    await placing
    this.#endAttempt()
    this.#sayComplete()
  }

  /** The file has its name, durably: this is the moment at which the transfer is complete. */
  #placed(path: string, root: string): void {
    this.#machine = { ...this.#machine, place: 'placed' }
    this.note({ phase: 'complete', placed: path, root, saying: { action: 'complete' } })
  }

  /** The file has its name: what else there is of it goes. */
  #tidyUp(): void {
    const { part } = this.record
    if (part === undefined) return
    removePart(part)
    this.note({ part: undefined })
  }

  #sayComplete(): void {
    this.#tidyUp()
    this.speak()
    this.#later(unsaidMs, () => this.#finishNow())
  }

  #finishNow(): void {
    clearTimeout(this.#timer)
    const { placed, root } = this.record
    this.show('complete')
    this.finish({ path: placed!, root: root!, bytesMoved: this.#bytesMoved })
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
    if (found === undefined || this.#machine.place !== 'paused' || this.isOver) return false
    this.#placed(found.path, known)
    this.#sayComplete()
    return true
  }

  /** What ended an attempt that was not ended by us. */
  #broken(attempt: Attempt, error: unknown): void {
    if (this.#attempt !== attempt || attempt.isEnded || this.isOver) return
    this.safely(() => this.#takeBreak(error))
  }

  #takeBreak(error: unknown): void {
    // What could not be put in its place is not being put there any more.
    if (this.#machine.place === 'placing') this.#machine = { ...this.#machine, place: 'moving' }
    const code = error instanceof ReceiveFailed ? error.code : undefined
    switch (code) {
      case 'channel-lost': {
        const progressed = (this.#landing?.bytesReceived ?? 0) > 0
        this.#step({ is: 'broke', progressed, chance: chance() })
        return
      }
      case 'stopped':
        if ((error as ReceiveFailed).byPeer) this.#step({ is: 'stopped' })
        return
      case 'source-changed':
      case 'bad-data':
      case 'bad-name':
        this.abortFor(code, new FileTransferError(code, undefined, { cause: error }))
        return
      case 'already-there':
        this.abortFor('policy', new FileTransferError(code))
        return
      default:
        this.#suspend(localTrouble(error))
    }
  }

  /** A local fault: nothing more until the user has seen to it. */
  #suspend(why: FileTransferError): void {
    this.note({ paused: true, trouble: why.code })
    this.#machine = { ...this.#machine, place: 'paused', pausedBy: 'fault' }
    this.#endAttempt('stop')
    void this.part.close()
    this.#rest(why)
  }

  #maybeGiveUp(): void {
    if (this.#machine.place !== 'waiting' || this.#machine.failures < this.around.settings.giveUpAfter) return
    const why = new FileTransferError('unreachable')
    this.note({ paused: true, trouble: why.code })
    this.#step({ is: 'giveUp' })
    this.#rest(why)
  }

  #rest(why: FileTransferError): void {
    this.show('paused', why)
    this.stopRun(why)
  }

  #endAttempt(how?: Ending): void {
    const attempt = this.#attempt
    this.#attempt = undefined
    attempt?.end(how)
    this.#landing = undefined
  }

  #sayTimeout(attempt: number): void {
    this.around.mouth.mention({ action: 'timeout', value: { sid: this.record.sid!, attempt } })
  }

  #ability() {
    const { sides, listen } = this.around.settings
    return { sides, canListen: listen !== false }
  }
}

function isOpening(saying: Saying | undefined): boolean {
  return saying?.action === 'accept' || saying?.action === 'append'
}
