/**
 * The factory, and what joins the parts: one plugin over one entity.
 *
 * Rules: no global state, nothing printed; other handlers on the same entity lose nothing; listeners that fail harm nobody.
 */

import type { XmppEntity } from '../wire/index.js'
import type {
  AcceptOptions,
  AgainOptions,
  DiagnoseOptions,
  FileTransfer,
  FileTransferEvents,
  FileTransferOptions,
  Finding,
  Offer,
  OffersFrom,
  RequestOptions,
  ResumeOptions,
  SendOptions,
  Transfer,
  Wanted,
} from './api.js'
import { CarefulEmitter } from './careful-emitter.js'
import { Asking } from './catalogue/asking.js'
import { Blocks } from './catalogue/blocks.js'
import { Catalogue } from './catalogue/client.js'
import { People } from './contacts/people.js'
import { deviceIdentity } from './device.js'
import { FileTransferError } from './errors.js'
import { again } from './getting/again.js'
import { Bells } from './getting/bells.js'
import { type GetAround, get, unfinished } from './getting/get.js'
import { Gettings } from './getting/gettings.js'
import { sourcesOf } from './getting/sources-of.js'
import { Journal } from './journal/journal.js'
import { OwnLeftOvers } from './leftovers.js'
import { hear } from './mediator/ear.js'
import { hopeless } from './mediator/hopeless.js'
import { Mouth } from './mediator/mouth.js'
import { Session } from './mediator/session.js'
import { readOptions, type Settings } from './options.js'
import { Chosen } from './paths/chosen.js'
import { NetworkWatch } from './paths/network-watch.js'
import { newPaths } from './paths/new-paths.js'
import type { Paths } from './paths/paths.js'
import { Front, isUnanswered } from './proposal/front.js'
import { type AnyTransfer, incoming } from './proposal/incoming.js'
import { type Beginning, draftOffer, draftRequest, propose } from './proposal/own.js'
import { Register } from './register.js'
import { type Resuming, resumeAll } from './resuming.js'
import { SentBefore } from './serving/sent-before.js'
import { Uploads } from './serving/uploads.js'
import { ListOffers } from './share/offer-list.js'
import { SharedFolders } from './share/shares.js'
import { DialBudget } from './transfer/dial-budget.js'
import { localTrouble } from './transfer/local-trouble.js'
import { SendingTransfer } from './transfer/sending.js'
import { Turns } from './transfer/turns.js'
import { TransferList } from './transfer-list.js'
import { DeviceBook } from './trust/device-book.js'
import { Trust } from './trust/trust.js'

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
  readonly shares: SharedFolders
  readonly catalogue: Catalogue
  readonly trust: Trust
  readonly paths: Chosen
  readonly left: OwnLeftOvers
  readonly #stopped = new AbortController()
  readonly #journal: Journal
  readonly #devices: DeviceBook
  readonly #paths: Paths
  readonly #network: NetworkWatch
  readonly #session: Session
  readonly #settings: Settings
  readonly #register: Register
  readonly #front: Front
  readonly #people: People
  readonly #uploads: Uploads
  readonly #gettings: Gettings
  readonly #transfers: TransferList
  readonly #blocks: Blocks
  /** Whole lists of shares, on their way to the component. */
  readonly #lists: ListOffers
  readonly #unhear: () => void
  #settleReady!: { resolve: () => void; reject: (why: FileTransferError) => void }
  #stopping: Promise<void> | undefined

  constructor(entity: XmppEntity, settings: Settings) {
    super()
    this.#settings = settings
    this.#journal = new Journal(settings.state)
    try {
      this.#devices = new DeviceBook(settings.state)
    } catch (error) {
      this.#journal.close()
      throw error
    }
    const identity = deviceIdentity(settings.state)
    this.device = identity.then(({ id }) => id)
    this.ready = new Promise((resolve, reject) => {
      this.#settleReady = { resolve, reject }
    })
    for (const unwatched of [identity, this.device, this.ready]) unwatched.catch(() => undefined)
    const { component, answerDeadlineMs, maxRunning, maxPendingOffers } = settings
    this.#session = new Session(
      entity,
      component,
      {
        in: () => this.#loggedIn(),
        out: (why) => this.#loggedOut(why),
        beat: () => this.#register.wakeAll(),
        anew: () => this.#lists.askAgain(),
      },
      (bare) => this.#journal.accountIs(bare),
    )
    const mouth = new Mouth(entity, this.#session, component, answerDeadlineMs)
    this.#uploads = new Uploads({
      all: settings.maxUploads,
      perPeer: settings.maxUploadsPerPeer,
      shelf: () => this.shares.shelf,
      sayPlace: ({ record }, place) =>
        mouth.mention({ action: 'queued', value: { sid: record.sid!, place } }),
      accepted: (transfer) => this.tell('transfer', transfer),
      report: (trouble) => this.report(trouble),
    })
    this.trust = new Trust({
      book: this.#devices,
      policy: settings.trust,
      self: () => entity.jid?.bare().toString(),
      own: this.device,
      transfers: () => this.#register.bound(),
      isForAll: (share) => this.shares.shelf.isForAll(share),
      asked: (question) => this.tell('device', question),
      mayGoOn: () => entity.status !== 'offline',
      resumed: (transfer) => this.tell('transfer', transfer),
      report: (error) => this.report(localTrouble(error)),
    })
    this.paths = new Chosen(this.#devices)
    this.#paths = newPaths(entity, settings, this.paths)
    this.#network = new NetworkWatch(entity, { changed: () => this.#networkChanged() })
    const around = {
      settings,
      paths: this.#paths,
      network: this.#network,
      journal: this.#journal,
      mouth,
      uploads: this.#uploads,
      trust: this.trust,
      identity,
      turns: { sending: new Turns(maxRunning), receiving: new Turns(maxRunning) },
      dialBudget: new DialBudget(),
      report: (trouble: FileTransferError) => this.report(trouble),
    }
    const fault = (error: unknown) => this.report(localTrouble(error))
    this.#people = new People({
      entity,
      settings,
      journal: this.#journal,
      stopped: this.#stopped.signal,
      changed: () => this.#front.lookAgain(),
      blocksChanged: () => this.#blocksChanged(),
      fault,
    })
    const sentBefore = new SentBefore({
      journal: this.#journal,
      accepted: (transfer) => this.tell('transfer', transfer),
      notThere: (transfer) => this.#front.showRequest(transfer),
      fault,
    })
    this.#front = new Front(
      {
        offer: (offer) => this.tell('offer', offer),
        request: (request) => this.tell('request', request),
        sentBefore: (transfer) => sentBefore.takes(transfer),
        shared: (transfer) => this.#uploads.take(transfer),
        accepted: (transfer) => this.tell('transfer', transfer),
        answersRequests: () => this.listenerCount('request') > 0,
      },
      this.#people.welcome,
      maxPendingOffers,
    )
    try {
      this.#register = new Register(around, (n) => this.#front.forget(n))
      this.left = new OwnLeftOvers(this.#register)
      this.#lists = new ListOffers(around)
      const heard = this.#lists.before(incoming(this.#register, this.#front))
      this.#unhear = hear(entity, component, heard, (error) => around.report(localTrouble(error)))
      const asking = new Asking(entity, this.#session, component, answerDeadlineMs, this.#stopped.signal)
      this.catalogue = new Catalogue(asking, around.report)
      this.#blocks = new Blocks(asking, {
        list: () => this.#people.blocked.list,
        journal: this.#journal,
        report: around.report,
      })
      this.shares = new SharedFolders({
        asking,
        settings,
        lists: this.#lists,
        blocks: this.#blocks,
        report: around.report,
        changed: () => this.#uploads.sharesChanged(),
      })
      const context = {
        register: this.#register,
        sources: (root: string, signal: AbortSignal) => sourcesOf(this.catalogue, root, signal),
        sourceDeadlineMs: settings.sourceDeadlineMs,
        bells: new Bells(),
      }
      this.#gettings = new Gettings(context, this.#stopped.signal)
      this.#transfers = new TransferList(this.#register, this.#gettings)
    } catch (error) {
      this.#journal.close()
      this.#devices.close()
      if (error instanceof FileTransferError) throw error
      throw new FileTransferError('bad-option', 'entity: it has file transfer already', { cause: error })
    }
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
    const transfer = await draftOffer(this.#register, peer, paths, options)
    await this.#propose(transfer, options)
    this.#people.messages.watch(transfer)
    return transfer
  }

  async request(peer: string, filename: string, options: RequestOptions): Promise<Transfer> {
    this.#demandRunning()
    const wanted = { peer, name: filename, device: options.device }
    const before = await unfinished(this.#hands, wanted, options)
    if (before !== undefined) return before
    const transfer = await draftRequest(this.#register, peer, filename, options)
    this.#front.wish(transfer, options)
    return this.#propose(transfer, options)
  }

  async get(wanted: Wanted, options: AcceptOptions): Promise<Transfer> {
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
    return this.#front.offers()
  }

  admit(from: OffersFrom): () => void {
    const stop = this.#people.welcome.admit(from)
    this.#front.lookAgain()
    return stop
  }

  async resume(key?: string, options: ResumeOptions = {}): Promise<Transfer[]> {
    this.#demandRunning()
    return resumeAll(this.#hands, key, options)
  }

  async diagnose(options?: DiagnoseOptions): Promise<Finding[]> {
    this.#demandRunning()
    const { entity, mapper } = this.#paths
    // Whoever is asked once in a while is not in memory for every transfer.
    const { diagnose } = await import('./diagnosis/diagnose.js')
    const lists = this.#lists
    return diagnose(
      { entity, settings: this.#settings, lists, mapper, isIn: () => this.#session.isIn },
      options,
    )
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop()
    return this.#stopping
  }

  async #stop(): Promise<void> {
    this.#settleReady.reject(new FileTransferError('stopped'))
    this.#stopped.abort(new FileTransferError('stopped'))
    this.#people.messages.stop()
    this.#unhear()
    this.#lists.stop()
    this.catalogue.close()
    this.#uploads.stop()
    this.#gettings.close()
    await Promise.allSettled(this.#register.all().map((transfer) => transfer.close()))
    await this.shares.stop()
    this.#network.stop()
    await this.#paths.stop()
    await this.#session.stop()
    this.#devices.close()
    this.#journal.close()
  }

  /** For what is done with transfers outside of here. */
  get #hands(): GetAround & Resuming {
    return {
      register: this.#register,
      gettings: this.#gettings,
      front: this.#front,
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

  #loggedIn(): void {
    this.#settleReady.resolve()
    this.#paths.loggedIn()
    this.#network.loggedIn()
    this.#register.wakeAll()
    for (const transfer of this.#register.all()) {
      this.#people.messages.watch(transfer)
      // What asks for something shared is answered without anybody's resuming it.
      if (!(transfer instanceof SendingTransfer) || transfer.record.share === undefined) continue
      if (isUnanswered(transfer.record)) this.#front.showRequest(transfer)
    }
    this.#uploads.tellAgain()
    this.shares.loggedIn()
    this.shares.blocksChanged()
    this.tell('ready')
  }

  #networkChanged(): void {
    this.#paths.networkChanged()
    for (const transfer of this.#register.bound()) transfer.networkChanged()
  }

  #blocksChanged(): void {
    this.#blocks.changed()
    this.shares.blocksChanged()
  }

  #loggedOut(why: FileTransferError): void {
    if (this.#stopping !== undefined) return
    this.#lists.lost()
    this.shares.loggedOut()
    if (hopeless.has(why.code)) this.#settleReady.reject(why)
    this.tell('away', why)
  }

  #demandRunning(): void {
    if (this.#stopping !== undefined) throw new FileTransferError('stopped')
  }

  protected report(trouble: FileTransferError): void {
    this.tell('trouble', trouble)
  }

  protected override faultOf(event: keyof FileTransferEvents, fault: FileTransferError): void {
    // Who cannot hear of trouble is not told of that, too.
    if (event !== 'trouble') this.report(fault)
  }
}
