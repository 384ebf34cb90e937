/**
 * What is known of one transfer, what can happen to it, and what follows: the words of the mediator's rules.
 *
 * A `Transfer` is plain JSON and is stored as it is. It holds no address, no token and no time: addresses and tokens
 * are never stored, and how long a phase may last is a table of its own (lifetimes.ts).
 */

import type { End, OwnAction } from './edges.js'

/** A device of a peer: what a transfer is bound to on each side. */
export interface Party {
  /** Bare JID. */
  readonly peer: string
  /** The SHA-256 of the device's certificate, 64 lower hex digits. */
  readonly device: string
}

/** Which end of a proposal a device is. */
export type Side = 'author' | 'recipient'

/** Which way the bytes go: an offer's author sends, a request's author receives. */
export type Kind = 'offer' | 'request'

interface Bound {
  readonly sid: string
  readonly kind: Kind
  readonly author: Party
  readonly recipient: Party
  /** The root of the file, hex, where the sending side has said it: a transfer is complete with no other (P1). */
  readonly root?: string | undefined
}

export interface Proposed extends Bound {
  readonly phase: 'proposed'
}

export interface Countered extends Bound {
  readonly phase: 'countered'
  /** Digest of what was put forward, to tell a repeat from something else. */
  readonly counter: string
}

/** What a transfer keeps of its attempts. */
interface Attempted {
  /** The current attempt, from 1. */
  readonly attempt: number
  /** Who opened it: the other side answers. */
  readonly opener: Side
  /** Whether the receiving side was told that the sending device is away, and is owed one `ready`. */
  readonly owesReady: boolean
}

export interface Running extends Bound, Attempted {
  readonly phase: 'running'
}

export interface Aborting extends Bound, Attempted {
  readonly phase: 'aborting'
}

export interface EndedAs<P extends End> extends Bound {
  readonly phase: P
  /** The attempt in which it ended; 0 if there was none. */
  readonly attempt: number
  /** Whose word ended it. */
  readonly by: Side | 'component'
}

export type Ended = { [P in End]: EndedAs<P> }[End]

export type Transfer = Proposed | Countered | Running | Aborting | Ended

/** A device says something about a transfer. */
export type Said =
  /** `root`: of the file that is accepted with a request, hex. */
  | {
      readonly say: 'accept'
      readonly from: Party
      readonly attempt: number
      readonly root?: string | undefined
    }
  | { readonly say: 'decline' | 'queued'; readonly from: Party }
  | {
      readonly say: 'offer'
      readonly from: Party
      readonly digest: string
      readonly root?: string | undefined
    }
  /** `senderHere`: whether the sending device is logged in now. */
  | { readonly say: 'append'; readonly from: Party; readonly attempt: number; readonly senderHere: boolean }
  | {
      readonly say: 'listening' | 'connecting' | 'timeout'
      readonly from: Party
      readonly attempt: number
    }
  | {
      readonly say: 'complete'
      readonly from: Party
      readonly attempt: number
      readonly root?: string | undefined
    }
  | { readonly say: 'abort'; readonly from: Party; readonly attempt?: number | undefined }

/** Something that the component itself does to a transfer. */
export interface Own {
  readonly say: OwnAction
  readonly from: 'component'
}

export type Event = Said | Own

/** What we refuse, as a value; the component turns it into an error stanza (schemas, the table of refusals). */
export type Refusal =
  /** Unknown, expired, or none of the asker's business. */
  | { readonly refuse: 'item-not-found' }
  /** A party, but not the one who may do this. */
  | { readonly refuse: 'forbidden' }
  /** Not in this phase, or not in this attempt. */
  | { readonly refuse: 'unexpected-request'; readonly phase: Transfer['phase']; readonly attempt: number }
  /** The same words again with other content. */
  | { readonly refuse: 'conflict' }
  /** The other device is away; one `ready` follows. */
  | { readonly refuse: 'recipient-unavailable' }

/**
 * What is to be done, in this order: what is stored is committed before anything is said.
 * `kept` marks a delivery that is stored for the device until it answers; others are for who is logged in now.
 */
export type Effect =
  | { readonly do: 'store' }
  | { readonly do: 'reply' }
  | { readonly do: 'refuse'; readonly with: Refusal }
  | { readonly do: 'forward'; readonly to: Side; readonly kept: boolean }
  | { readonly do: 'tell'; readonly to: Side; readonly what: 'taken' | 'expired' | 'ready' }

export interface Stepped<T = Transfer> {
  readonly state: T
  readonly effects: readonly Effect[]
}

/** Whether a step was refused without anything being stored. */
export function isRefusal(outcome: Stepped | Refusal): outcome is Refusal {
  return 'refuse' in outcome
}

/** The side whose device sends the bytes. */
export function sendingSide(kind: Kind): Side {
  return kind === 'offer' ? 'author' : 'recipient'
}

/** The side whose device receives the bytes. */
export function receivingSide(kind: Kind): Side {
  return kind === 'offer' ? 'recipient' : 'author'
}

export function otherSide(side: Side): Side {
  return side === 'author' ? 'recipient' : 'author'
}

/** Whether two parties are the same device of the same peer. */
export function isSameParty(one: Party, other: Party): boolean {
  return one.peer === other.peer && one.device === other.device
}

/** The attempt that a transfer is in; 0 before the first. */
export function attemptOf(state: Transfer): number {
  return 'attempt' in state ? state.attempt : 0
}
