/**
 * What drives the receiving side from attempt to attempt: the rule of protocol/attempts, with its clock and its sockets, up
 * to an open link. What is done with the link is receiving.ts.
 *
 * Rules: an attempt's number is journaled before it is said; there is one attempt at a time, and what belongs to it ends
 * with it.
 */

import { shortageCode } from '../../bytes/index.js'
import type { Link } from '../../link/index.js'
import {
  answersListening,
  opensListening,
  type Receiving,
  type ReceivingEffect,
  type ReceivingEvent,
  stepReceiving,
  takenUp,
} from '../../protocol/attempts/index.js'
import type { Action, Reason, Way } from '../../schemas/index.js'
import { chance, newToken } from '../chance.js'
import { FileTransferError } from '../errors.js'
import type { Saying } from '../journal/record.js'
import type { Outcome } from '../mediator/outcome.js'
import { Attempt, type Ending, opensPort } from './attempt.js'
import { TransferHandle } from './handle.js'
import { localTrouble } from './local-trouble.js'
import { PartKeeper } from './part-keeper.js'
import { Patience } from './patience.js'
import { troubleOf } from './sending-trouble.js'
import { type Ended, endAsReported } from './words.js'

/** How soon an attempt that could not be said is tried again while we are logged in, ms. */
const unsaidRetryMs = 1_000

/** So much may be sent again after a fault (P4), bytes. */
const sentAgainBytes = 8 * 2 ** 20

/** So much is hashed within a minute on the slowest of disks, bytes. */
const quicklyHashedBytes = 2 * 2 ** 30

export abstract class Driving extends TransferHandle {
  readonly part: PartKeeper
  /** Where the rule is. */
  protected machine: Receiving
  protected attempt: Attempt | undefined
  protected timer: NodeJS.Timeout | undefined
  protected readonly patience = new Patience()
  #dueAt = 0

  constructor(...given: ConstructorParameters<typeof TransferHandle>) {
    super(...given)
    this.machine = takenUp(this.record.attempt, !isOpening(this.record.saying))
    this.part = new PartKeeper(
      () => this.record,
      // Of a small file no more is lost with the note than may be sent again after any fault (P4).
      (part) => {
        if ((this.record.filesize ?? 0) > sentAgainBytes) this.note({ part })
        else this.noteSoon({ part })
      },
    )
  }

  protected override provenBefore(): number {
    return this.part.provenBefore()
  }

  /** There is a link: what follows, until it ends. */
  protected abstract receiveOver(attempt: Attempt, link: Link): Promise<void>

  /** What ended an attempt that was not ended by us. */
  protected abstract broken(attempt: Attempt, error: unknown): void

  /** The link at hand is lost. */
  protected abstract breakOff(): void

  /**
   * Too many files are open, or memory is short: that passes, and nobody has to see to it.
   * @returns whether it is tried again
   */
  protected outlasts(attempt: Attempt, error: unknown): boolean {
    const ms = shortageCode(error) === undefined ? undefined : this.patience.waitMs()
    if (ms === undefined) return false
    void this.part.close()
    const { place } = this.machine
    if (place === 'moving') this.breakOff()
    else if (place === 'linking') this.void(attempt)
    else {
      this.step({ is: 'unsaid' })
      this.later(ms, () => {
        if (this.attempt === undefined) this.step({ is: 'loggedIn' })
      })
    }
    this.show('waiting', localTrouble(error, shortageCode(error)))
    return true
  }

  /** The other side, or the component, wants it to end. */
  abstract onAbort(reason: Reason | undefined): void

  /** Nothing can come of this attempt, as the other side says or as can be seen. */
  protected void(attempt: Attempt): void {
    this.step({ is: 'voided', listened: attempt.listened, chance: chance() })
    this.safely(() => this.#maybeGiveUp())
  }

  /** Gives one event to the rule, journals what it changed, and does what it says. */
  protected step(event: ReceivingEvent): void {
    this.safely(() => this.#stepOn(event))
  }

  #stepOn(event: ReceivingEvent): void {
    const { record } = this
    if (record.phase !== 'running' || record.saying?.action === 'abort') return
    const before = this.machine
    const { state, effects } = stepReceiving(before, event)
    if (state === before) return
    this.machine = state
    if (state.attempt !== before.attempt || state.recorded !== before.recorded) {
      const action = state.attempt === 1 ? 'accept' : 'append'
      const saying: Saying | undefined = state.recorded ? undefined : { action }
      const changes = { attempt: state.attempt, saying }
      // What is only heard need not wait for the disk: without it the word is said again, the same.
      if (state.attempt === before.attempt && state.recorded) this.noteSoon(changes)
      else this.note(changes)
    }
    if (state.place === 'waiting' && before.place !== 'waiting') {
      this.show('waiting', this.attempt?.lacksRelay ? new FileTransferError('no-relay') : undefined)
    }
    if (state.place === 'paused' && state.pausedBy === 'peer') this.show('paused')
    for (const effect of effects) this.#do(effect)
  }

  /** Opens the attempt that the rule is in. */
  protected openNow(): void {
    void this.#open()
  }

  #do(effect: ReceivingEffect): void {
    switch (effect.do) {
      case 'open':
        void this.#open()
        return
      case 'close':
        this.endAttempt()
        return
      case 'stopWaiting':
        clearTimeout(this.timer)
        this.timer = undefined
        return
      case 'wait': {
        const dueAt = performance.now() + effect.ms
        if (effect.atMost && this.timer !== undefined && this.#dueAt <= dueAt) return
        this.later(effect.ms, () => this.step({ is: 'due' }))
      }
    }
  }

  protected later(ms: number, what: () => void): void {
    clearTimeout(this.timer)
    this.#dueAt = performance.now() + ms
    this.timer = setTimeout(() => {
      this.timer = undefined
      what()
    }, ms)
  }

  /** Opens an attempt of ours: accept or append. */
  async #open(): Promise<void> {
    const attempt = this.begin(this.machine.attempt)
    try {
      this.around.trust.demand(this.record)
      await this.#takeTurn(attempt)
      const filebytesdone = await this.#openPart(attempt)
      const way = await this.#openLink(attempt, opensListening(this.ability, this.machine.before))
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
      this.broken(attempt, error)
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
    opening.catch((error: unknown) => this.broken(attempt, error))
    return there
  }

  #openingSaid(attempt: Attempt, outcome: Outcome): void {
    switch (outcome.is) {
      case 'recorded':
        this.step({ is: 'recorded' })
        void this.#moveOver(attempt)
        return
      case 'unsaid':
      case 'later': {
        const later = outcome.is === 'later' ? outcome : undefined
        this.step({ is: 'unsaid' })
        this.show('waiting', later?.why ?? new FileTransferError('component-away'))
        this.later(later?.ms ?? unsaidRetryMs, () => {
          if (this.around.mouth.session.isIn && this.attempt === undefined) this.step({ is: 'loggedIn' })
        })
        return
      }
      case 'away':
        this.step({ is: 'senderAway' })
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
    // Its word is on the way, also where the sending side only wants to stop.
    if (reported !== undefined) {
      const { end, why } = reported
      this.#awaitWord(end, () => this.end(end, why))
    } else if (phase === 'aborting') this.#awaitWord(phase, () => this.onAbort('user'))
    else if (phase === 'running') this.step({ is: 'behind', attempt })
    // The component knows an older state, restored perhaps: there is no way back to it, so it is to end for all.
    else if (phase === 'proposed' || phase === 'countered') {
      this.abortFor('failed', new FileTransferError('wrong-state', phase))
    } else this.fail(new FileTransferError('wrong-state', phase))
  }

  #awaitWord(reported: Ended['end'] | 'aborting', end: () => void): void {
    this.endAttempt()
    this.show('waiting')
    this.lastWord.before(reported, () => this.safely(end))
  }

  /** Answers the attempt that the sending side opened by accepting our request. */
  protected async answerAndLink(theirs: Way): Promise<void> {
    const attempt = this.begin(1)
    try {
      this.around.trust.demand(this.record)
      await this.#takeTurn(attempt)
      await this.part.open(attempt.signal)
      const listens = answersListening(this.ability, opensPort(theirs))
      const way = await this.#openLink(attempt, listens)
      if (attempt.isEnded) return
      if (way.kind === 'connecting' && theirs.kind === 'connecting') {
        this.void(attempt)
        return
      }
      const value = { sid: this.record.sid!, attempt: 1, way, token: attempt.token! }
      this.around.mouth.mention({ action: way.kind, value } as Action)
      this.dial(attempt, theirs)
      await this.#moveOver(attempt)
    } catch (error) {
      this.broken(attempt, error)
    }
  }

  protected begin(number: number): Attempt {
    this.endAttempt()
    this.attempt = new Attempt(number, newToken())
    return this.attempt
  }

  async #takeTurn(attempt: Attempt): Promise<void> {
    const { receiving } = this.around.turns
    const now = receiving.tryTake(this.peer)
    if (now === undefined) this.show('queued')
    attempt.whenEnded(now ?? (await receiving.take(this.peer, attempt.signal)))
    this.show('linking')
  }

  async #openLink(attempt: Attempt, listens: boolean): Promise<Way> {
    const { settings, identity } = this.around
    const peerDevice = this.record.device!
    const reach = this.reach((this.record.filesize ?? 0) - this.part.heldBytes)
    return attempt.open({ side: 'receiving', identity: await identity, peerDevice, settings, listens, reach })
  }

  async #moveOver(attempt: Attempt): Promise<void> {
    let link: Link
    try {
      link = await attempt.link
    } catch (error) {
      if (attempt.isEnded) return
      if (attempt.isReachable) this.#sayTimeout(attempt.number)
      this.step({ is: 'noLink', listened: attempt.listened, chance: chance() })
      if (this.machine.place === 'waiting') {
        this.show('waiting', troubleOf(error))
      }
      this.safely(() => this.#maybeGiveUp())
      return
    }
    if (attempt.isEnded) {
      link.destroy()
      return
    }
    try {
      await this.receiveOver(attempt, link)
    } catch (error) {
      this.broken(attempt, error)
    }
  }

  #maybeGiveUp(): void {
    if (this.machine.place !== 'waiting' || this.machine.failures < this.around.settings.giveUpAfter) return
    const why = new FileTransferError('unreachable')
    this.note({ paused: true, trouble: why.code })
    this.step({ is: 'giveUp' })
    this.rest(why)
  }

  protected rest(why: FileTransferError): void {
    this.show('paused', why)
    this.stopRun(why)
  }

  protected endAttempt(how?: Ending): void {
    const attempt = this.attempt
    this.attempt = undefined
    attempt?.end(how)
  }

  #sayTimeout(attempt: number): void {
    this.around.mouth.mention({ action: 'timeout', value: { sid: this.record.sid!, attempt } })
  }
}

/** Whether a word opens an attempt: such words are said with the addresses of the attempt. */
export function isOpening(saying: Saying | undefined): boolean {
  return saying?.action === 'accept' || saying?.action === 'append'
}
