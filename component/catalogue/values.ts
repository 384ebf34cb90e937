/** The catalogue in plain values: what goes in, what comes out, what is refused and how. JIDs are bare and prepared. */

import type { VisibleTo } from '../../protocol/catalogue/visibility.js'

/** BLAKE3 root of a content, 64 lower hex digits. */
export type Root = string

/** One installation of one account. */
export interface DeviceName {
  peer: string
  device: string
}

/** One share of one device. Its id is unique for the peer. */
export interface ShareName extends DeviceName {
  share: string
}

/** One share of a peer, whichever device has it. */
export interface ShareAddress {
  peer: string
  share: string
}

/** A saved search of a device. */
export interface WatchName extends DeviceName {
  /** As the device calls it. */
  watch: string
}

export interface Entry {
  /** Inside the share, `/` between the names. */
  path: string
  root: Root
  /** Bytes. */
  size: number
  /** Last change, UTC in seconds. */
  modified: number
  mediaType?: string
  tags?: readonly string[]
}

/** A numbered change of a share: what it follows and what it leads to (docs/catalogue.md, "Changes"). */
export interface Change {
  base: number
  seq: number
  adds: readonly Entry[]
  /** Paths. */
  removes: readonly string[]
}

export interface ShareSettings {
  /** What people call it. */
  name: string
  /** Tags that all its entries bear. */
  tags: readonly string[]
  visibleTo: VisibleTo
}

/** What does not go, as a value. */
export type Refusal =
  /** Not there, or not to be seen: nobody can tell which. */
  | { kind: 'not-found' }
  /** The device has no registration. */
  | { kind: 'unregistered' }
  /** Another device of the peer has a share of this id. */
  | { kind: 'conflict' }
  /** More than the quota; `all`: more than the catalogue takes at all. */
  | {
      kind: 'quota'
      of: 'devices' | 'shares' | 'audiences' | 'entries' | 'all' | 'watches'
      used: number
      max: number
    }
  | { kind: 'bad-entry'; path: string; reason: string }
  | { kind: 'bad-value'; field: string }
  /** Ran into the deadline. */
  | { kind: 'too-slow' }
  /** Too much is waiting, or the disk takes nothing now: later. */
  | { kind: 'busy' }

export type Answer<T extends object> = ({ kind: 'ok' } & T) | Refusal

/** What entries must be like. All that are given hold; of several types any one. */
export interface Filters {
  minSize?: number
  maxSize?: number
  /** Media types, or the parts before the slash. */
  types?: readonly string[]
  tags?: readonly string[]
  root?: Root
  online?: boolean
  /** Bare JID. */
  peer?: string
}

/** `words` and filters; one of words, types, tags, root and peer is there, else it is no query. */
export interface Query extends Filters {
  words?: string
}

/** A content that was found, with the best of its sources. */
export interface Hit extends ShareName {
  root: Root
  size: number
  /** In that share. */
  path: string
  mediaType?: string
  modified: number
  /** Peers that have it, of those the asker may see, and how many of them are online; counted up to `countedSources`. */
  sources: number
  online: number
}

/** Somebody who has a content. */
export interface Source extends ShareName {
  path: string
  isOnline: boolean
  modified: number
}

/** An entry that may be asked for. */
export interface Seen extends ShareName {
  path: string
  root: Root
  size: number
}

/** A page of a frozen result. What has gone since is left out, so it may have fewer items than were asked for. */
export interface Page<T> {
  items: { cursor: string; value: T }[]
  /** Of the whole frozen result. */
  total: number
  /** Index of the first item in it. */
  first: number
  /** There may be more: the search ended before it had looked at everything. */
  isPartial?: true
}

/** Which page of a frozen result: after or before a cursor, or from an index. */
export type Where = { after: string } | { before: string } | { result: string; index: number }

/** Which page of a list that has an order of its own: after or before a cursor (`before: ''` is the last page). */
export interface Span {
  after?: string
  before?: string
  /** 0: how many there are. */
  max: number
}

/** A page of such a list, in its order. */
export interface Listing<T> {
  items: { cursor: string; value: T }[]
  /** Whether there is more beyond it: behind, or before if it was asked for by `before`. */
  isMore: boolean
  /** How many there are in all, if `max` was 0. */
  count?: number
}

export interface FolderItem {
  kind: 'folder'
  /** Below the folder that was asked for. */
  path: string
  /** Entries in it and below. */
  files: number
}
export interface FileItem {
  kind: 'file'
  /** Below the folder that was asked for. */
  path: string
  root: Root
  size: number
  modified: number
  mediaType?: string
  tags: string[]
}

export interface ShareItem extends ShareName {
  name: string
  tags: string[]
  files: number
  bytes: number
  isOnline: boolean
  /** Only for its owner. */
  own?: { seq: number; visibleTo: VisibleTo }
}

export interface PeerItem {
  peer: string
  isOnline: boolean
  /** Of what the asker may see. */
  shares: number
  files: number
  bytes: number
}

export interface TagItem {
  tag: string
  files: number
}

/** What a saved search has found that its device has not heard of. */
export interface Matches {
  watch: string
  hits: Hit[]
  /** How many there are beside those. */
  more: number
  /** For saying that this much was heard. */
  mark: number
}
