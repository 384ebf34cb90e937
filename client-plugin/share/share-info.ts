/** A share as its owner is shown it, from how it stands in the books and how the telling goes. */

import type { ShareInfo, ShareState } from '../api.js'
import type { FileTransferError } from '../errors.js'
import type { ShareStand } from './keeper-messages.js'
import type { RememberedShare } from './share-index.js'

export interface Telling {
  isCurrent: boolean
  /** Not logged in. */
  isAway: boolean
  /** Its list is on the way over a link. */
  isListing: boolean
  trouble: FileTransferError | undefined
}

/** Whether all that is in the folder has been told, as far as the books say. */
export function isSettled({ phase, unhashedFiles, dirty, saying, listing, isTold }: ShareStand): boolean {
  return (
    phase === 'still' &&
    unhashedFiles + dirty === 0 &&
    saying === undefined &&
    listing === undefined &&
    isTold
  )
}

export function infoOf(stand: ShareStand, telling: Telling): ShareInfo {
  const { settings, dirty, saying } = stand
  const isStanza = dirty > 0 || saying !== undefined
  return {
    id: stand.id,
    ...settings,
    folder: stand.folder,
    state: stateOf(stand, telling),
    files: stand.files,
    bytes: stand.bytes,
    hashedBytes: stand.hashedBytes,
    toHashBytes: stand.toHashBytes,
    rate: stand.rate,
    secondsLeft: stand.secondsLeft,
    publishedFiles: stand.told,
    way: telling.isListing ? 'link' : isStanza ? 'stanzas' : undefined,
    leftOutFiles: stand.leftOut,
    trouble: telling.isCurrent ? undefined : telling.trouble,
  }
}

function stateOf({ phase, unhashedFiles }: ShareStand, { isCurrent, isAway, trouble }: Telling): ShareState {
  if (phase === 'unreadable') return 'unreadable'
  if (phase === 'scanning') return 'scanning'
  if (unhashedFiles > 0) return 'hashing'
  if (isCurrent) return 'current'
  return isAway || trouble !== undefined ? 'waiting' : 'publishing'
}

/** As it was when this program last ran. @param isIdle nobody looks after it now */
export function infoOfRemembered(share: RememberedShare, isIdle: boolean): ShareInfo {
  const { id, folder, name, tags, visibleTo, files, bytes, told, leftOut } = share
  return {
    id,
    name,
    folder,
    tags,
    visibleTo,
    state: isIdle ? 'waiting' : 'scanning',
    files,
    bytes,
    hashedBytes: 0,
    toHashBytes: 0,
    rate: 0,
    secondsLeft: undefined,
    publishedFiles: told,
    way: undefined,
    leftOutFiles: leftOut,
    trouble: undefined,
  }
}
