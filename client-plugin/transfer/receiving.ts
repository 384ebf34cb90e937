/**
 * The receiving side of one transfer: it drives. The rule for attempts is protocol/attempts; here are its clock, its sockets
 * and its files.
 *
 * Rules: an attempt's number is journaled before it is said; what was placed is journaled before `complete` is said and
 * before `done` goes over the link (P6); the part file stays whenever there may be a next time.
 */

import {
  type Receiving as BytesReceiving,
  openPart,
  type PartFile,
  place,
  ReceiveFailed,
  receive,
  recoverPlaced,
} from '../../bytes/index.js'
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
import type { PartMark, Saying, TransferRecord } from '../journal/record.js'
import { type Outcome, type Settled, whyNot } from '../mediator/outcome.js'
import { Attempt } from './attempt.js'
import { TransferHandle } from './handle.js'
import { fromHex, toHex } from './hex.js'
import { localTrouble } from './local-trouble.js'
import type { OpeningWords } from './sending.js'
import { abortedBecause, endAsReported, endFor } from './words.js'

/** A file in its place is told to the user after so long even if the component cannot be told, ms. */
const unsaidMs = 5_000
/** How soon an attempt that could not be said is tried again while we are logged in, ms. */
const unsaidRetryMs = 1_000

export class ReceivingTransfer extends TransferHandle {
  #machine: Receiving
  #attempt: Attempt | undefined
  #receiving: BytesReceiving | undefined
  #part: PartFile | undefined
  #timer: NodeJS.Timeout | undefined
  #dueAt = 0
  #bytesMoved = 0
  /** For which attempt a `timeout` was heard already: the second one for it is a sign of life. */
  #timeoutHeard = 0
  #proposing: { resolve: () => void; reject: (why: FileTransferError) => void } | undefined
  #placing: Promise<void> | undefined
  #onConflict: 'rename' | 'skip' | 'resume' = 'rename'

  constructor(...given: ConstructorParameters<typeof TransferHandle>) {
    super(...given)
    this.#machine = takenUp(this.record.attempt, !isOpening(this.record.saying))
  }

  /** Says the request. Resolves when it is recorded. */
  propose(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#proposing = { resolve, reject }
      this.speak()
    })
  }

  /** The user accepts: from here on it goes by itself. */
  accept(changes: Partial<TransferRecord>, part: PartFile | undefined): void {
    this.#part = part
    this.note({ ...changes, phase: 'running', attempt: 1, paused: false, saying: { action: 'accept' } })
    this.#machine = accepting()
    this.show('linking')
    this.#do({ do: 'open' })
  }

  /** What openPart is to do with a shorter file of that name. */
  set onConflict(onConflict: 'rename' | 'skip' | 'resume') {
    this.#onConflict = onConflict
  }

  /**
   * The other side accepted our request and opened the first attempt.
   * @param demandRoom rejects where the file cannot be received
   */
  answerFirst(
    words: OpeningWords,
    changes: Partial<TransferRecord>,
    demandRoom: (dir: string, heldBytes: number) => Promise<void>,
  ): void {
    this.note({ ...changes, phase: 'running', attempt: 1, saying: undefined })
    this.speak()
    this.#proposing?.resolve()
    this.#machine = accepted()
    this.show('linking')
    demandRoom(this.record.destination!.dir, this.#part?.heldBytes ?? 0).then(
      () => {
        if (this.#machine.place !== 'linking' || this.isOver) return
        if (words.way === undefined) this.#step({ is: 'voided', listened: false, chance: chance() })
        else void this.#answerAndLink(words.way)
      },
      (error) => {
        const why = localTrouble(error)
        const reason = why.code === 'file-too-large' || why.code === 'no-space' ? why.code : 'failed'
        this.abortFor(reason, why)
      },
    )
  }

  /** Uses a part file that is open already. */
  hold(part: PartFile): void {
    this.#part = part
  }

  /** What is held is of another file: it is left for another time. */
  forgetPart(): void {
    void this.#closePart()
    this.note({ part: undefined })
  }

  /** Shows another file that was put forward. */
  showCounter(counter: CounterOffer): void {
    this.tell('counter', counter)
  }

  wake(): void {
    const { saying } = this.record
    if (saying !== undefined && !isOpening(saying)) this.speak()
    else if (this.#machine.place !== 'opening' || this.#attempt === undefined) this.#step({ is: 'loggedIn' })
  }

  override async close(): Promise<void> {
    if (this.record.phase === 'complete') this.#finishNow()
    await super.close()
    // A file that is being put in its place is put there first: the journal waits for it.
    await this.#placing
    await this.#closePart()
  }

  override speak(): void {
    if (!isOpening(this.record.saying)) super.speak()
  }

  protected compose(saying: Saying): Action {
    const { record } = this
    const { sid, id } = record
    switch (saying.action) {
      case 'request': {
        const held = record.asked
        return {
          action: 'request',
          value: {
            id,
            peer: record.to!,
            ...(record.onlyDevice && { device: record.onlyDevice }),
            ...(record.description !== undefined && { desc: record.description }),
            filename: record.filename,
            append: held !== undefined,
            ...(held?.filesize !== undefined && { filesize: held.filesize }),
            ...(held && { filebytesdone: held.filebytesdone }),
            ...(held?.root && { root: fromHex(held.root) }),
          },
        }
      }
      case 'decline': {
        const { block, reason } = saying
        return { action: 'decline', value: { sid: sid!, block, over: false, ...(reason && { reason }) } }
      }
      case 'abort':
        return { action: 'abort', value: { ...(sid ? { sid } : { id }), reason: saying.reason } }
      case 'complete': {
        const value = { sid: sid!, attempt: record.attempt, root: fromHex(record.root!) }
        return { action: 'complete', value }
      }
      default:
        throw new Error(`the receiving side does not say ${saying.action} by itself`)
    }
  }

  protected said(saying: Saying, outcome: Settled): void {
    if (saying.action === 'complete') this.#completeSaid(outcome)
    else if (outcome.is === 'recorded') {
      this.note({ saying: undefined })
      this.#proposing?.resolve()
    } else {
      const why = whyNot(outcome)
      this.fail(why)
      this.#proposing?.reject(why)
    }
  }

  #completeSaid(outcome: Settled): void {
    if (
      outcome.is === 'elsewhere' &&
      outcome.phase === 'running' &&
      outcome.attempt !== this.record.attempt
    ) {
      // The journal was behind: it is complete all the same.
      this.put({ action: 'complete' }, { attempt: outcome.attempt })
      return
    }
    this.note({ saying: undefined })
    this.#finishNow()
  }

  /** The other side's addresses for the attempt at hand. */
  onAnswer(words: OpeningWords): void {
    const attempt = this.#attempt
    if (attempt === undefined || attempt.number !== words.attempt) {
      // It answers an attempt that is over: so it lives.
      this.#step({ is: 'lifeSign' })
      return
    }
    if (words.way?.kind === 'connecting' && !attempt.listened) this.#void(attempt)
    else attempt.dial(words.way)
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
    if (this.isOver || this.record.saying?.action === 'abort') return
    const why = abortedBecause(reason)
    // The file is being put in its place: that decides it, and the component is told so.
    if (this.#machine.place === 'placing' || this.#machine.place === 'placed') return
    const end = endFor(reason)
    // The sending side only wishes: our word ends it.
    const decide = this.record.phase === 'running' && end === 'aborted'
    const saying: Saying = { action: 'abort', reason: reason ?? 'user' }
    this.end(end, why, decide ? { saying } : {})
  }

  async pause(): Promise<void> {
    const { place } = this.#machine
    if (this.record.phase !== 'running' || this.record.paused || place === 'placing') {
      throw new FileTransferError('wrong-state', this.state)
    }
    const why = new FileTransferError('paused')
    this.note({ paused: true })
    this.#step({ is: 'pause' })
    await this.#closePart()
    this.show('paused', why)
    this.stopRun(why)
  }

  async resume(): Promise<void> {
    if (this.isOver) throw new FileTransferError('wrong-state', this.state)
    this.newRun()
    if (this.record.phase !== 'running' || this.record.saying?.action === 'abort') return
    this.note({ paused: false, trouble: undefined })
    if (await this.#recover()) return
    this.#step({ is: 'resume' })
  }

  halt(): void {
    clearTimeout(this.#timer)
    const { place } = this.#machine
    if (place !== 'placed') this.#endAttempt()
    if (place === 'placing' || place === 'placed') return
    this.#machine = { ...this.#machine, place: 'paused', pausedBy: 'us' }
    void this.#closePart()
  }

  /** Gives one event to the rule, journals what it changed, and does what it says. */
  #step(event: ReceivingEvent): void {
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
    this.#endAttempt()
    const attempt = new Attempt(this.#machine.attempt, newToken())
    this.#attempt = attempt
    try {
      await this.#takeTurn(attempt)
      const part = await this.#openPart(attempt)
      const listens = opensListening(this.#ability(), this.#machine.before)
      const way = await this.#openLink(attempt, listens)
      if (attempt.isEnded) return
      const { sid } = this.record
      const filebytesdone = part.provenBytesPrefix
      const words = { sid: sid!, attempt: attempt.number, way, token: attempt.token! }
      const action: Action =
        attempt.number === 1
          ? {
              action: 'accept',
              value: { ...words, append: part.heldBytes > 0, filebytesdone, files: [] },
            }
          : { action: 'append', value: { ...words, filebytesdone } }
      const outcome = await this.around.mouth.say(action, attempt.signal)
      if (!attempt.isEnded) this.#openingSaid(attempt, outcome)
    } catch (error) {
      this.#broken(attempt, error)
    }
  }

  #openingSaid(attempt: Attempt, outcome: Outcome): void {
    switch (outcome.is) {
      case 'recorded':
        this.#step({ is: 'recorded' })
        void this.#moveOver(attempt)
        return
      case 'unsaid':
      case 'later':
        this.#step({ is: 'unsaid' })
        this.show('waiting', outcome.is === 'later' ? outcome.why : new FileTransferError('component-away'))
        this.#later(outcome.is === 'later' ? outcome.ms : unsaidRetryMs, () => {
          if (this.around.mouth.session.isIn && this.#attempt === undefined) this.#step({ is: 'loggedIn' })
        })
        return
      case 'away':
        this.#step({ is: 'senderAway' })
        return
      case 'elsewhere': {
        if (outcome.phase === 'running') {
          this.#step({ is: 'behind', attempt: outcome.attempt })
          return
        }
        // The sending side wants to stop; its word is on the way.
        if (outcome.phase === 'aborting') {
          this.onAbort('user')
          return
        }
        const reported = endAsReported(outcome.phase)
        if (reported === undefined) this.fail(new FileTransferError('wrong-state', outcome.phase))
        else this.end(reported.end, reported.why)
        return
      }
      case 'unknown':
        if (outcome.expired) this.end('expired', new FileTransferError('expired'))
        else this.fail(new FileTransferError('unknown-transfer'))
        return
      case 'refused':
        this.fail(outcome.why)
    }
  }

  /** Answers the attempt that the sending side opened by accepting our request. */
  async #answerAndLink(theirs: Way): Promise<void> {
    const attempt = new Attempt(1, newToken())
    this.#attempt = attempt
    try {
      await this.#takeTurn(attempt)
      await this.#openPart(attempt)
      const way = await this.#openLink(
        attempt,
        answersListening(this.#ability(), theirs.kind === 'listening'),
      )
      if (attempt.isEnded) return
      if (way.kind === 'connecting' && theirs.kind === 'connecting') {
        this.#void(attempt)
        return
      }
      const value = { sid: this.record.sid!, attempt: 1, way, token: attempt.token! }
      this.around.mouth.mention({ action: way.kind, value } as Action)
      attempt.dial(theirs)
      await this.#moveOver(attempt)
    } catch (error) {
      this.#broken(attempt, error)
    }
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

  /** The part file: open already, left from before, or new. What is held is hashed again when it is opened. */
  async #openPart(attempt: Attempt): Promise<PartFile> {
    if (this.#part !== undefined && !this.#part.closed && this.#part.failed === undefined) return this.#part
    await this.#closePart()
    const { sid, peer, filename, filesize, root, part, destination } = this.record
    const options = {
      dir: destination!.dir,
      transfer: {
        sid: sid!,
        peer,
        filename,
        filesize: filesize!,
        ...(root && { root: fromHex(root) }),
      },
      onConflict: this.#onConflict,
      signal: attempt.signal,
    }
    let opened: PartFile
    try {
      opened = await openPart(part === undefined ? options : { ...options, existing: part.path })
    } catch (error) {
      if (part === undefined || !(error instanceof ReceiveFailed && error.code === 'part-lost')) throw error
      opened = await openPart(options)
    }
    if (attempt.isEnded || this.isOver) {
      await opened.close()
      throw new ReceiveFailed('stopped', 'the attempt ended')
    }
    this.#part = opened
    this.note({ part: markOf(opened) })
    return opened
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
    const part = this.#part!
    this.#step({ is: 'linked' })
    const held = part.heldBytes
    const receiving = receive(link, part, {
      // Held blocks count before the sender has said their hashes again, as they do in `resumedFrom`.
      onProgress: () => this.moved(part.heldBytes),
    })
    this.#receiving = receiving
    attempt.whenEnded(() => {
      this.#bytesMoved += receiving.bytesReceived
      if (this.#machine.place !== 'placed') receiving.stop()
    })
    this.beginMoving(link.path, held)
    const { root } = await receiving.proven
    this.#step({ is: 'proven' })
    this.note({ placing: toHex(root) })
    const { destination } = this.record
    try {
      const placing = place(part, {
        dir: destination!.dir,
        filename: destination!.filename,
        root,
        onConflict: destination!.onConflict,
        onNamed: (path) => this.#placed(path, toHex(root)),
      })
      this.#placing = placing.then(
        () => undefined,
        () => undefined,
      )
      await placing
    } catch (error) {
      // With its name on the disk it is complete, whatever could not be tidied up.
      if (this.record.phase !== 'complete') {
        this.#machine = { ...this.#machine, place: 'moving' }
        throw error
      }
      await part.close()
    }
    this.#part = undefined
    receiving.finish()
    this.#endAttempt()
    this.#sayComplete()
  }

  /** The file has its name, durably: this is the moment at which the transfer is complete. */
  #placed(path: string, root: string): void {
    this.#machine = { ...this.#machine, place: 'placed' }
    this.note({ phase: 'complete', placed: path, root, part: undefined, saying: { action: 'complete' } })
  }

  #sayComplete(): void {
    this.speak()
    this.#later(unsaidMs, () => this.#finishNow())
  }

  #finishNow(): void {
    clearTimeout(this.#timer)
    const { placed, root } = this.record
    this.show('complete')
    this.finish({ path: placed!, root: root!, bytesMoved: this.#bytesMoved })
  }

  /** A crash while the file was put in its place: finds it. */
  async #recover(): Promise<boolean> {
    const { part, destination, filesize, placing, root } = this.record
    if (part === undefined || destination === undefined || this.#part !== undefined) return false
    const known = placing ?? root
    const found = await recoverPlaced({
      part: part.path,
      dir: destination.dir,
      filename: destination.filename,
      filesize: filesize!,
      ...(known && { root: fromHex(known) }),
    })
    if (found === undefined || known === undefined) return false
    this.#placed(found.path, known)
    this.#sayComplete()
    return true
  }

  /** What ended an attempt that was not ended by us. */
  #broken(attempt: Attempt, error: unknown): void {
    if (this.#attempt !== attempt || this.isOver) return
    if (attempt.isEnded) return
    if (!(error instanceof ReceiveFailed)) {
      this.#suspend(new FileTransferError('internal', undefined, { cause: error }))
      return
    }
    switch (error.code) {
      case 'channel-lost': {
        const progressed = (this.#receiving?.bytesReceived ?? 0) > 0
        this.#step({ is: 'broke', progressed, chance: chance() })
        return
      }
      case 'stopped':
        if (error.byPeer) this.#step({ is: 'stopped' })
        return
      case 'source-changed':
        this.abortFor('source-changed', new FileTransferError('source-changed'))
        return
      case 'bad-data':
        this.abortFor('bad-data', new FileTransferError('bad-data', undefined, { cause: error }))
        return
      case 'already-there':
        this.abortFor('policy', new FileTransferError('already-there'))
        return
      case 'bad-name':
        this.abortFor('bad-name', new FileTransferError('bad-name'))
        return
      default:
        this.#suspend(localTrouble(error))
    }
  }

  /** A local fault: nothing more until the user has seen to it. */
  #suspend(why: FileTransferError): void {
    this.note({ paused: true, trouble: why.code })
    this.#step({ is: 'suspend' })
    if (this.#machine.place !== 'paused') this.#machine = { ...this.#machine, place: 'paused' }
    this.#endAttempt()
    void this.#closePart()
    this.show('paused', why)
    this.stopRun(why)
  }

  #maybeGiveUp(): void {
    if (this.#machine.place !== 'waiting' || this.#machine.failures < this.around.settings.giveUpAfter) return
    const why = new FileTransferError('unreachable')
    this.note({ paused: true, trouble: why.code })
    this.#step({ is: 'giveUp' })
    this.show('paused', why)
    this.stopRun(why)
  }

  #endAttempt(): void {
    const attempt = this.#attempt
    this.#attempt = undefined
    attempt?.end()
    this.#receiving = undefined
  }

  async #closePart(): Promise<void> {
    const part = this.#part
    this.#part = undefined
    await part?.close()
  }

  #sayTimeout(attempt: number): void {
    this.around.mouth.mention({ action: 'timeout', value: { sid: this.record.sid!, attempt } })
  }

  #ability() {
    const { sides, listen } = this.around.settings
    return { sides, canListen: listen !== false }
  }
}

export function markOf(part: PartFile): PartMark {
  return { path: part.path, ino: String(part.stats.ino) }
}

function isOpening(saying: Saying | undefined): boolean {
  return saying?.action === 'accept' || saying?.action === 'append'
}
