/**
 * The plugin's public shape: types only. What a program holds in its hands.
 *
 * Rules: nothing is printed, nothing is global; whatever may take long takes an AbortSignal; every
 * rejection is a FileTransferError with a stable `code`; text of a peer is handed on as it came and
 * is inert here — who shows it escapes it.
 */

import type { EventEmitter } from 'node:events'
import type { CatalogueClient, Shares, Wanted } from './catalogue-api.js'
import type { DiagnoseOptions, Finding } from './diagnosis-api.js'
import type { FileTransferError } from './errors.js'
import type { ChosenPaths, PathPolicy, PathTaken } from './paths-api.js'
import type {
  AgainOptions,
  CounterOffer,
  GetOptions,
  Offer,
  Request,
  RequestOptions,
  ResumeOptions,
  SendOptions,
} from './proposal-api.js'
import type { TrustedDevices, UnknownDevice } from './trust-api.js'

export type * from './catalogue-api.js'
export type * from './diagnosis-api.js'
export type * from './paths-api.js'
export type * from './proposal-api.js'
export type * from './trust-api.js'

/**
 * All but two have a default. A number beyond its bounds counts as the nearest bound; anything else that is not allowed is
 * thrown as `bad-option`, with its name.
 */
export interface FileTransferOptions {
  /** The component's JID, such as `files.example.org`. */
  component: string
  /**
   * The folder that holds the device's key and the journal; made 0700. A leading `~/` is the home folder. One process at a time has it,
   * and it belongs to one account for good.
   */
  state: string
  /**
   * Where to listen for the other device: an address of this machine, and the first and last of the ports that may be taken; or `false`
   * where that is useless. Default: all addresses, any port.
   */
  listen?: false | { host?: string; ports?: [number, number] }
  /** `both` (default): both sides listen and dial at once. `alternate`: one side listens per attempt, as in 2002. */
  sides?: 'both' | 'alternate'
  /**
   * Which paths transfers may take: `any` (default); `direct`, nothing that goes through somebody else; `relay`, only through
   * servers, so that no address of this device is told to anybody, and no socket to the other side is opened.
   */
  path?: PathPolicy
  /** The same for single people, by bare JID: it goes before `path`. */
  paths?: Readonly<Record<string, PathPolicy>>
  /** Whether the router is asked to let the other side through (UPnP-IGD, NAT-PMP, PCP). Default: true. */
  mapPorts?: boolean
  /** Tests and demonstrations on one machine need it: candidates of 127.0.0.0/8 and ::1 may be told and dialled. */
  allowLoopback?: boolean
  /**
   * The most sockets of one transfer, 1 to 4, default 4: more than one where the path is straight and long, and slow. The other
   * side has its own limit.
   */
  sockets?: number
  /** How long one attempt may take to get a link, ms; 500 to 60,000, default 10,000. */
  linkDeadlineMs?: number
  /** How long the component may take to answer, ms; 500 to 60,000, default 15,000. */
  answerDeadlineMs?: number
  /** The largest file that is accepted, bytes. Default: what the protocol allows. */
  maxFileBytes?: number
  /**
   * Offers of contacts that may wait for an answer here, and as many of others; and as many requests of each. More are declined.
   * 1 to 10,000, default 256.
   */
  maxPendingOffers?: number
  /**
   * Transfers that may move bytes at once, in each direction; where there are four or more, one peer leaves one for others. 1 to 256,
   * default 16.
   */
  maxRunning?: number
  /**
   * Whether what is shared is looked through, watched and published from the beginning (default). With `false`, for who asks one thing
   * and ends, not before `shares.lookAfter()`, or before a folder is added; who asks for a shared file is answered all the same.
   */
  lookAfterShares?: boolean
  /** Shared files that are sent at once, the others wait in a queue; 1 to 256, default 4. */
  maxUploads?: number
  /** Of these, to one peer; 1 to 256, default 2. */
  maxUploadsPerPeer?: number
  /** How long a source may keep `get` waiting before another one is asked, ms; 500 to 600,000, default 10,000. */
  sourceDeadlineMs?: number
  /** Whose offers are shown; nobody else learns that anybody is here. Default: `contacts`. */
  offersFrom?: OffersFrom
  /**
   * A contact who was offered a file and has not answered after so long is told by one plain message from this account, since he may
   * have only a stock client; `false`: never. 1,000 to 3,600,000 ms, default 10,000.
   */
  messageAfterMs?: number | false
  /** So many of these messages a day, never more than one to the same contact. 0 to 1,000, default 20. */
  messagesPerDay?: number
  /** After so many attempts in a row without a link a transfer is paused as `unreachable`; at least 1. Default: never. */
  giveUpAfter?: number
  /**
   * Which devices of other people are taken unasked: the first of each (`first-use`, default), or `every` one, as long as
   * none of that person was verified. What is not taken stops the transfer (`unknown-device`) and fires `device`.
   */
  trust?: 'first-use' | 'every'
}

/**
 * Whose offers are shown: those of `contacts` (a subscription in either direction), of `everybody`, or of people and domains by name;
 * several of these in a list. Those of one's own other devices always are, those of whom one blocks on the server never.
 */
export type OffersFrom = 'contacts' | 'everybody' | readonly string[]

/** Where a transfer is. The last six are ends and never left again. */
export type TransferState =
  /** said (or to be said) and not answered yet */
  | 'proposed'
  /** a request was answered with another file of that name: accept or block */
  | 'countered'
  /** waits for its turn: here, or at the other side, which says the place (`queuePlace`) */
  | 'queued'
  /** an attempt is open: looking for a link */
  | 'linking'
  /** bytes move */
  | 'moving'
  /** between two attempts, or the other device or the component is away; goes on by itself */
  | 'waiting'
  /** stopped on purpose by either side, or for a local reason; `resume()` goes on */
  | 'paused'
  /** an abort was said and is not decided yet */
  | 'aborting'
  | 'complete'
  | 'declined'
  | 'aborted'
  | 'taken'
  | 'expired'
  | 'failed'

/** One look at a moving transfer. */
export interface Progress {
  /** Bytes that are proven at the receiving side (as far as this side knows). */
  bytes: number
  /** Bytes of the whole file. */
  total: number
  /** Bytes per second, smoothed over the last seconds; 0 at the beginning. */
  rate: number
  /** Seconds left at that rate; undefined while the rate is 0. */
  secondsLeft: number | undefined
  /** Bytes that were held and proven when this attempt began. */
  resumedFrom: number
  /** Attempts so far. */
  attempt: number
  /** Undefined before the first link. */
  path: PathTaken | undefined
}

/** What a transfer that is complete gives. */
export interface Finished {
  /** The file: where it was placed (receiving), or what was sent (sending). */
  path: string
  /** The root over size and block hashes, 64 lower hex (docs/protocol.md, "Blocks and root"). */
  root: string
  bytes: number
  /** Bytes that went over the link in this process. */
  bytesMoved: number
  /** True where the very same file was there already: nothing was moved, nothing was overwritten. */
  wasThere?: boolean
}

export interface TransferEvents {
  progress: [Progress]
  /** The state changed; `why` says more where the change was not wished for. */
  state: [state: TransferState, why: FileTransferError | undefined]
  /** It waits in the other side's queue at this place: so many are served until it is, itself included. */
  queue: [place: number]
  /** Only for a request: the other side has another file under that name. Without a listener it is blocked. */
  counter: [CounterOffer]
  /** Only for an offer to every device: another one has accepted. */
  part: [Transfer]
}

/** One transfer, either direction. Iterating gives progress, at most some ten a second, until it ends or pauses. */
export interface Transfer extends EventEmitter<TransferEvents>, AsyncIterable<Progress> {
  /** Names it for ever: the `sid` where it is known, before that the id of its offer or request. */
  readonly key: string
  /** Given by the component; undefined for one's own offer until somebody accepted. */
  readonly sid: string | undefined
  /** The id of the offer or request, chosen by its author. */
  readonly id: string
  readonly direction: 'sending' | 'receiving'
  /** The other party; bare JID. */
  readonly peer: string
  /** The other party's device, 64 hex, once it is known. Of an offer to every device see `parts`. */
  readonly device: string | undefined
  /**
   * An offer to every device (`everyDevice`) is one transfer that shows the state of the device that is furthest, and is complete
   * when one has the file and none is getting it; each device that accepted is a part, which can be aborted, paused and followed by
   * itself. Where only parts are left that rest for the user here (a device that is not known), its `finished` rejects with why,
   * also when others have the file. Of all other transfers there are none.
   */
  readonly parts: readonly Transfer[]
  /** Whether nothing more comes of it. One to every device can be complete and still stand for devices that come later. */
  readonly isOver: boolean
  /** As the author of the offer wrote it: escape it before showing it. */
  readonly filename: string
  /** Bytes; undefined for a request that is not answered. */
  readonly filesize: number | undefined
  readonly description: string | undefined
  readonly state: TransferState
  /** Why it waits, is paused or has ended otherwise than complete. */
  readonly trouble: FileTransferError | undefined
  readonly progress: Progress
  /** The place in the other side's queue; 1 is the next. Undefined where it does not wait there, or has not heard. */
  readonly queuePlace: number | undefined
  /**
   * Settles when this run is over: resolves when the file is complete on both sides' word; rejects at any
   * other end, and when it was paused or suspended here (then `error.resumable`, and after `resume()` this
   * is a new promise). Not caught, it disturbs nobody.
   */
  readonly finished: Promise<Finished>
  /**
   * Ends it. Resolves once the component has recorded it, which may be long where that one is away; what was proven stays on disk for a
   * week, for another offer (`left`). @throws FileTransferError `wrong-state` when it is over
   */
  abort(): Promise<void>
  /** Stops moving on purpose; what was proven stays. @throws FileTransferError `wrong-state` where it was not accepted yet, is paused, or over */
  pause(): Promise<void>
  /** Goes on after a pause, whoever or whatever caused it; else it does nothing. @throws FileTransferError `wrong-state` when it is over */
  resume(): Promise<void>
}

export interface FileTransferEvents {
  /** Somebody wants to send something. Without a listener it waits, as one of `offers()`. */
  offer: [Offer]
  /** Somebody asks for a file by its name. Without a listener it is declined. What is shared is answered without. */
  request: [Request]
  /** A transfer came into being here or was picked up from the journal. */
  transfer: [Transfer]
  /** Logged in at the component (again). */
  ready: []
  /** Not logged in any more, or not yet, and why. It is tried again by itself. */
  away: [FileTransferError]
  /** A person shows a device that is not known: transfers wait for an answer. Told again when they are resumed without. */
  device: [UnknownDevice]
  /** Something failed that belongs to no call and no transfer: a listener that threw, for one. */
  trouble: [FileTransferError]
}

/** What a receiving transfer that was aborted, or failed for good, left of its file. */
export interface LeftOver {
  /** The hidden part file. */
  path: string
  /** Of the file, as far as they were proven. */
  bytes: number
  /** So long after the end it is kept. */
  days: number
}

/** What is kept of files whose transfers have ended: the same file, offered or asked for again, goes on from there. */
export interface LeftOvers {
  /** What the transfer of that key left; undefined where that is nothing, or another transfer goes on with it. */
  of(key: string): LeftOver | undefined
  /** Removes it before its time. Resolves to whether there was something to remove; what has not ended keeps all it has. */
  discard(key: string): Promise<boolean>
}

/** The plugin for one entity. */
export interface FileTransfer extends EventEmitter<FileTransferEvents> {
  /** This device's id, 64 hex: the SHA-256 of its certificate. */
  readonly device: Promise<string>
  /** True while logged in at the component. */
  readonly isReady: boolean
  /**
   * Resolves at the first login. Rejects only where waiting is useless: `component-unknown`,
   * `component-refused`, `state-of-another-account`, `state-unusable`, `stopped`.
   */
  readonly ready: Promise<void>
  /** The folders that this device shares. */
  readonly shares: Shares
  /** What others share. */
  readonly catalogue: CatalogueClient
  /** The devices of other people. */
  readonly trust: TrustedDevices
  /** The paths that were chosen for single people. */
  readonly paths: ChosenPaths
  /** What is kept of files whose transfers have ended. */
  readonly left: LeftOvers
  /**
   * Offers a file to a person (bare JID) or to one device (full JID, or `device`).
   * Resolves once the component has recorded the offer, waiting for the login if need be.
   * @param paths exactly one so far; a leading `~/` is the home folder
   * @throws FileTransferError `bad-peer`, `one-file-only`, `file-missing`, `file-unreadable`, `not-a-file`, `file-too-large`, `bad-name`,
   * `bad-option`, `too-many-offers`, `component-refused`, `cancelled`
   */
  send(peer: string, paths: string[], options?: SendOptions): Promise<Transfer>
  /**
   * Asks a person for a file by its name. What is held of it from before is not fetched again; an unfinished one goes on. Resolves as
   * `send` does; what the other side says, `finished` tells.
   * @throws FileTransferError `bad-peer`, `no-such-folder`, `bad-name`, `already-there`, `bad-option`, `component-refused`, `cancelled`
   */
  request(peer: string, filename: string, options: RequestOptions): Promise<Transfer>
  /**
   * Gets what somebody shares: from one peer, as it was published there, or a content from whoever has it, one source
   * after the other. Resolves once it is recorded (or, by root, once it is known that somebody has it). What is there
   * already with the same content is complete at once (`wasThere`); what is held of it is not fetched again. One that is
   * unfinished, of the same for the same place, goes on instead, and is what this gives.
   * @throws FileTransferError `not-found` where there is no such thing for us, and as `request`
   */
  get(wanted: Wanted, options: GetOptions): Promise<Transfer>
  /**
   * Asks again for a transfer that was received here, or was to be, and has ended (also one whose file is gone): from the peer that
   * sent it, on whichever of its devices, which answers by itself as long as it has the same file; then from whoever shares the
   * same content. Its root is verified; what is there already with the same content is complete at once.
   * @throws FileTransferError `unknown-transfer`, `wrong-state` where it has not ended or was sent from here, and as `accept`
   */
  again(key: string, options?: AgainOptions): Promise<Transfer>
  /**
   * Transfers that ended, newest first, also those of earlier runs; of the last 30 days. Without offers of others that were never
   * accepted here. @param most 1 to 1,000, default 100
   */
  ended(most?: number): Transfer[]
  /** Every transfer that this process holds, newest last; ended ones too, at most the last 1,000. */
  transfers(): Transfer[]
  /** One of them by its key: a sid, or the id of one's own offer or request. */
  transfer(key: string): Transfer | undefined
  /** Offers that wait for an answer. */
  offers(): Offer[]
  /** Shows the offers of these too, until the function that is returned is called. @throws FileTransferError `bad-option` */
  admit(from: OffersFrom): () => void
  /**
   * Picks up what the journal holds unfinished, both directions, and shows again (events `offer`,
   * `request`) what is unanswered. With a key only that one. To be called once after each start: what was being
   * received does not go on without.
   * @returns what goes on, without what is only shown @throws FileTransferError `unknown-transfer`, `bad-option`
   */
  resume(key?: string, options?: ResumeOptions): Promise<Transfer[]>
  /**
   * Looks at each leg that transfers stand on, all at once, in less than twenty seconds: the server, the component, this
   * machine, its router, the server’s relays. Gives a finding for each, whatever happens.
   */
  diagnose(options?: DiagnoseOptions): Promise<Finding[]>
  /**
   * Stops everything that moves, keeps the journal, frees the state folder; once is enough. The entity is not touched. Transfers in hand
   * keep the state they showed, their `finished` rejects with `stopped`, as does whatever is asked from then on. Without it a process
   * that shares folders, or moves something, does not end by itself.
   */
  stop(): Promise<void>
}
