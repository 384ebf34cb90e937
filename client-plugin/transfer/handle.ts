/**
 * What both directions share: the record in the journal, and the word that is to be said.
 *
 * Rules: the journal is written before a word is said or a promise settled; there is at most one word to say, a later one
 * replaces it; an end is never left. Where the journal takes nothing, what moves is let go, and when it takes writes again
 * the transfer is taken up from what the journal says, as after a restart (stall.ts).
 */

import type { Link } from '../../link/index.js'
import type { Action, Reason, Way } from '../../schemas/index.js'
import type { PathPolicy, Transfer, TransferState } from '../api.js'
import { FileTransferError } from '../errors.js'
import { type JournalFailed, journalFailureIn } from '../journal/journal-failed.js'
import { type End, isEnd, type Saying, type TransferRecord } from '../journal/record.js'
import { type Settled, whyNot } from '../mediator/outcome.js'
import type { Attempt, Ending, Reach } from './attempt.js'
import { LastWord } from './last-word.js'
import { localTrouble } from './local-trouble.js'
import { Showing } from './showing.js'
import { Stall } from './stall.js'
import { isOutOfDate } from './standing.js'
import type { Surroundings } from './surroundings.js'
import { endAsReported } from './words.js'

/** How often a proposal that is put off is said again before its author hears of it. */
const proposalPatience = 2

interface Waiting {
  resolve(): void
  reject(why: FileTransferError): void
}

export abstract class TransferHandle extends Showing implements Transfer {
  record: TransferRecord
  #speaking: AbortController | undefined
  /** Those who wait until the word at hand is recorded. */
  #waiting: Waiting[] = []
  /** While the journal cannot be written. */
  readonly #stall = new Stall({
    probe: () => this.note({}),
    again: (why) => this.#standStill(why),
    over: () => {
      if (!this.isOver && this.record.phase !== 'running') this.show(viewOf(this.record))
      return this.takeUp()
    },
    report: (error) => this.fault(error),
  })

  /** What has ended as the component says, and not yet why. */
  protected readonly lastWord = new LastWord(() => this.around.mouth.session.isIn)

  constructor(
    readonly around: Surroundings,
    record: TransferRecord,
  ) {
    super()
    this.record = record
    const trouble = record.trouble && new FileTransferError(record.trouble)
    this.beginAs(viewOf(record), trouble, () => this.provenBefore())
    if (record.phase === 'complete') {
      const path = record.placed ?? record.source?.path ?? ''
      const { wasThere } = record
      this.beginFinished({ path, root: record.root ?? '', bytesMoved: 0, ...(wasThere && { wasThere }) })
    } else if (this.isOver) this.stopRun(trouble ?? new FileTransferError('aborted-by-peer'))
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
  get device(): string | undefined {
    return this.record.device
  }
  get parts(): readonly Transfer[] {
    return []
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
  get isOver(): boolean {
    return isEnd(this.record.phase)
  }
  /** Whether a first attempt was ever opened, or is to be. */
  get wasAccepted(): boolean {
    return this.record.attempt > 0
  }
  protected get attempts(): number {
    return this.record.attempt
  }
  protected report(trouble: FileTransferError): void {
    this.around.report(trouble)
  }

  /** Bytes that an earlier process left proven. */
  protected provenBefore(): number {
    return 0
  }

  abstract pause(): Promise<void>
  abstract resume(): Promise<void>

  /** Says an own proposal. Resolves when it is recorded; rejects with why it is not. */
  propose(): Promise<void> {
    const recorded = this.whenSaid()
    this.speak()
    return recorded
  }

  async abort(): Promise<void> {
    this.around.stopped.throwIfAborted()
    if (this.isOver) throw new FileTransferError('wrong-state', this.state)
    if (this.record.saying?.action !== 'abort') this.abortFor('user', new FileTransferError('aborted'))
    await this.whenSaid()
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
    this.halt('stop')
    this.show('aborting', why)
  }

  /** Stops everything that belongs to attempts; says nothing. */
  abstract halt(how: Ending): void

  /** We are logged in (again), or some time has passed: says what is unsaid, goes on with what waits. */
  abstract wake(): void

  /** A proposal of which no word can come any more is over. */
  expireIfOld(): void {
    if (!isOutOfDate(this.record, Date.now())) return
    this.safely(() => this.end('expired', new FileTransferError('expired')))
  }

  /** The plugin stops. Nothing is said any more. */
  async close(): Promise<void> {
    this.#speaking?.abort()
    this.#stall.end()
    // The other side is to try again by itself: we may be back soon.
    this.halt('break')
    const stopped = new FileTransferError('stopped')
    for (const { reject } of this.#waiting.splice(0)) reject(stopped)
    if (!this.isOver) this.stopRun(stopped)
  }

  /**
   * Writes changes to the journal, together with `others`; all are durable when it returns.
   * @throws JournalFailed: then nothing is changed, and nothing may be said either
   */
  note(changes: Partial<TransferRecord>, ...others: TransferRecord[]): void {
    const record = { ...this.record, ...changes }
    this.around.journal.put(record, ...others)
    this.record = record
  }

  /**
   * Writes changes that the machine may forget if it loses its power within ten seconds: what is found out again without them.
   * @throws JournalFailed
   */
  noteSoon(changes: Partial<TransferRecord>): void {
    const record = { ...this.record, ...changes }
    this.around.journal.putSoon(record)
    this.record = record
  }

  /** Goes on from what the journal says, as after a restart. */
  protected abstract takeUp(): Promise<void>

  /** Runs what nobody waits for. Without a journal nothing may go on: the transfer waits until it can be written. */
  protected safely(what: () => void): void {
    try {
      what()
    } catch (error) {
      this.fault(error)
    }
  }

  /** What nobody waited for has failed. */
  protected fault(error: unknown): void {
    const why = journalFailureIn(error)
    if (why !== undefined) {
      this.#stall.begin(why)
      return
    }
    const trouble = localTrouble(error)
    this.report(trouble)
    this.halt('break')
    this.show('paused', trouble)
    this.stopRun(trouble)
  }

  /** Does what has to be done: now, or when the journal can be written. @returns whether it is done */
  insist(what: () => void): boolean {
    try {
      what()
      return true
    } catch (error) {
      const why = journalFailureIn(error)
      if (why === undefined) throw error
      this.#stall.begin(why, what)
      return false
    }
  }

  #standStill(why: JournalFailed): void {
    if (this.isOver) return
    this.#speaking?.abort()
    this.#speaking = undefined
    this.halt('break')
    this.show('waiting', why)
  }

  /** Dials what the other side announced, as far as it may still make us dial addresses today (P12). */
  protected dial(attempt: Attempt, way: Way | undefined): void {
    if (way === undefined) return
    const given = way.kind === 'listening' ? way.candidates : []
    const { dialBudget } = this.around
    const linked = ({ remoteAddress }: Link) => dialBudget.proven(this.peer, remoteAddress)
    attempt.dial(dialBudget.allow(this.peer, given), linked)
  }

  /** What the rule of who listens looks at. */
  protected get ability() {
    const { sides, listen } = this.around.settings
    return { sides, canListen: listen !== false }
  }

  /** From the next attempt on it takes these paths only. @throws JournalFailed */
  goBy(via: PathPolicy): void {
    this.note({ via })
  }

  /** Which paths an attempt may take while so many bytes are to come. */
  protected reach(left: number): Reach {
    const { paths } = this.around
    const { peer, via } = this.record
    return { paths, peer, policy: paths.policyFor(peer, via), left }
  }

  /** Journals a word and says it until the component has recorded it. */
  put(saying: Saying, changes: Partial<TransferRecord> = {}): void {
    this.note({ ...changes, saying })
    this.speak()
  }

  /** Resolves when the word that is to be said now is recorded; rejects with why it is not. */
  async whenSaid(): Promise<void> {
    if (this.record.saying === undefined) return
    this.around.stopped.throwIfAborted()
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }))
  }

  /** The word need not be said any more: what has come in shows that it was recorded. */
  wasSaid(changes: Partial<TransferRecord> = {}): void {
    this.note({ ...changes, saying: undefined })
    this.#speaking?.abort()
    this.#speaking = undefined
    for (const { resolve } of this.#waiting.splice(0)) resolve()
  }

  /** Says the word in the journal, unless it is being said. */
  protected sayOn(): void {
    if (this.#speaking === undefined) this.speak()
  }

  /** Says the word in the journal, in place of the one before. */
  protected speak(): void {
    const { saying } = this.record
    this.#speaking?.abort()
    this.#speaking = undefined
    if (saying === undefined || !this.speaksItself(saying)) return
    const speaking = new AbortController()
    this.#speaking = speaking
    const isProposal = saying.action === 'offer' || saying.action === 'request'
    const compose = () => this.compose(saying)
    const patience = isProposal ? proposalPatience : Number.POSITIVE_INFINITY
    this.around.mouth.insist(compose, speaking.signal, patience).then(
      (outcome) => {
        if (this.#speaking === speaking) this.safely(() => this.#heard(saying, outcome))
      },
      (error) => {
        if (speaking.signal.aborted) return
        this.safely(() => this.fail(new FileTransferError('internal', undefined, { cause: error })))
      },
    )
  }

  /** Whether this word is said here; what opens an attempt needs addresses, and is said with them. */
  protected abstract speaksItself(saying: Saying): boolean

  /** The words of a saying, as they are now. */
  protected abstract compose(saying: Saying): Action

  /** What follows from an outcome that is neither recorded nor an end. */
  protected refused(_saying: Saying, outcome: Settled): void {
    this.fail(whyNot(outcome))
  }

  /** Whether it is to be said again later, and those who wait for it wait on. */
  protected putsOff(_saying: Saying, _outcome: Settled): boolean {
    return false
  }

  #heard(saying: Saying, outcome: Settled): void {
    this.#speaking = undefined
    if (this.putsOff(saying, outcome)) return
    const waiting = this.#waiting.splice(0)
    try {
      this.#follow(saying, outcome)
    } catch (error) {
      // It is said again, and those who wait for it go on waiting.
      this.#waiting.unshift(...waiting)
      throw error
    }
    const isDone = saying.action === 'abort' || saying.action === 'decline' || outcome.is === 'recorded'
    for (const { resolve, reject } of waiting) {
      if (isDone) resolve()
      else reject(this.trouble ?? whyNot(outcome))
    }
  }

  #follow(saying: Saying, outcome: Settled): void {
    // That a word was said need not be durable: without it the same is said once more, and answered the same.
    if (this.isOver && saying.action !== 'complete') {
      // A last word after the end: whatever became of it, nothing follows.
      this.noteSoon({ saying: undefined })
    } else if (saying.action === 'abort') {
      // The receiving side has still to decide.
      const isUndecided = this.record.phase === 'aborting' && outcome.is === 'recorded'
      if (isUndecided) this.note({ saying: undefined })
      else if (outcome.is === 'elsewhere' && outcome.phase === 'complete') this.note({ saying: undefined })
      else this.end('aborted', this.trouble ?? new FileTransferError('aborted'))
    } else if (saying.action === 'decline') {
      this.end('declined', new FileTransferError(saying.block ? 'blocked' : 'declined'))
    } else if (outcome.is === 'recorded') {
      // That it is complete is durable already, so nobody need wait for the note that it was said.
      const isComplete = saying.action === 'complete'
      if (isComplete) this.recorded(saying)
      this.noteSoon({ saying: undefined })
      if (!isComplete) this.recorded(saying)
    } else {
      const reported = outcome.is === 'elsewhere' ? endAsReported(outcome.phase) : undefined
      if (reported !== undefined && saying.action !== 'complete') this.end(reported.end, reported.why)
      else this.refused(saying, outcome)
    }
  }

  /** A word was recorded. */
  protected recorded(_saying: Saying): void {}

  /** An end. A last word may follow; it stays in the journal until it is said. */
  end(phase: End, why?: FileTransferError, changes: Partial<TransferRecord> = {}): void {
    if (this.isOver) return
    this.note({ saying: undefined, ...changes, phase, paused: false, trouble: why?.code })
    this.halt('stop')
    this.speak()
    this.show(phase, why)
    if (phase !== 'complete') this.stopRun(why ?? new FileTransferError('aborted-by-peer'))
    // Whoever waited for a word of ours has this end for an answer.
    for (const { resolve, reject } of this.#waiting.splice(0)) {
      if (phase === 'failed' && why !== undefined) reject(why)
      else resolve()
    }
  }

  fail(why: FileTransferError): void {
    this.end('failed', why)
  }
}

function viewOf(record: TransferRecord): TransferState {
  if (record.phase !== 'running') return record.phase
  return record.paused || record.direction === 'receiving' ? 'paused' : 'waiting'
}
