/**
 * The sending side of one transfer: it answers attempts and serves the file; it never opens a further attempt.
 *
 * Rules: no address leaves before the receiving side accepted (P8); a later attempt fences an earlier one (case 80); a source
 * that is no longer what was offered aborts the transfer, both sides (P5, case 96).
 */

import { join } from 'node:path'
import { ServeFailed, type Serving, type Source, SourceFailed, serve } from '../../bytes/index.js'
import type { Link } from '../../link/index.js'
import { answersListening, judgeOpening, opensListening } from '../../protocol/attempts/index.js'
import type { Action, Complete, Way } from '../../schemas/index.js'
import { FileTransferError } from '../errors.js'
import { journalFailureIn } from '../journal/journal-failed.js'
import type { Saying, TransferRecord } from '../journal/record.js'
import { whyNot } from '../mediator/outcome.js'
import { Attempt, type Ending, opensPort } from './attempt.js'
import { hashAhead } from './hashing-ahead.js'
import { fromHex, toHex } from './hex.js'
import { KeptSource } from './kept-source.js'
import type { OpeningWords } from './opening-words.js'
import { troubleOf, wrongState } from './sending-trouble.js'
import { takeTurn } from './sending-turn.js'
import { described } from './spoken.js'
import { WaitingSender } from './waiting-sender.js'

/** After the word `complete` the link has so long to say its own `done`, ms. */
const goodbyeMs = 1_000

export class SendingTransfer extends WaitingSender {
  #attempt: Attempt | undefined
  #serving: Serving | undefined
  readonly #kept = new KeptSource(() => join(this.around.journal.dir, 'hashes', String(this.record.n)))
  /** What is served, as long as it is what was offered. */
  #source: Source | undefined
  /** Ends the hashing ahead of the first word on the link. */
  #ahead: AbortController | undefined
  protected get isBusy(): boolean {
    return this.#attempt !== undefined
  }

  /** Uses a source that is open already. */
  keep(source: Source): void {
    this.#kept.keep(source)
  }

  wake(): void {
    if (this.record.saying?.action === 'accept') void this.#openFirst()
    else if (this.record.saying !== undefined) this.sayOn()
    else void this.askWhetherItStands()
  }

  protected speaksItself(saying: Saying): boolean {
    return saying.action !== 'accept'
  }

  /**
   * Answers a request with this file: accepts it, or, where the asker knows another by that name, puts this one forward.
   * @returns whether it is accepted
   */
  answerWith(changes: Partial<TransferRecord> & { filesize: number }): boolean {
    const { asked } = this.record
    const { filesize, root } = changes
    const isOther =
      (asked?.filesize !== undefined && asked.filesize !== filesize) ||
      (asked?.root !== undefined && root !== undefined && asked.root !== root)
    if (isOther) {
      this.put({ action: 'counter' }, { ...changes, phase: 'countered' })
      this.show('countered')
    } else this.acceptRequest(changes)
    return !isOther
  }

  /** Closes what was kept and is not to be sent. */
  forgetSource(): void {
    this.#kept.close()
    this.#source = undefined
  }

  /** The other side may try again: now there is a place for it. */
  nudge(): void {
    if (this.record.saying?.action === 'accept') this.wake()
    else if (this.record.phase === 'running') this.sayTimeout()
  }

  /** We accept a request with this file: the first attempt is ours to open. */
  acceptRequest(changes: Partial<TransferRecord>): void {
    this.note({ ...changes, phase: 'running', attempt: 1, saying: { action: 'accept' } })
    this.show('linking')
    void this.#openFirst()
  }

  async #openFirst(): Promise<void> {
    if (this.#attempt || this.record.saying?.action !== 'accept' || this.record.paused) return
    const attempt = this.#begin(1)
    try {
      if (!(await this.#ready(attempt))) return
      const listens = opensListening(this.ability)
      const way = await this.#open(attempt, listens, this.record.asked?.filebytesdone)
      const value = {
        sid: this.record.sid!,
        attempt: 1,
        way,
        append: false,
        files: [described(this.record)],
      }
      const outcome = await this.around.mouth.say({ action: 'accept', value }, attempt.signal)
      if (attempt.isEnded) return
      if (outcome.is === 'unsaid' || outcome.is === 'later') {
        this.#fence()
        if (outcome.is === 'later') this.wakeIn(outcome.ms)
        return
      }
      if (outcome.is !== 'recorded') {
        if (outcome.is === 'elsewhere' && this.meanwhile(outcome.phase)) this.#fence()
        else this.fail(whyNot(outcome))
        return
      }
      // Said again, it is answered the same.
      this.noteSoon({ saying: undefined })
      await this.#serveOver(attempt, this.record.asked?.filebytesdone)
    } catch (error) {
      this.#broken(attempt, error)
    }
  }

  /** The receiving side opened an attempt. */
  onOpening(words: OpeningWords): void {
    const { record } = this
    if (this.isOver || record.saying?.action === 'abort') return
    const token = words.token && toHex(words.token)
    const current = this.#attempt && {
      attempt: this.#attempt.number,
      token: this.#attempt.token && toHex(this.#attempt.token),
    }
    const isWhole = words.way !== undefined && token !== undefined
    const opening = { attempt: words.attempt, isWhole, token }
    const verdict = judgeOpening(opening, record.attempt, current)
    if (verdict === 'stale') return
    this.wasSaid({ phase: 'running', attempt: words.attempt })
    if (verdict === 'again') {
      if (this.#attempt!.isOpen) this.#answer(this.#attempt!)
    } else if (verdict === 'void' || record.paused) {
      this.#fence()
      this.sayTimeout()
      this.show(record.paused ? 'paused' : 'waiting', this.trouble)
    } else void this.#answerAndServe(words, words.way!, words.token!)
  }

  /** The receiving side answers the attempt that we opened by accepting its request. */
  onAnswer(words: OpeningWords): void {
    if (this.#attempt?.number !== words.attempt || words.token === undefined) return
    this.#attempt.setToken(words.token)
    this.dial(this.#attempt, words.way)
  }

  /** The receiving side says that nothing came of this attempt. */
  onTimeout(attempt: number): void {
    if (this.#attempt?.number !== attempt || this.#serving !== undefined) return
    this.#fence()
    this.show('waiting')
  }

  onComplete({ root, attempt }: Complete): void {
    if (this.isOver) return
    // What we offered or stated is what we know; the other side's word can only agree with it (P1).
    const own = this.record.root ?? toHex(root)
    if (own !== toHex(root)) {
      this.end('failed', new FileTransferError('bad-data', 'the other side reports another file'), {
        attempt,
      })
      return
    }
    this.end('complete', undefined, { root: own, attempt })
    this.finish({ path: this.record.source!.path, root: own, bytesMoved: this.bytesMoved })
  }

  async #answerAndServe(words: OpeningWords, theirs: Way, token: Uint8Array): Promise<void> {
    const attempt = this.#begin(words.attempt, token)
    try {
      if (!(await this.#ready(attempt))) return
      const held = words.filebytesdone ?? 0
      if (held > 0) this.#ahead = hashAhead(this.#source!, held, attempt)
      // Who opens a port is dialled at once; with anybody else it takes both sides.
      const isOpen = opensPort(theirs)
      const listens = answersListening(this.ability, isOpen)
      const dialFirst = () => this.dial(attempt, theirs)
      const way = await this.#open(attempt, listens, words.filebytesdone, isOpen ? dialFirst : undefined)
      if (attempt.isEnded) return
      if (way.kind === 'connecting' && theirs.kind === 'connecting') {
        // Somebody has to listen.
        this.sayTimeout()
        throw this.reach(0).policy === 'relay'
          ? new FileTransferError('no-relay')
          : new FileTransferError('unreachable', 'neither side can listen')
      }
      this.#answer(attempt)
      if (!isOpen) this.dial(attempt, theirs)
      await this.#serveOver(attempt, held)
    } catch (error) {
      this.#broken(attempt, error)
    }
  }

  /** Whether there is a turn and the file is still what was offered. */
  async #ready(attempt: Attempt): Promise<boolean> {
    this.around.trust.demand(this.record)
    if (!this.#hasTurn(attempt)) return false
    this.#source = await this.#kept.open(this.record.source!)
    return !attempt.isEnded
  }

  #hasTurn(attempt: Attempt): boolean {
    const turn = takeTurn(this, attempt)
    if (turn === 'now') return true
    this.#fence()
    // The receiving side comes again.
    if (turn === 'full') this.sayTimeout()
    if (turn === 'never') this.abortFor('not-found', new FileTransferError('not-shared'))
    else this.show('queued')
    return false
  }

  async #open(attempt: Attempt, listens: boolean, done = 0, onDialling?: () => void): Promise<Way> {
    const { settings, identity } = this.around
    const peerDevice = this.record.device!
    const reach = this.reach(this.filesize! - done)
    const given = { identity: await identity, peerDevice, settings, listens, reach }
    return attempt.open({ side: 'sending', ...given, ...(onDialling && { onDialling }) })
  }

  #answer(attempt: Attempt): void {
    const { way, number } = attempt
    const value = { sid: this.record.sid!, attempt: number, way }
    this.around.mouth.mention({ action: way.kind, value } as Action)
  }

  /** @param done what the receiving side says it holds; how much of that is proven, it says on the link */
  async #serveOver(attempt: Attempt, done = 0): Promise<void> {
    let link: Link
    try {
      link = await attempt.link
    } catch (error) {
      // The listening side says that nobody came: so the other may change sides at once.
      if (!attempt.isEnded && attempt.isReachable) this.sayTimeout()
      throw error
    }
    if (attempt.isEnded) {
      link.destroy()
      return
    }
    const { root, source } = this.record
    let held = Math.min(done, this.filesize!)
    const serving = serve(link, this.#source!, {
      identity: source!.identity,
      ...(root && { root: fromHex(root) }),
      onProgress: ({ sentBytes, heldBytes }) => {
        this.#ahead?.abort()
        this.patience.reached(heldBytes)
        if (heldBytes !== held) this.heldAtBeginning(heldBytes)
        held = heldBytes
        this.moved(Math.min(this.filesize!, heldBytes + sentBytes))
      },
    })
    this.#serving = serving
    attempt.whenEnded((how) => {
      this.bytesMoved += serving.bytesSent
      if (this.record.phase === 'complete') setTimeout(() => link.destroy(), goodbyeMs).unref()
      else if (how === 'stop') serving.stop()
      else link.destroy()
    })
    attempt.whenEnded(this.around.network.watch(link, () => this.#movedAway(attempt)))
    this.beginMoving(link.path, held)
    link.onWidened((sockets) => this.movingBy(sockets))
    const served = await serving.done
    // What it is, is known now; that it is in place is for the component to say.
    if (!this.isOver) this.#noteServed(toHex(served.root))
    if (this.#attempt === attempt) this.#fence('stop')
  }

  #noteServed(root: string): void {
    const isNew = this.record.root !== root
    if (isNew) this.note({ root, served: true })
    else this.noteSoon({ served: true })
  }

  /** The link leads nowhere any more; the receiving side is to know, and to come again. */
  #movedAway(attempt: Attempt): void {
    if (this.#attempt !== attempt) return
    this.#fence()
    this.show('waiting')
    this.sayTimeout()
  }

  /** This machine's network is another one: what looks for a link is to look anew. */
  networkChanged(): void {
    if (this.#attempt === undefined || this.#serving !== undefined) return
    this.#fence()
    this.sayTimeout()
  }

  /** What ended an attempt that was not ended by us. */
  #broken(attempt: Attempt, error: unknown): void {
    if (this.#attempt !== attempt || this.isOver) return
    this.safely(() => this.#takeBreak(error))
  }

  #takeBreak(error: unknown): void {
    const unwritten = journalFailureIn(error)
    if (unwritten !== undefined) throw unwritten
    const stoppedByPeer = error instanceof ServeFailed && error.code === 'stopped' && error.byPeer
    const wasLinked = this.#serving !== undefined
    this.#fence()
    const code = error instanceof ServeFailed || error instanceof SourceFailed ? error.code : undefined
    if (code === 'source-changed' || code === 'not-found' || code === 'not-a-file') {
      this.abortFor('source-changed', new FileTransferError('source-changed', undefined, { cause: error }))
    } else if (code === 'io' || code === 'too-large') {
      this.unreadable(error, wasLinked)
    } else if (stoppedByPeer) {
      this.leaveQueue()
      this.show('paused')
    } else {
      // Through a relay the other side may not see that the link is gone.
      if (code === 'channel-lost') {
        this.around.network.doubt()
        this.sayTimeout()
      }
      this.waitOrRest(troubleOf(error))
    }
  }

  protected leaveQueue(): void {
    this.around.uploads.over(this)
  }

  async pause(): Promise<void> {
    this.around.stopped.throwIfAborted()
    if (this.record.phase !== 'running' || this.record.paused) throw wrongState(this)
    this.note({ paused: true })
    this.#fence('stop')
    const why = new FileTransferError('paused')
    this.show('paused', why)
    this.stopRun(why)
  }

  async resume(): Promise<void> {
    this.around.stopped.throwIfAborted()
    if (this.isOver) throw wrongState(this)
    this.newRun()
    if (!this.record.paused) return
    // The other side may not come for long: until then nobody would be asked about its device.
    const unknown = this.whyItRests()
    if (unknown !== undefined) return this.suspend(unknown)
    if (!this.insist(() => this.note({ paused: false, trouble: undefined }))) return
    this.show('waiting')
    this.wake()
  }

  protected async takeUp(): Promise<void> {
    const { phase, paused, saying } = this.record
    const waits = phase === 'running' && !paused && saying === undefined && this.#attempt === undefined
    if (waits) this.show('waiting')
    this.wake()
  }

  override end(...given: Parameters<WaitingSender['end']>): void {
    super.end(...given)
    if (!this.isOver) return
    this.around.uploads.over(this)
    this.#kept.forgetNotes()
  }

  halt(how: Ending): void {
    this.wakeNoMore()
    this.#fence(how)
    this.forgetSource()
  }

  #begin(number: number, token?: Uint8Array): Attempt {
    this.#fence()
    const attempt = new Attempt(number, token)
    this.#attempt = attempt
    this.newRun()
    this.show('linking')
    return attempt
  }

  /** Ends what belongs to the current attempt: nothing of it is served any more. */
  #fence(how?: Ending): void {
    const attempt = this.#attempt
    this.#attempt = undefined
    attempt?.end(how)
    this.#serving = undefined
  }
}
