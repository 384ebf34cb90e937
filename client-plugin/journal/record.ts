/**
 * What the journal holds of one transfer: plain JSON. No address and no token is ever in it; names and paths are, since
 * the journal is the user's own (0600).
 */

import type { PathPolicy } from '../../link/index.js'
import type { Reason } from '../../schemas/index.js'
import type { FileTransferCode } from '../errors.js'

/** Where a transfer is, as far as it must survive the program. */
export type Phase = 'proposed' | 'countered' | 'running' | 'aborting' | End
export type End = 'complete' | 'declined' | 'aborted' | 'taken' | 'expired' | 'failed'

const ends: ReadonlySet<Phase> = new Set(['complete', 'declined', 'aborted', 'taken', 'expired', 'failed'])

export function isEnd(phase: Phase): phase is End {
  return ends.has(phase)
}

/** A word that is to be said until the component has recorded it. A later one takes the place of an earlier one. */
export type Saying =
  | { action: 'offer' | 'request' | 'accept' | 'append' | 'counter' | 'complete' }
  | { action: 'decline'; block: boolean; reason?: Reason }
  | { action: 'abort'; reason: Reason }

/** How a file is known again. Plain JSON of bytes' SourceIdentity. */
export interface SourceMark {
  path: string
  identity: { size: number; mtimeNs: string; ino: string; ctimeNs: string }
}

/** Where a file is to go. */
export interface Destination {
  dir: string
  filename: string
  /** `resume` begins with what a shorter file of that name holds. */
  onConflict: 'rename' | 'skip' | 'resume'
}

/** The part file. The inode finds the file again after it got its name. */
export interface PartMark {
  path: string
  ino: string
}

/** Who is asked first for a content, by its root: on whichever of his devices, or as he published it. */
export interface Origin {
  peer: string
  filename: string
  share?: string
  path?: string
}

/** A content that is wanted from whoever has it. */
export interface Pursuit {
  /** Hex. */
  root: string
  /** The name it is to get; the first source's, where the user did not say. */
  filename?: string
  /** Peers whose bytes did not make this content: not asked again. */
  liars: string[]
  origin?: Origin
}

export interface TransferRecord {
  /** The row's number; grows with each new transfer. */
  n: number
  /** The offer's or request's id, chosen by its author. */
  id: string
  sid?: string
  /** Whether the proposal is ours. */
  authored: boolean
  direction: 'sending' | 'receiving'
  /** The other party, bare. */
  peer: string
  /** Whom an own proposal was addressed to: bare or full. */
  to?: string
  /** An own offer that every device may take; each that does has a record of its own (`partOf`). */
  every?: true
  /** Of such a one: nobody else will take it, and why. */
  closed?: End
  /** When an own offer ends, as was wished (XEP-0082). */
  expires?: string
  /** The person was told of it by a plain message, or is not to be. */
  told?: true
  /** An own proposal for this device only. */
  onlyDevice?: string
  /** The other party's device, once known. */
  device?: string
  filename: string
  filesize?: number
  mediaType?: string
  description?: string
  /** Hex. */
  root?: string
  phase: Phase
  /** The latest attempt that was said or seen; 0 before the first. */
  attempt: number
  saying?: Saying
  /** Paused here on purpose, or for a local fault. */
  paused?: boolean
  /** Why it ended otherwise than complete, or was suspended. */
  trouble?: FileTransferCode
  source?: SourceMark
  destination?: Destination
  part?: PartMark
  /** Set before the file gets its name: its root, hex. With it a crash in between is told apart. */
  placing?: string
  /** The file in its place. */
  placed?: string
  /** Sending: the receiving side said on the link that it has the file, proven and in its place. */
  served?: boolean
  /** What was put forward instead of what was asked for. */
  counter?: { filename: string; filesize: number; root?: string; mediaType?: string }
  /** Of a request for something shared: the share's id, and the path in it, as published. */
  share?: string
  path?: string
  /** Which paths it may take, where that was said for this one. */
  via?: PathPolicy
  /** What is got from whoever has it: this record stands for all requests that are made for it. */
  pursuit?: Pursuit
  /** A request that was made for such a one, or what one device has of an offer to every one: the number of the whole. */
  partOf?: number
  /** It was in its place before anything was moved. */
  wasThere?: true
  /** An offer of more files than one. */
  several?: true
  /** What the asker says it holds. */
  asked?: { filesize?: number; root?: string; filebytesdone: number }
  /** ms since 1970. */
  created: number
}
