/**
 * The factory, and the calls of one plugin over one entity; what they are carried out by is joined in rooms.ts.
 *
 * Rules: no global state, nothing printed; other handlers on the same entity lose nothing; listeners that fail harm nobody.
 */

import type { XmppEntity } from '../wire/index.js'
import type {
  AgainOptions,
  CatalogueClient,
  ChosenPaths,
  DiagnoseOptions,
  FileTransfer,
  FileTransferEvents,
  FileTransferOptions,
  Finding,
  GetOptions,
  LeftOvers,
  Offer,
  OffersFrom,
  RequestOptions,
  ResumeOptions,
  SendOptions,
  Shares,
  Transfer,
  TrustedDevices,
  Wanted,
} from './api.js'
import { CarefulEmitter } from './careful-emitter.js'
import { FileTransferError } from './errors.js'
import { again } from './getting/again.js'
import { type GetAround, get, unfinished } from './getting/get.js'
import { OwnLeftOvers } from './leftovers.js'
import { readOptions, type Settings } from './options.js'
import { type Beginning, draftOffer, draftRequest, propose } from './proposal/own.js'
import { type Resuming, resumeAll } from './resuming.js'
import { Rooms } from './rooms.js'
import type { AnyTransfer } from './transfer/kinds.js'
import { TransferList } from './transfer-list.js'

/**
 * Adds file transfer to an entity of `@xmpp/client`, as `createClientEntity` gives it or as you made it. You start and stop the entity.
 * @throws FileTransferError `state-in-use` when another process holds the state folder, `state-unusable`, `state-newer`, `bad-option`
 */
export function fileTransfer(entity: XmppEntity, options: FileTransferOptions): FileTransfer {
  return new Plugin(entity, readOptions(options))
}

class Plugin extends CarefulEmitter<FileTransferEvents> implements FileTransfer {
  readonly device: Promise<string>
  readonly ready: Promise<void>
  readonly shares: Shares
  readonly catalogue: CatalogueClient
  readonly trust: TrustedDevices
  readonly paths: ChosenPaths
  readonly left: LeftOvers
  readonly #rooms: Rooms
  readonly #transfers: TransferList
  #stopping: Promise<void> | undefined

  constructor(entity: XmppEntity, settings: Settings) {
    super()
    this.#rooms = new Rooms(entity, settings, {
      tell: (event, ...what) => this.tell(event, ...what),
      report: (trouble) => this.report(trouble),
      answersRequests: () => this.listenerCount('request') > 0,
    })
    const { device, ready, shares, catalogue, trust, chosen, register, gettings } = this.#rooms
    this.device = device
    this.ready = ready
    this.shares = shares
    this.catalogue = catalogue
    this.trust = trust
    this.paths = chosen
    this.left = new OwnLeftOvers(register)
    this.#transfers = new TransferList(register, gettings)
  }

  get isReady(): boolean {
    return this.#rooms.session.isIn
  }

  async send(peer: string, paths: string[], options: SendOptions = {}): Promise<Transfer> {
    this.#demandRunning()
    const transfer = await draftOffer(this.#rooms.register, peer, paths, options)
    await this.#propose(transfer, options)
    this.#rooms.people.messages.watch(transfer)
    return transfer
  }

  async request(peer: string, filename: string, options: RequestOptions): Promise<Transfer> {
    this.#demandRunning()
    const wanted = { peer, name: filename, device: options.device }
    const before = await unfinished(this.#hands, wanted, options)
    if (before !== undefined) return before
    const transfer = await draftRequest(this.#rooms.register, peer, filename, options)
    this.#rooms.front.wish(transfer, options)
    return this.#propose(transfer, options)
  }

  async get(wanted: Wanted, options: GetOptions): Promise<Transfer> {
    this.#demandRunning()
    return get(this.#hands, wanted, options)
  }

  async again(key: string, options: AgainOptions = {}): Promise<Transfer> {
    this.#demandRunning()
    return again({ ...this.#hands, files: this }, key, options)
  }

  ended(most = 100): Transfer[] {
    return this.#transfers.ended(most)
  }

  transfers(): Transfer[] {
    return this.#transfers.all()
  }

  transfer(key: string): Transfer | undefined {
    return this.#transfers.named(key)
  }

  offers(): Offer[] {
    return this.#rooms.front.offers()
  }

  admit(from: OffersFrom): () => void {
    const stop = this.#rooms.people.welcome.admit(from)
    this.#rooms.front.lookAgain()
    return stop
  }

  async resume(key?: string, options: ResumeOptions = {}): Promise<Transfer[]> {
    this.#demandRunning()
    return resumeAll(this.#hands, key, options)
  }

  async diagnose(options?: DiagnoseOptions): Promise<Finding[]> {
    this.#demandRunning()
    const { entity, settings, lists, paths, session } = this.#rooms
    // Whoever is asked once in a while is not in memory for every transfer.
    const { diagnose } = await import('./diagnosis/diagnose.js')
    const { mapper } = paths
    return diagnose({ entity, settings, lists, mapper, isIn: () => session.isIn }, options)
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#rooms.stop()
    return this.#stopping
  }

  /** For what is done with transfers outside of here. */
  get #hands(): GetAround & Resuming {
    const { register, gettings, front } = this.#rooms
    return {
      register,
      gettings,
      front,
      propose: (transfer, options) => this.#propose(transfer, options),
      resume: (key, options) => this.resume(key, options),
      tell: (transfer) => this.tell('transfer', transfer),
      report: (trouble) => this.report(trouble),
    }
  }

  #propose(transfer: AnyTransfer, options: Beginning): Promise<Transfer> {
    this.tell('transfer', transfer)
    return propose(transfer, options)
  }

  #demandRunning(): void {
    if (this.#rooms.areStopped) throw new FileTransferError('stopped')
  }

  protected report(trouble: FileTransferError): void {
    this.tell('trouble', trouble)
  }

  protected override faultOf(event: keyof FileTransferEvents, fault: FileTransferError): void {
    // Who cannot hear of trouble is not told of that, too.
    if (event !== 'trouble') this.report(fault)
  }
}
