/**
 * The words of the command for shares and the catalogue: orders and reports, as in words.ts, and under the same
 * rules. Roots are 64 lower hex, sizes bytes, times whole seconds since 1970.
 */
import type {
  LeftOut,
  OnConflict,
  PathPolicy,
  SearchQuery,
  ShareState,
  VisibleTo,
} from '../client-plugin/index.js'
import type { Trouble } from './trouble.js'

/** How much of a list is wanted. */
export interface ListWish {
  /** At most so many; absent: all there are. */
  max?: number
  /** After so many, it is asked whether more are wanted (a terminal's page). */
  rows?: number
}

export type CatalogueOrder =
  | {
      order: 'share'
      folder: string
      name?: string
      tags?: string[]
      visibleTo?: VisibleTo
      /** Ends when it is published, whoever looks after the folder then. */
      once: boolean
      /** Reports each file that is left out, not only the first few. */
      verbose: boolean
    }
  | { order: 'unshare'; share: string }
  | { order: 'shares'; leftOut: boolean }
  | { order: 'search'; query: SearchQuery; list: ListWish }
  | { order: 'sources'; root: string; list: ListWish }
  | { order: 'peers'; which: 'online' | 'offline' | 'all'; list: ListWish }
  | { order: 'browse'; peer: string; path: string; deep: boolean; list: ListWish }
  | { order: 'tags'; prefix?: string; list: ListWish }
  /** Without a query: waits for what matches the searches saved before. */
  | { order: 'watch'; query?: SearchQuery; once: boolean }
  | { order: 'watches' }
  | { order: 'unwatch'; id: string }
  | {
      order: 'serve'
      into?: string
      onConflict: OnConflict
      from: string[]
      serve?: string
      path?: PathPolicy
    }
  /** Who holds the folder? Answered by `relayed` alone. */
  | { order: 'greet' }

/** A share of one's own, as it stands. */
export interface ShareLook {
  id: string
  name: string
  folder: string
  tags: readonly string[]
  visibleTo: VisibleTo
  state: ShareState
  files: number
  bytes: number
  hashedBytes: number
  toHashBytes: number
  bytesPerSecond: number
  secondsLeft?: number
  publishedFiles: number
  way?: 'link' | 'stanzas'
  leftOutFiles: number
  trouble?: Trouble
}

/** A content that was found. */
export interface HitLook {
  root: string
  size: number
  mediaType?: string
  sources: number
  online: number
  peer?: string
  share?: string
  path: string
}

export type ListedKind = 'hit' | 'source' | 'peer' | 'peer-share' | 'item' | 'tag'

export type CatalogueReport =
  /** Of `shares`: one share. */
  | ({ report: 'share' } & ShareLook)
  /** How a share comes on; some four a second. */
  | ({ report: 'sharing' } & ShareLook)
  /** All that is in the folder is in the catalogue (again). */
  | ({ report: 'shared' } & ShareLook)
  | { report: 'left-out'; share: string; path: string; why: LeftOut['why'] }
  /** So many more were left out than were told. */
  | { report: 'left-out-more'; share: string; files: number }
  | { report: 'unshared'; share: string }
  /** Nothing is shared. */
  | { report: 'no-shares' }
  /** The folder is looked after by the process that ran already, or by this one until it ends. */
  | { report: 'looked-after'; by: 'this' | 'other' | 'nobody' }
  /** `serve` is ready. */
  | { report: 'serving'; shares: number; into?: string }
  /** `no` counts from 1; `jabberfs get NO` takes it. */
  | ({ report: 'hit'; no: number } & HitLook)
  | { report: 'source'; peer: string; share: string; path: string; online: boolean; modified: number }
  | { report: 'peer'; peer: string; online: boolean; shares: number; files: number; bytes?: number }
  | {
      report: 'peer-share'
      peer: string
      id: string
      name: string
      tags: readonly string[]
      files: number
      bytes?: number
    }
  /** What is in a folder of a share. `path` is what `browse` and `get` take: the share, and the path in it. */
  | { report: 'folder'; peer: string; path: string; files: number }
  | {
      report: 'file'
      /** Counts the files alone, from 1; `jabberfs get NO` takes it. */
      no: number
      peer: string
      path: string
      size: number
      modified: number
      root: string
      mediaType?: string
      tags: readonly string[]
    }
  | { report: 'tag'; tag: string; files: number }
  /** The end of a list, or of a page of it: so many were shown, of so many (where that is known). */
  | { report: 'page'; of: ListedKind; shown: number; count?: number; more: boolean; asked: boolean }
  | { report: 'watch'; id: string; query: SearchQuery }
  | { report: 'no-watches' }
  /** Waits for what matches these; `saved`: one that was said just now. */
  | { report: 'watching'; ids: string[]; saved: boolean }
  | { report: 'unwatched'; id: string }
  | { report: 'matched'; id: string; hits: HitLook[]; more: number }
