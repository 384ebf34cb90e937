/** What the main thread and the keeper's thread say to each other. Plain data only. */

import type { VisibleTo } from '../api.js'

/** What a share is called, and whom it is for. */
export interface ShareSettings {
  name: string
  tags: string[]
  visibleTo: VisibleTo
}

/** A file as it is told to the component. */
export interface EntrySaid {
  path: string
  size: number
  /** Whole seconds since 1970. */
  modified: number
  /** 64 hex. */
  root: string
  type?: string
}

/** One numbered change, the same however often it is said. */
export interface ChangeSaid {
  base: number
  seq: number
  removes: string[]
  adds: EntrySaid[]
}

/** A whole list in a file, packed, as it goes over a link. */
export interface ListSaid {
  file: string
  seq: number
  entries: number
}

/** How a share stands in the keeper's books. */
export interface ShareStand {
  id: string
  /** Absolute. */
  folder: string
  settings: ShareSettings
  /** Whether the component has been told these settings; false as well where it does not know the share. */
  isTold: boolean
  isKnown: boolean
  /** The greatest number ever said, and the one the component holds. */
  said: number
  held: number
  /** The number of the publication, and of the list, on the way. */
  saying: number | undefined
  listing: number | undefined
  files: number
  bytes: number
  told: number
  dirty: number
  /** About how many bytes of publications those are. */
  dirtyBytes: number
  unhashedFiles: number
  /** While it hashes: bytes read, and to be read in all; bytes a second; seconds left. */
  hashedBytes: number
  toHashBytes: number
  rate: number
  secondsLeft: number | undefined
  leftOut: number
  /** `scanning` until the whole folder was seen once. */
  phase: 'scanning' | 'still' | 'unreadable'
}

/** What the main thread asks of the keeper. */
export interface KeeperCalls {
  add(folder: string, settings: Partial<ShareSettings> & { id: string }): ShareStand
  end(id: string): void
  /** Looks through the whole folder once more. Answered when that is done. */
  scan(id: string): void
  /** Looks at one file once more. Answered when it is known what it is, or after a while. */
  look(id: string, path: string): void
  /** How all shares stand now. */
  stands(): ShareStand[]
  /** The registration's id, if there is one, and the shares that the component is to forget. */
  registration(): { id: string | undefined; ended: string[] }
  /** The component gave this id. */
  registered(id: string): void
  /** The component has forgotten this ended share. */
  forgotten(id: string): void
  /** The component was told these settings. */
  toldSettings(id: string, settings: ShareSettings): void
  /** The component knows nothing of the share: all is to be told again. */
  startOver(id: string): void
  /** As {@link startOver}, under another id; the old one is to be forgotten. */
  rename(id: string, newId: string): void
  /** The next change to say: the one on the way, if there is one. Durable before it is answered. */
  take(id: string, removesOnly?: boolean): ChangeSaid | undefined
  /** The component did not take the change on the way, and said so: what is in it is said under another number. */
  refused(id: string): void
  /** The component holds the number of what is on its way. */
  held(id: string, seq: number): void
  /** The whole list as a file, under a number greater than any that was said, or was held. Durable likewise. */
  list(id: string, above: number): ListSaid
  /** The list on the way is given up. */
  dropList(id: string): void
}

export type KeeperCall = {
  [N in keyof KeeperCalls]: { n: number; name: N; values: Parameters<KeeperCalls[N]> }
}[keyof KeeperCalls]

export type KeeperSays =
  | { kind: 'open' }
  | { kind: 'answer'; n: number; value: unknown }
  | { kind: 'fault'; n: number; code: string | undefined; message: string }
  /** How the shares stand, when something changed. */
  | { kind: 'stands'; stands: ShareStand[] }

/** What the keeper's thread begins with. */
export interface KeeperData {
  file: string
  /** Where lists are written. */
  dir: string
  settings: KeeperSettings
}

export interface KeeperSettings {
  /** A file that was written to within this time is still being written, ms. */
  restMs: number
  /** Events of the file system are gathered for so long, ms. */
  gatherMs: number
  /** How often everything is looked at again, ms. */
  sweepMs: number
  /** Folders that are watched at most. */
  maxWatches: number
}
