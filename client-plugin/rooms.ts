/**
 * The rooms of one plugin over one entity, joined: who needs whom, what follows from a login and from its loss, and in which order all
 * of it ends.
 */

import type { DeviceIdentity } from '../link/index.js'
import type { XmppEntity } from '../wire/index.js'
import type { FileTransferEvents } from './api.js'
import { Asking } from './catalogue/asking.js'
import { Blocks } from './catalogue/blocks.js'
import { Catalogue } from './catalogue/client.js'
import { People } from './contacts/people.js'
import { deviceIdentity } from './device.js'
import { FileTransferError } from './errors.js'
import { Bells } from './getting/bells.js'
import { Gettings } from './getting/gettings.js'
import { sourcesOf } from './getting/sources-of.js'
import { Journal } from './journal/journal.js'
import { type Heard, hear } from './mediator/ear.js'
import { hopeless } from './mediator/hopeless.js'
import { Mouth } from './mediator/mouth.js'
import { Session } from './mediator/session.js'
import type { Settings } from './options.js'
import { Chosen } from './paths/chosen.js'
import { NetworkWatch } from './paths/network-watch.js'
import { newPaths } from './paths/new-paths.js'
import type { Paths } from './paths/paths.js'
import { Front, isUnanswered } from './proposal/front.js'
import { incoming } from './proposal/incoming.js'
import { Register } from './register.js'
import { SentBefore } from './serving/sent-before.js'
import { Uploads } from './serving/uploads.js'
import { ListOffers } from './share/offer-list.js'
import { SharedFolders } from './share/shares.js'
import { DialBudget } from './transfer/dial-budget.js'
import { localTrouble } from './transfer/local-trouble.js'
import { SendingTransfer } from './transfer/sending.js'
import { Turns } from './transfer/turns.js'
import { DeviceBook } from './trust/device-book.js'
import { Trust } from './trust/trust.js'

export interface RoomsEvents {
  tell<E extends keyof FileTransferEvents>(event: E, ...what: FileTransferEvents[E]): void
  report(trouble: FileTransferError): void
  /** Whether somebody answers requests. */
  answersRequests(): boolean
}

export class Rooms {
  readonly device: Promise<string>
  readonly ready: Promise<void>
  readonly journal: Journal
  readonly session: Session
  readonly trust: Trust
  /** The paths that were chosen for single people, and all that there are. */
  readonly chosen: Chosen
  readonly paths: Paths
  readonly people: People
  readonly front: Front
  readonly register: Register
  /** Whole lists of shares, on their way to the component. */
  readonly lists: ListOffers
  readonly catalogue: Catalogue
  readonly shares: SharedFolders
  readonly gettings: Gettings
  readonly #stopped = new AbortController()
  readonly #devices: DeviceBook
  readonly #network: NetworkWatch
  readonly #uploads: Uploads
  readonly #blocks: Blocks
  readonly #identity: Promise<DeviceIdentity>
  readonly #unhear: () => void
  #settleReady!: { resolve: () => void; reject: (why: FileTransferError) => void }

  /** Where it throws, nothing is left of what was begun. @throws FileTransferError as `fileTransfer` */
  constructor(
    readonly entity: XmppEntity,
    readonly settings: Settings,
    readonly events: RoomsEvents,
  ) {
    const { component, answerDeadlineMs, maxRunning, maxPendingOffers } = settings
    const report = (trouble: FileTransferError) => events.report(trouble)
    const fault = (error: unknown) => report(localTrouble(error))
    const { signal: stopped } = this.#stopped
    const undo: (() => void)[] = []
    try {
      // First of all, since an entity has it once: nothing else begins where that is taken.
      let heard: Heard | undefined
      this.#unhear = earOf(entity, component, () => heard!, fault)
      undo.push(this.#unhear)
      this.journal = new Journal(settings.state)
      undo.push(() => this.journal.close())
      this.#devices = new DeviceBook(settings.state)
      undo.push(() => this.#devices.close())
      const identity = deviceIdentity(settings.state)
      this.#identity = identity
      this.device = identity.then(({ id }) => id)
      this.ready = new Promise((resolve, reject) => {
        this.#settleReady = { resolve, reject }
      })
      for (const unwatched of [identity, this.device, this.ready]) unwatched.catch(() => undefined)
      this.session = new Session(
        entity,
        component,
        {
          in: () => this.#loggedIn(),
          out: (why) => this.#loggedOut(why),
          beat: () => this.register.wakeAll(),
          anew: () => this.lists.askAgain(),
        },
        (bare) => this.journal.accountIs(bare),
      )
      const mouth = new Mouth(entity, this.session, component, answerDeadlineMs)
      this.#uploads = new Uploads({
        all: settings.maxUploads,
        perPeer: settings.maxUploadsPerPeer,
        shelf: () => this.shares.shelf,
        sayPlace: ({ record }, place) =>
          mouth.mention({ action: 'queued', value: { sid: record.sid!, place } }),
        accepted: (transfer) => events.tell('transfer', transfer),
        report,
      })
      this.trust = new Trust({
        book: this.#devices,
        policy: settings.trust,
        self: () => entity.jid?.bare().toString(),
        own: this.device,
        transfers: () => this.register.bound(),
        isForAll: (share) => this.shares.shelf.isForAll(share),
        asked: (question) => events.tell('device', question),
        mayGoOn: () => entity.status !== 'offline',
        resumed: (transfer) => events.tell('transfer', transfer),
        report: fault,
      })
      this.chosen = new Chosen(this.#devices)
      this.paths = newPaths(entity, settings, this.chosen)
      undo.push(() => void this.paths.stop())
      this.#network = new NetworkWatch(entity, { changed: () => this.#networkChanged() })
      undo.push(() => this.#network.stop())
      const around = {
        settings,
        paths: this.paths,
        network: this.#network,
        journal: this.journal,
        mouth,
        uploads: this.#uploads,
        trust: this.trust,
        identity,
        turns: { sending: new Turns(maxRunning), receiving: new Turns(maxRunning) },
        dialBudget: new DialBudget(),
        stopped,
        report,
      }
      this.people = new People({
        entity,
        settings,
        journal: this.journal,
        stopped,
        changed: () => this.front.lookAgain(),
        blocksChanged: () => this.#blocksChanged(),
        fault,
      })
      const sentBefore = new SentBefore({
        journal: this.journal,
        accepted: (transfer) => events.tell('transfer', transfer),
        notThere: (transfer) => this.front.showRequest(transfer),
        fault,
        stopped,
      })
      this.front = new Front(
        {
          offer: (offer) => events.tell('offer', offer),
          request: (request) => events.tell('request', request),
          sentBefore: (transfer) => sentBefore.takes(transfer),
          shared: (transfer) => this.#uploads.take(transfer),
          accepted: (transfer) => events.tell('transfer', transfer),
          answersRequests: () => events.answersRequests(),
        },
        this.people.welcome,
        maxPendingOffers,
      )
      this.register = new Register(around, (n) => this.front.forget(n))
      this.lists = new ListOffers(around)
      heard = this.lists.before(incoming(this.register, this.front))
      const asking = new Asking(entity, this.session, component, answerDeadlineMs, stopped)
      this.catalogue = new Catalogue(asking, report)
      undo.push(() => this.catalogue.close())
      this.#blocks = new Blocks(asking, {
        list: () => this.people.blocked.list,
        journal: this.journal,
        report,
      })
      this.shares = new SharedFolders({
        asking,
        settings,
        lists: this.lists,
        blocks: this.#blocks,
        report,
        changed: () => this.#uploads.sharesChanged(),
      })
      undo.push(() => void this.shares.stop())
      const context = {
        register: this.register,
        sources: (root: string, signal: AbortSignal) => sourcesOf(this.catalogue, root, signal),
        sourceDeadlineMs: settings.sourceDeadlineMs,
        bells: new Bells(),
      }
      this.gettings = new Gettings(context, stopped)
      identity.then(
        ({ id }) => this.session.start(id),
        (error: FileTransferError) => this.#settleReady.reject(error),
      )
    } catch (error) {
      this.#stopped.abort(new FileTransferError('stopped'))
      for (const back of undo.reverse()) back()
      throw error
    }
  }

  get areStopped(): boolean {
    return this.#stopped.signal.aborted
  }

  /** Once. */
  async stop(): Promise<void> {
    this.#settleReady.reject(new FileTransferError('stopped'))
    this.#stopped.abort(new FileTransferError('stopped'))
    this.people.messages.stop()
    this.#unhear()
    this.lists.stop()
    this.catalogue.close()
    this.#uploads.stop()
    this.gettings.close()
    await Promise.allSettled(this.register.all().map((transfer) => transfer.close()))
    await this.shares.stop()
    this.#network.stop()
    await this.paths.stop()
    await this.session.stop()
    // Who comes next finds a key, or none; not one that is being made.
    await this.#identity.catch(() => undefined)
    this.#devices.close()
    this.journal.close()
  }

  #loggedIn(): void {
    this.#settleReady.resolve()
    this.paths.loggedIn()
    this.#network.loggedIn()
    this.register.wakeAll()
    for (const transfer of this.register.all()) {
      this.people.messages.watch(transfer)
      // What asks for something shared is answered without anybody's resuming it.
      if (!(transfer instanceof SendingTransfer) || transfer.record.share === undefined) continue
      if (isUnanswered(transfer.record)) this.front.showRequest(transfer)
    }
    this.#uploads.tellAgain()
    this.shares.loggedIn()
    this.shares.blocksChanged()
    this.events.tell('ready')
  }

  #loggedOut(why: FileTransferError): void {
    if (this.areStopped) return
    this.lists.lost()
    this.shares.loggedOut()
    if (hopeless.has(why.code)) this.#settleReady.reject(why)
    this.events.tell('away', why)
  }

  #networkChanged(): void {
    this.paths.networkChanged()
    for (const transfer of this.register.bound()) transfer.networkChanged()
  }

  #blocksChanged(): void {
    this.#blocks.changed()
    this.shares.blocksChanged()
  }
}

/** @throws FileTransferError `bad-option` where the entity has it already */
function earOf(...given: Parameters<typeof hear>): () => void {
  try {
    return hear(...given)
  } catch (error) {
    throw new FileTransferError('bad-option', 'entity: it has file transfer already', { cause: error })
  }
}
