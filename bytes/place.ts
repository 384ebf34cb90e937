/**
 * Publishing a received file under its name (docs/protocol.md, "Placing").
 *
 * Rules: only content whose root over proven hashes is the wished one gets a name (P1); the name is made by
 * `link`, so never onto what exists (P2); what was written is on the disk before the name is, and the name
 * is on the disk before anybody is told (P6). Killed between any two steps, `recoverPlaced` finishes it.
 */

import { fchmodSync, fstatSync, fsync, linkSync, unlinkSync } from 'node:fs'
import { hasRoot } from './existing.js'
import { diskFailure, ReceiveFailed, systemCode } from './failure.js'
import { finalName, finalNames, shortNameBytes } from './final-names.js'
import { keepsInodeNumbers } from './inode-numbers.js'
import type { PartFile } from './part-file.js'
import { renameOnto } from './placeholder.js'
import { sameHash } from './root.js'

export interface PlaceOptions {
  /** The folder: it has to be the very one that the part file was opened in. */
  dir: string
  /** As the peer said it; made safe here. */
  filename: string
  /** The root that was offered, or that the sender stated. */
  root: Uint8Array
  /** `skip`: where the name is taken, an equal file counts as this one, and another is `already-there`. Default `rename`. */
  onConflict?: 'rename' | 'skip'
  /** Called before the name is made, while the disk writes the file back: what is journaled here is durable first. */
  beforeNamed?: () => void
  /** Called when the name is durable and before the part file's names go: the place for a journal. */
  onNamed?: (path: string) => void | Promise<void>
}

/**
 * Without links: too few rights, no such thing on this file system, not here, too many; Android denies them to all. Where the
 * folder itself denies it, so does it what is tried instead.
 */
const noLinks: ReadonlySet<unknown> = new Set([
  'EPERM',
  'EACCES',
  'ENOTSUP',
  'EOPNOTSUPP',
  'ENOSYS',
  'EMLINK',
  'EXDEV',
])

/** What files get that nobody asked a mode for. Read once: asking sets it for a moment. */
const fileMode = 0o666 & ~process.umask()

/**
 * Gives a received file its name, durably, and closes the part file.
 * @throws ReceiveFailed; the part file stays open and as it is. It may have got its name already (the folder
 *   could not be synced): ask `recoverPlaced` before it is opened again.
 */
export async function place(part: PartFile, options: PlaceOptions): Promise<{ path: string }> {
  try {
    return await placeIt(part, options)
  } catch (error) {
    throw diskFailure(error, 'the file cannot be put in place')
  }
}

async function placeIt(part: PartFile, options: PlaceOptions): Promise<{ path: string }> {
  const { directory } = part
  await part.settled()
  demandOurs(part, options)
  if (options.onConflict === 'skip') {
    const same = await alreadyThere(part, options)
    if (same !== undefined) {
      await options.onNamed?.(same)
      await part.discard()
      return { path: same }
    }
  }
  part.ledger.placing(options.root)
  withoutFail(() => fchmodSync(part.fd, fileMode))
  const written = writeBack(part)
  try {
    options.beforeNamed?.()
  } finally {
    // The descriptor is in use until then, whatever the journal says.
    await written
  }
  demandOurs(part, options)
  const name = giveName(part, options)
  await directory.sync()
  const path = directory.named(name)
  await options.onNamed?.(path)
  // The file is in place: a name that cannot be taken away is no reason to say otherwise.
  withoutFail(() => part.removeNames())
  await part.close()
  return { path }
}

function withoutFail(work: () => void): void {
  try {
    work()
  } catch {
    // Not every file system has modes, and a disk may turn read-only at any time.
  }
}

/** Everything that has to hold before, and once more after, the long wait for the disk. */
function demandOurs(part: PartFile, options: PlaceOptions): void {
  if (part.failed !== undefined) throw part.failed
  if (part.closed) throw new ReceiveFailed('io', 'the part file is closed')
  const root = part.blocks.root()
  if (root === undefined || !sameHash(root, options.root)) {
    throw new ReceiveFailed('bad-data', 'what is held is not what was offered')
  }
  const stats = fstatSync(part.fd, { bigint: true })
  if (!part.isNamed() || stats.nlink !== 1n || stats.size !== BigInt(part.filesize)) {
    throw new ReceiveFailed('part-lost', 'the part file is not ours any more')
  }
  if (!part.directory.isAt(options.dir)) throw new ReceiveFailed('io', 'the folder was replaced by another')
}

function writeBack(part: PartFile): Promise<void> {
  return new Promise((resolve, reject) => {
    fsync(part.fd, (error) => {
      if (error) return reject(part.distrust(error))
      part.writtenBack()
      resolve()
    })
  })
}

async function alreadyThere(part: PartFile, options: PlaceOptions): Promise<string | undefined> {
  const { directory, filesize, cut } = part
  const name = finalName(options.filename, 0)
  if (directory.look(name) === undefined) return undefined
  const same = await hasRoot(directory, name, filesize, options.root, undefined, cut.blockBytes)
  if (same) return directory.named(name)
  throw new ReceiveFailed('already-there', 'another file has that name')
}

function giveName(part: PartFile, options: PlaceOptions): string {
  try {
    return firstFree(part, options, finalNames(options.filename))
  } catch (error) {
    if (systemCode(error) !== 'ENAMETOOLONG') throw error
    return firstFree(part, options, finalNames(options.filename, shortNameBytes))
  }
}

function firstFree(part: PartFile, options: PlaceOptions, names: Iterable<string>): string {
  const { directory } = part
  let n = -1
  for (const name of names) {
    n += 1
    try {
      linkSync(directory.at(part.name), directory.at(name))
    } catch (error) {
      const code = systemCode(error)
      // Over a network a call may be done twice: the answer that got lost was that the name was made.
      if (code === 'EEXIST' && isOurs(part, name)) return name
      if (code === 'EEXIST' && options.onConflict === 'skip') {
        throw new ReceiveFailed('already-there', 'another file has that name', error)
      }
      if (code === 'EEXIST') continue
      if (!noLinks.has(code)) throw error
      part.ledger.placing(options.root, n)
      if (!renameOnto(part, name)) continue
    }
    // Somebody may have put another file under the part file's name just then: that one is not published.
    if (isPublished(part, name)) return name
    if (directory.look(name) !== undefined) unlinkSync(directory.at(name))
    throw new ReceiveFailed('part-lost', 'the part file was swapped while it was put in place')
  }
  throw new ReceiveFailed('io', 'no free name is left')
}

/** Whether this name leads to the part file's own content. */
function isOurs({ directory, stats }: PartFile, name: string): boolean {
  const named = directory.look(name)
  return named?.ino === stats.ino && named.dev === stats.dev
}

/**
 * Whether the name that was just made leads to the part file's own content. Where numbers of inodes are made up (SFTP), each
 * name may have one of its own: there it is enough that the part file's name leads to us still, or is gone.
 */
function isPublished(part: PartFile, name: string): boolean {
  const { directory, filesize } = part
  if (isOurs(part, name)) return true
  if (keepsInodeNumbers(directory.here)) return false
  const named = directory.look(name)
  const isAlike = named?.isFile() === true && named.size === BigInt(filesize)
  return isAlike && (part.isNamed() || directory.look(part.name) === undefined)
}
