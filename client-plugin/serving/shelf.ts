/**
 * What is looked up when somebody asks for a shared file: the plugin's own list of what it shares (share/), as far as
 * serving needs it.
 *
 * Rule: only a file that the list has looked at, and that has not changed since, leaves (case 100). A path of a request
 * is a key of that list and nothing else.
 */

import { openSource, passingCode, type Source, type SourceIdentity } from '../../bytes/index.js'

/** A file of the list. */
export interface Shelved {
  /** Absolute. */
  file: string
  /** Hex. */
  root: string
  /** As it was when it was hashed. */
  identity: SourceIdentity
  /** Whether what was opened there is what is shared, wherever a link on the way led. */
  isShared(fd: number): boolean
}

export interface Shelf {
  /** What is published there; undefined for what is not, or is to be hashed again first. */
  find(share: string, path: string): Shelved | undefined
  /** Whether a share is for this peer, bare. */
  visibleTo(share: string, peer: string): boolean
  /** Whether a share is for everybody. */
  isForAll(share: string): boolean
  /** What is published there is not what is there: resolves when the list knows better. */
  lookAgain(share: string, path: string): Promise<void>
}

/** An open file, and what it is. */
export interface Taken {
  source: Source
  file: string
  root: string
}

/**
 * Opens what is published there, if it is still what was published. Where it is not, the list looks at it again, which
 * corrects the catalogue; then it is what the list says now, or nothing. Rejects where it may be opened in a moment.
 */
export async function takeFrom(shelf: Shelf, share: string, path: string): Promise<Taken | undefined> {
  const taken = await tryFrom(shelf, share, path)
  if (taken !== undefined) return taken
  await shelf.lookAgain(share, path)
  return tryFrom(shelf, share, path)
}

/** The inode's own time counts too: where it moved, the root may be that of other bytes. */
function isSame(one: SourceIdentity, other: SourceIdentity): boolean {
  const { size, ino, mtimeNs, ctimeNs } = other
  const areSame = isSame64(one.ino, ino) && isSame64(one.mtimeNs, mtimeNs) && isSame64(one.ctimeNs, ctimeNs)
  return one.size === size && areSame
}

/** The list holds 64 bits of each with a sign: a time after 2262 and an inode beyond 2^63 stand in it as negative ones. */
function isSame64(one: string, other: string): boolean {
  return one === other || BigInt.asIntN(64, BigInt(one)) === BigInt.asIntN(64, BigInt(other))
}

async function tryFrom(shelf: Shelf, share: string, path: string): Promise<Taken | undefined> {
  const shelved = shelf.find(share, path)
  if (shelved === undefined) return undefined
  const { file, root, identity } = shelved
  let source: Source
  try {
    source = await openSource(file)
  } catch (error) {
    if (passingCode(error) !== undefined) throw error
    // Gone, or no file any more, or not readable: as good as absent.
    return undefined
  }
  // It is the open file that is compared: whatever a link leads to now, this is what leaves.
  if (isSame(source.identity, identity) && shelved.isShared(source.fd)) return { source, file, root }
  source.close()
  return undefined
}
