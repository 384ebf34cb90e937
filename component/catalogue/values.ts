/** The catalogue in plain values: what goes in, what comes out, what is refused and how. JIDs are bare and prepared. */

import type { Audience } from '../../protocol/catalogue/visibility.js'

/** BLAKE3 root of a content, 64 lower hex digits. */
export type Root = string

/** One installation of one account. */
export interface DeviceName {
  peer: string
  device: string
}

/** One share of one device. */
export interface ShareName extends DeviceName {
  share: string
}

export interface Entry {
  /** Inside the share, `/` between the names. */
  path: string
  root: Root
  /** Bytes. */
  size: number
  /** Last change, UTC in seconds. */
  modified?: number
  mediaType?: string
  tags?: readonly string[]
}

/** A numbered change of a share. */
export interface Change {
  seq: number
  adds: readonly Entry[]
  /** Paths. */
  removes: readonly string[]
}

export interface ShareSettings {
  audience: Audience
  /** Tags that all its entries bear. */
  tags: readonly string[]
}

/** What does not go, as a value. */
export type Refusal =
  /** Not there, or not to be seen: nobody can tell which. */
  | { kind: 'not-found' }
  | { kind: 'quota'; of: 'devices' | 'shares' | 'entries' | 'all' | 'searches'; used: number; max: number }
  /** The change is not the next one. */
  | { kind: 'gap'; held: number }
  | { kind: 'bad-entry'; path: string; reason: string }
  | { kind: 'bad-value'; field: string }
  /** Ran into the deadline. */
  | { kind: 'too-slow' }
  /** Too much is waiting. */
  | { kind: 'busy' }

export type Answer<T extends object> = ({ kind: 'ok' } & T) | Refusal

/** What entries must be like. All that are given hold. */
export interface Filters {
  minSize?: number
  maxSize?: number
  /** A media type, or the part before the slash. */
  mediaType?: string
  tag?: string
  root?: Root
  online?: boolean
  /** Bare JID. */
  peer?: string
}

export interface Query extends Filters {
  words: string
}

/** A content that was found, with the best of the paths it was found under. */
export interface Hit {
  root: Root
  size: number
  path: string
  mediaType?: string
  modified?: number
  /** Sources that the asker may see, and how many of them are online; counted up to `countedSources`. */
  sources: number
  online: number
}

/** Somebody who has a content. */
export interface Source extends ShareName {
  path: string
  isOnline: boolean
  modified?: number
}

export interface Page<T> {
  items: { cursor: string; value: T }[]
  /** Of the whole frozen result. */
  total: number
  /** Index of the first item in it. */
  first: number
}

/** Which page of a frozen result: after or before a cursor, or from an index. */
export type Where = { after: string } | { before: string } | { result: string; index: number }

export interface FolderItem {
  kind: 'folder'
  name: string
  /** Entries in it and below. */
  entries: number
}
export interface FileItem {
  kind: 'file'
  name: string
  root: Root
  size: number
  mediaType?: string
  modified?: number
}
export interface ShareItem extends ShareName {
  kind: 'share'
  entries: number
  isOnline: boolean
  tags: string[]
}

export interface PeerItem {
  peer: string
  isOnline: boolean
  /** Entries that the asker may see. */
  entries: number
}

/** A saved search found something new. */
export interface Match {
  watcher: string
  search: string
  entry: Entry
  from: ShareName
}
