/**
 * The factory, and what joins the parts: one plugin over one entity.
 *
 * Rules: no global state, nothing printed; it takes nothing away from other handlers on the same entity; an own proposal is
 * journaled before it is said.
 */

import { EventEmitter } from 'node:events'
import { openPart, type PartFile } from '../bytes/index.js'
import { parseJid } from '../schemas/index.js'
import type { XmppEntity } from '../wire/index.js'
import type {
  FileTransfer,
  FileTransferEvents,
  FileTransferOptions,
  Offer,
  RequestOptions,
  SendOptions,
  Transfer,
} from './api.js'
import { newOfferId } from './chance.js'
import { deviceIdentity } from './device.js'
import { FileTransferError } from './errors.js'
import { Journal } from './journal/journal.js'
import { isEnd, type TransferRecord } from './journal/record.js'
import { hear } from './mediator/ear.js'
import { Mouth } from './mediator/mouth.js'
import { Session } from './mediator/session.js'
import { readOptions, type Settings } from './options.js'
import { IncomingCounter } from './proposal/counter-offer.js'
import { demandRoom, destinationFor, leftover } from './proposal/destination.js'
import { type AnyTransfer, type FileFacts, incoming, type Register } from './proposal/incoming.js'
import { IncomingOffer } from './proposal/incoming-offer.js'
import { IncomingRequest } from './proposal/incoming-request.js'
import { sourceFile } from './proposal/source-file.js'
import { fromHex } from './transfer/hex.js'
import { localTrouble } from './transfer/local-trouble.js'
import { markOf, ReceivingTransfer } from './transfer/receiving.js'
import { type OpeningWords, SendingTransfer } from './transfer/sending.js'
import type { Surroundings } from './transfer/surroundings.js'
import { Turns } from './transfer/turns.js'

/**
 * Adds file transfer to an entity of `@xmpp/client`, as `createClientEntity` gives it or as you made it.
 * @throws FileTransferError `state-in-use` when another process holds the state folder, `state-unusable`, `bad-option`
 */
export function fileTransfer(entity: XmppEntity, options: FileTransferOptions): FileTransfer {
  return new Plugin(entity, readOptions(options))
}

/** Transfers that ended are kept in memory up to this number. */
const endedKept = 1_000

class Plugin extends EventEmitter<FileTransferEvents> implements FileTransfer, Register {
  readonly device: Promise<string>
  readonly ready: Promise<void>
  readonly #around: Surroundings
  readonly #journal: Journal
  readonly #session: Session
  readonly #unhear: () => void
  readonly #transfers = new Map<number, AnyTransfer>()
  readonly #bySid = new Map<string, AnyTransfer>()
  readonly #byOwnId = new Map<string, AnyTransfer>()
  readonly #offers = new Map<number, IncomingOffer>()
  readonly #requests = new Map<number, IncomingRequest>()
  /** How an own request wants what it gets; for a counter-offer. */
  readonly #wishes = new Map<number, RequestOptions>()
  #settleReady!: { resolve: () => void; reject: (why: FileTransferError) => void }
  #stopping: Promise<void> | undefined

  constructor(
    entity: XmppEntity,
    readonly settings: Settings,
  ) {
    super({ captureRejections: true })
    this.#journal = new Journal(settings.state)
    const identity = deviceIdentity(settings.state)
    this.device = identity.then(({ id }) => id)
    this.ready = new Promise((resolve, reject) => {
      this.#settleReady = { resolve, reject }
    })
    for (const unwatched of [identity, this.device, this.ready]) unwatched.catch(() => undefined)
    const { component, answerDeadlineMs, maxRunning } = settings
    this.#session = new Session(
      entity,
      component,
      { in: () => this.#loggedIn(), out: (why) => this.#loggedOut(why) },
      (bare) => this.#journal.accountIs(bare),
    )
    this.#around = {
      settings,
      journal: this.#journal,
      mouth: new Mouth(entity, this.#session, component, answerDeadlineMs),
      identity,
      turns: { sending: new Turns(maxRunning), receiving: new Turns(maxRunning) },
      report: (trouble) => this.#tell('trouble', trouble),
    }
    for (const record of this.#journal.unfinished()) this.#enter(record)
    this.#unhear = hear(entity, component, incoming(this))
    identity.then(
      ({ id }) => this.#session.start(id),
      (error: FileTransferError) => this.#settleReady.reject(error),
    )
  }

  get isReady(): boolean {
    return this.#session.isIn
  }

  async send(peer: string, paths: string[], options: SendOptions = {}): Promise<Transfer> {
    this.#demandRunning()
    const to = addressed(peer)
    if (paths.length !== 1) throw new FileTransferError('one-file-only')
    const { description, device, signal } = options
    const file = await sourceFile(paths[0]!, options)
    if (signal?.aborted || this.#stopping !== undefined) {
      file.source.close()
      throw new FileTransferError(signal?.aborted ? 'cancelled' : 'stopped')
    }
    const transfer = this.add({
      ...ownProposal('sending', to, description, device),
      filename: file.filename,
      filesize: file.filesize,
      source: file.mark,
      saying: { action: 'offer' },
      ...(file.root && { root: file.root }),
    }) as SendingTransfer
    transfer.keep(file.source)
    return this.#propose(transfer, signal)
  }

  async request(peer: string, filename: string, options: RequestOptions): Promise<Transfer> {
    this.#demandRunning()
    const to = addressed(peer)
    const { description, device, signal } = options
    const destination = await destinationFor(filename, options).catch((error: unknown) => {
      throw localTrouble(error)
    })
    if (signal?.aborted) throw new FileTransferError('cancelled')
    const held = await this.#held(to.bare, filename, destination.dir, signal)
    const transfer = this.add({
      ...ownProposal('receiving', to, description, device),
      filename,
      destination,
      saying: { action: 'request' },
      ...held?.known,
    }) as ReceivingTransfer
    if (held !== undefined) transfer.hold(held.part)
    this.#wishes.set(transfer.record.n, options)
    transfer.onConflict = options.onConflict ?? 'rename'
    return this.#propose(transfer, signal)
  }

  transfers(): Transfer[] {
    return [...this.#transfers.values()].filter(isVisible)
  }

  transfer(key: string): Transfer | undefined {
    return this.#bySid.get(key) ?? this.#byOwnId.get(key)
  }

  offers(): Offer[] {
    return [...this.#offers.values()].filter(({ transfer }) => isOpen(transfer.record))
  }

  async resume(key?: string): Promise<Transfer[]> {
    this.#demandRunning()
    const chosen = key === undefined ? [...this.#transfers.values()] : [this.#named(key)]
    const resumed: Transfer[] = []
    for (const transfer of chosen) {
      const { record } = transfer
      if (isEnd(record.phase)) continue
      if (isOpen(record)) {
        if (transfer instanceof ReceivingTransfer) this.showOffer(transfer)
        else this.showRequest(transfer)
        continue
      }
      if (record.phase === 'countered' && transfer instanceof ReceivingTransfer) this.showCounter(transfer)
      await transfer.resume().catch((error) => this.#around.report(localTrouble(error)))
      resumed.push(transfer)
      this.#tell('transfer', transfer)
    }
    return resumed
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop()
    return this.#stopping
  }

  async #stop(): Promise<void> {
    const stopped = new FileTransferError('stopped')
    this.#settleReady.reject(stopped)
    this.#unhear()
    const closed = [...this.#transfers.values()].map((transfer) => transfer.close())
    await Promise.allSettled(closed)
    await this.#session.stop()
    this.#journal.close()
  }

  // Register: what the handlers of incoming words need.

  bySid(sid: string): AnyTransfer | undefined {
    return this.#bySid.get(sid) ?? this.#remembered(this.#journal.bySid(sid))
  }

  byOwnId(id: string): AnyTransfer | undefined {
    return this.#byOwnId.get(id) ?? this.#remembered(this.#journal.byOwnId(id))
  }

  add(record: Omit<TransferRecord, 'n'>): AnyTransfer {
    return this.#enter(this.#journal.add(record))
  }

  named(transfer: AnyTransfer): void {
    this.#bySid.set(transfer.record.sid!, transfer)
  }

  showOffer(transfer: ReceivingTransfer): void {
    const { n } = transfer.record
    const waiting = [...this.#offers.values()].filter((offer) => isOpen(offer.transfer.record))
    if (waiting.length >= this.settings.maxPendingOffers) {
      transfer.put({ action: 'decline', block: false, reason: 'policy' })
      return
    }
    const offer = new IncomingOffer(transfer, () => {
      this.#offers.delete(n)
      this.#tell('transfer', transfer)
    })
    this.#offers.set(n, offer)
    this.#tell('offer', offer)
  }

  showRequest(transfer: SendingTransfer): void {
    const { n } = transfer.record
    const waiting = [...this.#requests.values()].filter((request) => isOpen(request.transfer.record))
    const nobody = this.listenerCount('request') === 0
    if (nobody || waiting.length >= this.settings.maxPendingOffers) {
      transfer.put({ action: 'decline', block: false, reason: 'policy' })
      return
    }
    const request = new IncomingRequest(transfer, () => {
      this.#requests.delete(n)
      this.#tell('transfer', transfer)
    })
    this.#requests.set(n, request)
    this.#tell('request', request)
  }

  showCounter(transfer: ReceivingTransfer): void {
    const { n, destination } = transfer.record
    const options = this.#wishes.get(n) ?? {
      into: destination!.dir,
      filename: destination!.filename,
      onConflict: destination!.onConflict,
    }
    const counter = new IncomingCounter(transfer, options)
    transfer.show('countered')
    if (transfer.listenerCount('counter') > 0) transfer.showCounter(counter)
    else counter.block().catch(() => undefined)
  }

  acceptedRequest(transfer: ReceivingTransfer, words: OpeningWords & { file: FileFacts }): void {
    const { file, ...opening } = words
    const { asked, root } = transfer.record
    const other =
      (asked?.filesize !== undefined && asked.filesize !== file.filesize) ||
      (asked?.root !== undefined && file.root !== undefined && asked.root !== file.root)
    if (other) {
      transfer.abortFor('bad-data', new FileTransferError('bad-data', 'another file than the one asked for'))
      return
    }
    const known = file.root ?? root
    const changes = { filesize: file.filesize, ...(known && { root: known }) }
    // Recorded as accepted at once; whether there is room is looked at before an address is said.
    transfer.answerFirst(opening, changes, (dir, heldBytes) =>
      demandRoom(dir, file.filesize, heldBytes, this.settings),
    )
  }

  /** What is held of a file from a transfer that ended: opened, which hashes it. */
  async #held(peer: string, filename: string, dir: string, signal: AbortSignal | undefined) {
    const left = leftover(this.#journal, { peer, filename }, dir)
    if (left === undefined) return undefined
    const { filesize, root } = left.record
    let part: PartFile
    try {
      part = await openPart({
        dir,
        transfer: {
          sid: newOfferId(),
          peer,
          filename,
          filesize: filesize!,
          ...(root && { root: fromHex(root) }),
        },
        existing: left.part.path,
        ...(signal && { signal }),
      })
    } catch {
      // What cannot be used is as good as absent.
      return undefined
    }
    this.#journal.put({ ...left.record, part: undefined })
    const asked = { filesize: filesize!, filebytesdone: part.heldBytes, ...(root && { root }) }
    return { part, known: { filesize: filesize!, asked, part: markOf(part), ...(root && { root }) } }
  }

  /** Says an own proposal, and follows the signal from then on. */
  async #propose<T extends AnyTransfer>(transfer: T, signal: AbortSignal | undefined): Promise<T> {
    this.#tell('transfer', transfer)
    const cancel = () => {
      if (!transfer.isOver) transfer.abortFor('user', new FileTransferError('aborted'))
    }
    signal?.addEventListener('abort', cancel, { once: true })
    transfer.finished.catch(() => undefined).finally(() => signal?.removeEventListener('abort', cancel))
    const cancelled = new Promise<never>((_, reject) => {
      signal?.addEventListener('abort', () => reject(new FileTransferError('cancelled')), { once: true })
    })
    const ended = transfer.finished.then(
      () => undefined,
      (error) => {
        throw error
      },
    )
    await Promise.race([transfer.propose(), ended, cancelled])
    return transfer
  }

  #enter(record: TransferRecord): AnyTransfer {
    const transfer =
      record.direction === 'sending'
        ? new SendingTransfer(this.#around, record)
        : new ReceivingTransfer(this.#around, record)
    this.#transfers.set(record.n, transfer)
    if (record.sid !== undefined) this.#bySid.set(record.sid, transfer)
    if (record.authored) this.#byOwnId.set(record.id, transfer)
    this.#forgetSome()
    return transfer
  }

  /** One that ended and is not in memory any more: enough to answer for it. */
  #remembered(record: TransferRecord | undefined): AnyTransfer | undefined {
    return record === undefined ? undefined : this.#enter(record)
  }

  #forgetSome(): void {
    if (this.#transfers.size <= 2 * endedKept) return
    const ended = [...this.#transfers.values()].filter(({ isOver }) => isOver)
    for (const { record } of ended.slice(0, -endedKept)) {
      if (record.saying !== undefined) continue
      this.#transfers.delete(record.n)
      this.#offers.delete(record.n)
      this.#requests.delete(record.n)
      this.#wishes.delete(record.n)
      if (record.sid !== undefined) this.#bySid.delete(record.sid)
      if (record.authored) this.#byOwnId.delete(record.id)
    }
  }

  #named(key: string): AnyTransfer {
    const found = this.#bySid.get(key) ?? this.#byOwnId.get(key)
    if (found === undefined) throw new FileTransferError('unknown-transfer', key)
    return found
  }

  #loggedIn(): void {
    this.#settleReady.resolve()
    for (const transfer of this.#transfers.values()) transfer.wake()
    this.#tell('ready')
  }

  #loggedOut(why: FileTransferError): void {
    if (this.#stopping !== undefined) return
    if (why.code === 'component-unknown' || why.code === 'state-of-another-account') {
      this.#settleReady.reject(why)
    }
    this.#tell('away', why)
  }

  #demandRunning(): void {
    if (this.#stopping !== undefined) throw new FileTransferError('stopped')
  }

  /** Emits; a listener's fault is reported and goes no further. */
  #tell<E extends keyof FileTransferEvents>(event: E, ...what: FileTransferEvents[E]): void {
    try {
      ;(this.emit as (event: E, ...what: FileTransferEvents[E]) => boolean).call(this, event, ...what)
    } catch (error) {
      if (event !== 'trouble') this.#around.report(listenerFault(error))
    }
  }

  /** An async listener that rejects: Node gives it here, since `captureRejections` is set. */
  [Symbol.for('nodejs.rejection') as never](error: unknown): void {
    this.#tell('trouble', error instanceof FileTransferError ? error : listenerFault(error))
  }
}

function listenerFault(error: unknown): FileTransferError {
  return new FileTransferError('internal', 'a listener threw', { cause: error })
}

/** A proposal of somebody else that waits for an answer of ours. */
function isOpen(record: TransferRecord): boolean {
  return !record.authored && record.phase === 'proposed' && record.saying === undefined
}

/** What is only an unanswered proposal is shown as an offer or request, not as a transfer. */
function isVisible({ record }: AnyTransfer): boolean {
  return record.authored || record.phase !== 'proposed'
}

function addressed(peer: string): { bare: string; full: string } {
  const jid = parseJid(peer)
  if (jid?.local === undefined) throw new FileTransferError('bad-peer', undefined)
  return { bare: jid.bare, full: jid.full }
}

function ownProposal(
  direction: 'sending' | 'receiving',
  to: { bare: string; full: string },
  description: string | undefined,
  device: string | undefined,
) {
  return {
    id: newOfferId(),
    authored: true,
    direction,
    peer: to.bare,
    to: to.full,
    ...(description !== undefined && { description }),
    ...(device !== undefined && { onlyDevice: device }),
    phase: 'proposed' as const,
    attempt: 0,
    created: Date.now(),
  }
}
