/**
 * The catalogue in a program's hands: types only (docs/catalogue.md). Belongs to api.ts.
 *
 * Rules: those of api.ts. Texts of peers (names, paths, tags, JIDs in results) are handed on as they came: escape them
 * before they are shown. Roots are 64 lower hex, sizes bytes, times whole seconds since 1970.
 */

import type { EventEmitter } from 'node:events'
import type { FileTransferError } from './errors.js'

/** Who may see a share (docs/catalogue.md, "Visibility"). */
export type VisibleTo =
  | { kind: 'everybody' }
  | { kind: 'nobody' }
  | { kind: 'only'; domains: string[]; peers: string[] }

export interface ShareOptions {
  /** What others see it as, at most 128 characters; default: the folder's own name. */
  name?: string
  /** At most 8, each one word of letters, digits, `_`, `.` and `-`, at most 32 characters; case does not count. */
  tags?: string[]
  /** Default: everybody whom the component serves. */
  visibleTo?: VisibleTo
}

export type ShareState =
  /** looks through the folder */
  | 'scanning'
  /** reads and hashes what is new */
  | 'hashing'
  /** tells the component */
  | 'publishing'
  /** all that is in the folder is in the catalogue; it is watched */
  | 'current'
  /** the component is away, or its disk or quota is full: goes on by itself; or nobody looks after it yet */
  | 'waiting'
  /** the folder cannot be read, or is not there, as on an unplugged disk: nothing is taken back, and it goes on by itself */
  | 'unreadable'

/** A file that is not published, and why. */
export interface LeftOut {
  /** Below the folder. */
  path: string
  why: 'unreadable' | 'link-leaves-folder' | 'not-a-file' | 'name' | 'too-large' | 'quota'
}

/** One look at a share. */
export interface ShareInfo {
  readonly id: string
  readonly name: string
  /** The folder here, absolute. */
  readonly folder: string
  readonly tags: readonly string[]
  readonly visibleTo: VisibleTo
  readonly state: ShareState
  /** Files that are to be published (known so far, while it is looked through), and their bytes. */
  readonly files: number
  readonly bytes: number
  /** While it hashes: bytes that were read, of those that are to be read in all; bytes a second; seconds left. */
  readonly hashedBytes: number
  readonly toHashBytes: number
  readonly rate: number
  readonly secondsLeft: number | undefined
  /** Entries that the component has confirmed. */
  readonly publishedFiles: number
  /** How the first list goes: over a link of its own, or by small stanzas. Undefined when nothing is on its way. */
  readonly way: 'link' | 'stanzas' | undefined
  /** How many were left out; `leftOut()` has them. */
  readonly leftOutFiles: number
  /** Why it waits, where that is known. */
  readonly trouble: FileTransferError | undefined
}

export interface SharesEvents {
  /** At most some four a second for one share. */
  progress: [ShareInfo]
  /** All that is in the folder is in the catalogue (again). */
  current: [ShareInfo]
}

/** The folders that this device shares. They are remembered, and looked after as long as the plugin runs. */
export interface Shares extends EventEmitter<SharesEvents> {
  /**
   * Shares a folder. Resolves when it is remembered; hashing and publishing go on by themselves. The same folder again
   * changes what the options name. @throws FileTransferError `no-such-folder`, `bad-option`, `quota`
   */
  add(folder: string, options?: ShareOptions): Promise<ShareInfo>
  /**
   * Shares it no longer; the files stay. Resolves when nobody finds it any more; where the component is away, at once: it is told so when
   * it is back.
   * @param share its id, name or folder, here and below; of several with one name, the id or the folder
   * @throws FileTransferError `unknown-share`, `bad-option` for a name that several have
   */
  remove(share: string): Promise<void>
  /** One look at each. */
  list(): ShareInfo[]
  /** Looks after what is shared from now on, where `lookAfterShares: false` has put that off; else it does nothing. */
  lookAfter(): void
  /** Resolves when all that is in the folder now is in the catalogue. @throws FileTransferError as `remove`, `stopped`, `cancelled` */
  current(share: string, signal?: AbortSignal): Promise<ShareInfo>
  /** What is not published, at most the first 1,000. @throws FileTransferError as `remove` */
  leftOut(share: string): LeftOut[]
}

export interface PageWish {
  /** 1 to 100; a page may have fewer, because it is full by bytes. */
  max?: number
  /** The page behind the one whose `next` this is. */
  after?: string
  /** The page before the one whose `previous` this is; not with `after`. */
  before?: string
  signal?: AbortSignal
}

/** One page of an answer. Its marks are good for the same question, for a while: later it rejects with `not-found`, and is asked anew. */
export interface Page<T> {
  readonly items: readonly T[]
  /** What `after` and `before` take; undefined where there is no such page, as far as is known. */
  readonly next: string | undefined
  readonly previous: string | undefined
  /** How many there are in all, where that is known. */
  readonly count: number | undefined
}

/** What is looked for. All that is said must hold. */
export interface SearchQuery {
  /**
   * Words of the name or its folders, at most 200 characters; all of them must be there. A `*` behind one makes it the start of one,
   * before it a part of one. All other signs only part words; case and accents do not count.
   */
  words?: string
  /** Bytes, inclusive. */
  minSize?: number
  maxSize?: number
  /** `image` or `image/png`; any one of several, at most 8. */
  types?: string[]
  /** All of them, at most 8. */
  tags?: string[]
  /** The content itself. */
  root?: string
  /** Only what this peer shares; bare JID. */
  peer?: string
  /** Only what somebody has who is online. */
  online?: boolean
}

/** A content that was found. */
export interface Hit {
  readonly root: string
  readonly size: number
  readonly mediaType: string | undefined
  /** How many have it, and how many of them are online. */
  readonly sources: number
  readonly online: number
  /** The most useful source, the share's id there, and the path in it. */
  readonly peer: string | undefined
  readonly share: string | undefined
  readonly path: string
}

/** Somebody who has a content, and where: what `get` takes. */
export interface Source {
  readonly peer: string
  /** The share's id there. */
  readonly share: string
  readonly path: string
  readonly isOnline: boolean
  readonly modified: number
}

/** Somebody who shares something, and how much of it is for us. */
export interface PeerInfo {
  readonly peer: string
  readonly isOnline: boolean
  readonly shares: number
  readonly files: number
  readonly bytes: number | undefined
}

/** A share of somebody, as others see it. */
export interface PeerShare {
  readonly id: string
  readonly name: string
  readonly tags: readonly string[]
  readonly files: number
  readonly bytes: number | undefined
}

/** What is in a folder of a share. `path` is from the share's first folder on; `files` are those below it. */
export type FolderItem =
  | { readonly kind: 'folder'; readonly path: string; readonly files: number }
  | {
      readonly kind: 'file'
      readonly path: string
      readonly size: number
      readonly modified: number
      readonly root: string
      readonly mediaType: string | undefined
      readonly tags: readonly string[]
    }

/**
 * Asks the component. Each call is one question, which waits for the login; what others may not show us is in no answer.
 * @throws FileTransferError `not-found`, `bad-option`, `bad-peer`, `too-fast`, `not-served`, `no-catalogue`, `quota`, `component-away`,
 * `component-refused`, `cancelled`, `stopped`
 */
export interface CatalogueClient extends EventEmitter<{ matched: [Matched] }> {
  /** Contents, the best first. */
  search(query: SearchQuery, page?: PageWish): Promise<Page<Hit>>
  /** Who has a content. */
  sources(root: string, page?: PageWish): Promise<Page<Source>>
  /** Who shares something. */
  peers(which: 'online' | 'offline' | 'all', page?: PageWish): Promise<Page<PeerInfo>>
  /** What a person (bare JID) shares. */
  shares(peer: string, page?: PageWish): Promise<Page<PeerShare>>
  /** What is in a folder of a share (`''`: its first); `deep`: all files below it. */
  browse(
    peer: string,
    share: string,
    path?: string,
    page?: PageWish & { deep?: boolean },
  ): Promise<Page<FolderItem>>
  /** The tags there are, with how many files each. @param prefix only those that begin so */
  tags(prefix?: string, page?: PageWish): Promise<Page<{ readonly tag: string; readonly files: number }>>
  /**
   * Saves a search at the component, for this device; `matched` tells when something new is like it, what came meanwhile included. The same
   * id again replaces it. @param id 1 to 32 letters, digits, `_` and `-`
   */
  watch(id: string, query: SearchQuery): Promise<void>
  unwatch(id: string): Promise<void>
  /** The searches this device has saved. */
  watches(): Promise<{ readonly id: string; readonly query: SearchQuery }[]>
}

/** Something new matches a saved search. */
export interface Matched {
  /** The search's. */
  readonly id: string
  /** At most 8. */
  readonly hits: readonly Hit[]
  /** How many there are beside those. */
  readonly more: number
}

/** What is to be got: as a peer published it, or a content from whoever has it. */
export type Wanted =
  | { peer: string; share: string; path: string; root?: string; filesize?: number }
  | { root: string; filename?: string }

/** A folder of what somebody shares; as path `''` the whole share. */
export interface SharedFolder {
  peer: string
  share: string
  path: string
}

/** One file of a whole folder: what `get` takes, and the folder here that it goes into. */
export interface WantedFile {
  readonly wanted: { peer: string; share: string; path: string; root: string; filesize: number }
  readonly into: string
  /** The very same file is here already. */
  readonly there?: string
  /** It cannot be received, and why. */
  readonly trouble?: FileTransferError
}
