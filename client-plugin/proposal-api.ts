/** Offers and requests in a program's hands: types only. Belongs to api.ts, and its rules hold. */

import type { Transfer } from './api.js'
import type { PathPolicy } from './paths-api.js'
import type { DeviceLook } from './trust-api.js'

export type OnConflict =
  /** put `name (1)` beside what is there (default) */
  | 'rename'
  /** leave what is there and fail with `already-there` */
  | 'skip'
  /** as `rename`, and begin with what a shorter file of that name holds, as far as it proves to be right */
  | 'resume'

export interface AcceptOptions {
  /** The folder to put the file in; it must exist. A leading `~/` is the home folder. */
  into: string
  onConflict?: OnConflict
  /** Another name than the offered one; made safe like any other. */
  filename?: string
  /** Which paths this transfer may take, now and when it is resumed; goes before what the options of the plugin say. */
  path?: PathPolicy
  /** Aborts what is not finished. */
  signal?: AbortSignal
}

export interface GetOptions extends AcceptOptions {
  /** Told when it is in the journal of this device, which is before the component has it: from then on it stands, and is said again until then. */
  onBegun?: (transfer: Transfer) => void
}

/** How what is asked for again is wanted: where nothing else is said, as it was. */
export type AgainOptions = Partial<GetOptions>

/** Why an offer is not wanted; `exists`: a file of that name is there, and stays as it is. */
export type DeclineReason = 'user' | 'policy' | 'exists' | 'bad-name' | 'file-too-large' | 'no-space'

/** Somebody wants to send a file. Shown once for each `sid` in the life of a process. */
export interface Offer {
  readonly sid: string
  /** Bare JID, as the server stamped it. */
  readonly peer: string
  /** The device that offers, 64 hex. */
  readonly device: string
  /** Whether the peer is a contact, or this account itself. */
  readonly isContact: boolean
  /** Where it is `unknown`, what is accepted waits until the device is trusted. */
  readonly deviceLook: DeviceLook
  /** The peer's words: escape before showing. */
  readonly filename: string
  readonly filesize: number
  readonly mediaType: string | undefined
  readonly description: string | undefined
  /** 64 hex; undefined where the sender has not hashed the file yet. */
  readonly root: string | undefined
  /**
   * Accepts. What it rejects with comes before anything was accepted: the offer stays open then. With `no-space` the other side is told
   * that there is no room now.
   * @throws FileTransferError `no-such-folder`, `no-space`, `file-too-large`, `bad-name`, `already-there`, `bad-option`, `cancelled`, and
   * `wrong-state` where it was answered or is gone
   */
  accept(options: AcceptOptions): Promise<Transfer>
  /** Says no. @param reason why, where it is not that a person said so @throws FileTransferError `wrong-state` */
  decline(reason?: DeclineReason): Promise<void>
  /** Fires when it cannot be answered any more: withdrawn, expired, taken by another device. The reason says which. */
  readonly gone: AbortSignal
}

/** Somebody wants to get a file. Without a listener for `request` it is declined. */
export interface Request {
  readonly sid: string
  readonly peer: string
  readonly device: string
  /** Whether the peer is a contact, or this account itself. */
  readonly isContact: boolean
  /** As for an offer. */
  readonly deviceLook: DeviceLook
  /** A name, never a path: look it up among the files that you give away. The peer's words: whatever is opened is yours to choose. */
  readonly filename: string
  /** The size the asker knows, where it holds a part. */
  readonly filesize: number | undefined
  /** Bytes the asker says it holds. */
  readonly filebytesdone: number
  readonly description: string | undefined
  /**
   * Sends this file; when its size or root is another than the asker knows, it is put forward as an offer.
   * @throws FileTransferError `wrong-state`, and what `send` says of a file
   */
  accept(path: string): Promise<Transfer>
  /** Says no. @throws FileTransferError `wrong-state` */
  decline(reason?: 'not-found' | 'policy' | 'user'): Promise<void>
  /** As for an offer. */
  readonly gone: AbortSignal
}

/** The other side has a file of the wanted name, but not the same. */
export interface CounterOffer {
  readonly filename: string
  readonly filesize: number
  readonly root: string | undefined
  /** Takes the other file, from its first byte, to where the one that was asked for was to go. @throws FileTransferError as `accept` of an offer */
  accept(): Promise<void>
  /** Does not want it: the transfer ends as `declined`. */
  block(): Promise<void>
}

export interface SendOptions {
  /** At most 1,024 characters. */
  description?: string
  /** Only this device of the peer, 64 hex. */
  device?: string
  /** Every device of the peer may have it, also those that log in until it ends; without it the first that accepts (see `parts`). */
  everyDevice?: boolean
  /** When the offer ends if nobody accepts it: a minute to a week from now; default a week. */
  expires?: Date
  /** `false`: no plain message about this offer (`messageAfterMs`). */
  message?: boolean
  /** Hash the whole file before it is offered (default: files up to 64 MiB). */
  hashFirst?: boolean
  /** Which paths this transfer may take, now and when it is resumed; goes before what the options of the plugin say. */
  path?: PathPolicy
  /** Told when it is in the journal of this device, which is before the component has it: from then on it stands, and is said again until then. */
  onBegun?: (transfer: Transfer) => void
  /** Aborts what is not finished. */
  signal?: AbortSignal
}

export interface RequestOptions extends GetOptions {
  /** At most 1,024 characters. */
  description?: string
  /** Only this device of the peer, 64 hex. */
  device?: string
}

export interface ResumeOptions {
  /** Which paths what is resumed may take from now on. */
  path?: PathPolicy
}
