/**
 * A content that is got from whoever has it: one source after the other is asked, and what one has sent the next need not
 * send again. To the user it is one transfer; each request for it is one of its own in the journal.
 *
 * Rules: at most one request at a time; the part file goes from one to the next, and counts only as far as the next source
 * states the same; after a restart it goes on with the request at hand, or with the next source.
 */

import { safeName } from '../../protocol/names.js'
import type { AcceptOptions, PathPolicy, Source, Transfer, TransferState } from '../api.js'
import { FileTransferError } from '../errors.js'
import { isEnd, type Origin, type TransferRecord } from '../journal/record.js'
import type { Register } from '../register.js'
import { localTrouble } from '../transfer/local-trouble.js'
import type { ReceivingTransfer } from '../transfer/receiving.js'
import { Showing } from '../transfer/showing.js'
import { Asked } from './asked.js'
import { type Bells, longestMs } from './bells.js'
import { draftGet, lastName } from './draft-get.js'
import { endsIt, isSilent, saysNo, suspends } from './faults.js'
import { watch } from './watching.js'

export interface PursuitContext {
  readonly register: Register
  /** Who has it, most useful first. Rejects with `not-found` where nobody has. */
  sources(root: string, signal: AbortSignal): Promise<readonly Source[]>
  /** How long a source may keep us waiting, ms. */
  readonly sourceDeadlineMs: number
  /** Wakes who waits for somebody who is away. */
  readonly bells: Bells
}

/** Peers who sent something else that are remembered. */
const mostLiars = 64

export class Getting extends Showing implements Transfer {
  readonly sid = undefined
  readonly description = undefined
  readonly direction = 'receiving'
  #run: AbortController | undefined
  #current: ReceivingTransfer | undefined
  #earlier: { request: ReceivingTransfer | undefined } | undefined
  readonly #asked = new Asked(() => this.record.pursuit!)
  #bytesMoved = 0
  /** Who was away when he was asked, and has not shown himself since. */
  #awaited: string | undefined

  constructor(
    readonly context: PursuitContext,
    public record: TransferRecord,
  ) {
    super()
    const trouble = record.trouble && new FileTransferError(record.trouble)
    const before = () => this.#fromBefore?.progress.bytes ?? 0
    this.beginAs(isEnd(record.phase) ? record.phase : 'paused', trouble, before)
    if (record.phase === 'complete') this.beginFinished(doneOf(record, 0))
    else if (this.isOver) this.stopRun(trouble ?? new FileTransferError('aborted'))
  }

  get key(): string {
    return this.record.id
  }
  get id(): string {
    return this.record.id
  }
  /** Who is asked at the moment, or was last. */
  get peer(): string {
    return this.#current?.peer ?? this.record.peer
  }
  get device(): string | undefined {
    return this.#current?.device
  }
  readonly parts = []
  get filename(): string {
    return this.record.filename
  }
  get filesize(): number | undefined {
    return this.#current?.filesize ?? this.record.filesize ?? this.#fromBefore?.filesize
  }
  get isOver(): boolean {
    return isEnd(this.record.phase)
  }
  protected get attempts(): number {
    return this.#current?.record.attempt ?? 0
  }
  protected report(trouble: FileTransferError): void {
    this.context.register.around.report(trouble)
  }

  /** Begins, or goes on. */
  go(): void {
    if (this.#run !== undefined || this.isOver) return
    this.newRun()
    const run = new AbortController()
    this.#run = run
    this.#pursue(run.signal)
      .catch((error: unknown) => {
        if (!run.signal.aborted) this.#stopFor(localTrouble(error))
      })
      .finally(() => {
        if (this.#run === run) this.#run = undefined
      })
  }

  async resume(): Promise<void> {
    this.#stopped.throwIfAborted()
    if (this.isOver) throw new FileTransferError('wrong-state', this.state)
    if (this.#run !== undefined) return
    this.#note({ paused: false, trouble: undefined })
    const before = this.#current ?? this.#atHand()
    const inner = before?.isOver && before.record.phase !== 'complete' ? undefined : before
    this.#current = inner
    this.#asked.resumed()
    this.show('waiting')
    if (inner !== undefined && !inner.isOver) await inner.resume()
    this.go()
  }

  /** Whoever is asked, from the next attempt on it takes these paths only. @throws JournalFailed */
  goBy(via: PathPolicy): void {
    this.#note({ via })
    const inner = this.#current ?? this.#atHand()
    if (inner !== undefined && !inner.isOver) inner.goBy(via)
  }

  async pause(): Promise<void> {
    this.#stopped.throwIfAborted()
    if (this.isOver || this.record.paused) throw new FileTransferError('wrong-state', this.state)
    this.#note({ paused: true })
    const why = new FileTransferError('paused')
    const inner = this.#halt(why)
    if (inner?.record.phase === 'running') await inner.pause().catch(() => undefined)
    else if (inner !== undefined) await this.#leave(inner)
  }

  async abort(): Promise<void> {
    this.#stopped.throwIfAborted()
    if (this.isOver) throw new FileTransferError('wrong-state', this.state)
    const why = new FileTransferError('aborted')
    this.#note({ phase: 'aborted', trouble: why.code })
    const inner = this.#halt(why, 'aborted')
    if (inner !== undefined && !inner.isOver) await inner.abort()
  }

  /** The plugin stops. */
  close(): void {
    if (!this.isOver) this.#halt(new FileTransferError('stopped'))
  }

  async #pursue(signal: AbortSignal): Promise<void> {
    for (;;) {
      const inner = this.#current ?? (await this.#next(signal))
      this.#current = inner
      const outcome = await watch(
        inner,
        {
          state: (state, why) => this.#mirror(state, why),
          progress: (progress) => this.#follow(inner, progress),
          place: (place) => this.showPlace(place),
          stuck: () => this.#isElsewhere(inner, signal),
          longestWaitMs: () => this.#longestWaitMs(),
        },
        this.context.sourceDeadlineMs,
        signal,
      )
      if (outcome.is === 'left' && this.#awaited !== undefined) this.#asked.again()
      this.#awaits(undefined, outcome.is === 'complete' || (outcome.is === 'ended' && !isSilent(outcome.why)))
      if (outcome.is === 'complete') return this.#complete(inner)
      if (outcome.is === 'ended') {
        const { why } = outcome
        if (this.#asked.ended(askedOf(inner), why, inner.bytesMoved > 0)) throw why
        if (why.code === 'bad-data') this.#distrust(inner.peer)
      }
      const { queuePlace: place } = inner
      this.#asked.tried(askedOf(inner), place === undefined ? 'nothing' : { place })
      this.show('waiting')
      await this.#leave(inner)
      signal.throwIfAborted()
      this.#bytesMoved += inner.bytesMoved
      this.#current = undefined
    }
  }

  /** Who has been answered, and stands still all the same, is in no hurry. */
  #longestWaitMs(): number {
    const { bells, sourceDeadlineMs } = this.context
    return this.#awaited === undefined ? longestMs : bells.longestWaitMs(sourceDeadlineMs)
  }

  /** Asks source after source until one has the request. */
  async #next(signal: AbortSignal): Promise<ReceivingTransfer> {
    for (let rounds = 0; ; ) {
      const origin = this.#asked.originNow()
      const sources = origin === undefined ? await this.#sources(signal) : []
      let source = origin ?? this.#asked.next(sources)
      if (source === undefined) {
        this.show('waiting', new FileTransferError('no-source'))
        const { bells, sourceDeadlineMs } = this.context
        const absent = this.#asked.absent(sources, (peer) => bells.isFree(peer))
        if (absent === undefined) {
          const longest = bells.longestWaitMs(sourceDeadlineMs)
          const waitMs = Math.min(longest, sourceDeadlineMs * 2 ** Math.min(rounds++, 10))
          await bells.wait(waitMs, new Set(sources.map(({ peer }) => peer)), signal)
          this.#asked.again()
          continue
        }
        this.#awaits(absent.peer)
        source = absent
      }
      this.#asked.tried(source)
      try {
        return await this.#ask(source, signal)
      } catch (error) {
        // Where one who is away could not be asked, none of the others is either, this time.
        if (this.#awaited !== undefined) for (const each of sources) this.#asked.tried(each)
        this.#awaits(undefined)
        signal.throwIfAborted()
        const why = localTrouble(error)
        if (suspends(why) || endsIt(why)) throw why
      }
    }
  }

  async #ask(source: Origin | Source, signal: AbortSignal): Promise<ReceivingTransfer> {
    const { register } = this.context
    const { n, pursuit, destination, filesize, via } = this.record
    const { dir: into, onConflict } = destination!
    const named = source.path === undefined ? this.record.filename : lastName(source.path)
    // A source whose name can be no file's name is one like any other.
    const filename = pursuit!.filename ?? (safeName(named).ok ? named : this.record.filename)
    const options: AcceptOptions = { into, onConflict, filename, signal, ...(via && { path: via }) }
    const published = { ...source, root: pursuit!.root, filesize }
    const inner = await draftGet(register, published, options, n)
    this.#current = inner
    // A name that was chosen stays, whoever is asked next.
    this.#note({ peer: source.peer, filename, pursuit: { ...pursuit!, filename } }, 'putSoon')
    try {
      if (!inner.isOver) await inner.propose()
    } catch (error) {
      this.#current = undefined
      throw error
    }
    return inner
  }

  /** Whether somebody else can be asked, while this one stands still. */
  async #isElsewhere(inner: ReceivingTransfer, signal: AbortSignal): Promise<boolean> {
    const nobodyWas = this.#awaited !== undefined
    const hasPlace = inner.queuePlace !== undefined
    return this.#asked.isElse(await this.#sources(signal), askedOf(inner), hasPlace, nobodyWas)
  }

  async #sources(signal: AbortSignal): Promise<readonly Source[]> {
    try {
      return await this.context.sources(this.record.pursuit!.root, signal)
    } catch {
      // Nobody, or the catalogue is away: there is a next time.
      signal.throwIfAborted()
      return []
    }
  }

  /** Ends a request that gave nothing: when this resolves its part file can be taken up. */
  async #leave(inner: ReceivingTransfer): Promise<void> {
    if (!inner.isOver) inner.insist(() => inner.abortFor('user', new FileTransferError('aborted')))
    await inner.whenSaid().catch(() => undefined)
    await inner.part.close()
  }

  #complete(inner: ReceivingTransfer): void {
    const { placed, root, filesize, wasThere } = inner.record
    const file = { placed: placed!, root: root!, filesize: filesize!, ...(wasThere && { wasThere }) }
    // The request is complete, durably: without this note it is found so again.
    this.#note({ phase: 'complete', trouble: undefined, ...file }, 'putSoon')
    this.#bytesMoved += inner.bytesMoved
    this.show('complete')
    this.finish(doneOf(this.record, this.#bytesMoved))
  }

  /** From now on this one is waited for who is away; nobody where it is over, `isThere` because he has shown himself. */
  #awaits(peer: string | undefined, isThere = false): void {
    const { bells } = this.context
    const before = this.#awaited
    this.#awaited = peer
    if (before !== undefined) bells.leave(before, this)
    if (peer !== undefined) bells.stand(peer, this)
    if (before !== undefined && isThere) bells.rang(before)
  }

  /** What the request at hand shows, as far as it is not its end. */
  #mirror(state: TransferState, why: FileTransferError | undefined): void {
    if (this.#awaited !== undefined) {
      if (state === 'proposed' || state === 'waiting') return
      if (state === 'queued' || state === 'linking' || state === 'moving') this.#awaits(undefined, true)
    }
    if (state === 'queued' || state === 'linking' || state === 'proposed' || state === 'waiting') {
      this.show(state, why)
    }
  }

  #follow(inner: ReceivingTransfer, { bytes, resumedFrom, path }: Showing['progress']): void {
    if (inner.state === 'moving' && this.state !== 'moving' && path !== undefined) {
      this.beginMoving(path, bytes)
      this.heldAtBeginning(resumedFrom)
    }
    this.moved(bytes)
  }

  /** The last request, after a restart: one that is complete or can go on. */
  #atHand(): ReceivingTransfer | undefined {
    return this.context.register.lastRequestOf(this.record.n, ({ phase, saying }) => {
      return phase === 'complete' || (!isEnd(phase) && saying?.action !== 'abort')
    })
  }

  /** The request that an earlier process left: looked for once, for showing where it stands. */
  get #fromBefore(): ReceivingTransfer | undefined {
    this.#earlier ??= {
      request: this.isOver ? this.context.register.lastRequestOf(this.record.n) : this.#atHand(),
    }
    return this.#earlier.request
  }

  #distrust(peer: string): void {
    const { pursuit } = this.record
    const liars = [...pursuit!.liars, peer].slice(-mostLiars)
    this.#note({ pursuit: { ...pursuit!, liars } })
  }

  #stopFor(why: FileTransferError): void {
    const end = saysNo(why) ? 'declined' : endsIt(why) ? 'failed' : undefined
    try {
      this.#note(end === undefined ? { paused: true, trouble: why.code } : { phase: end, trouble: why.code })
    } catch (error) {
      this.report(localTrouble(error))
    }
    this.#halt(why, end ?? 'paused')
  }

  /** Nothing goes on. @returns the request at hand */
  #halt(why: FileTransferError, state: TransferState = 'paused'): ReceivingTransfer | undefined {
    this.#run?.abort(why)
    this.#run = undefined
    this.#awaits(undefined)
    this.show(state, why)
    this.stopRun(why)
    return this.#current
  }

  get #stopped(): AbortSignal {
    return this.context.register.around.stopped
  }

  #note(changes: Partial<TransferRecord>, how: 'put' | 'putSoon' = 'put'): void {
    const record = { ...this.record, ...changes }
    this.context.register.around.journal[how](record)
    this.record = record
  }
}

function doneOf({ placed, root, wasThere }: TransferRecord, bytesMoved: number) {
  return { path: placed!, root: root!, bytesMoved, ...(wasThere && { wasThere }) }
}

/** Of whom a request was made, and as what. */
function askedOf({ record: { peer, share, path } }: ReceivingTransfer) {
  return { peer, ...(share !== undefined && { share }), ...(path !== undefined && { path }) }
}
