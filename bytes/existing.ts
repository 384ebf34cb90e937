/**
 * Files that are in the folder already: whether one of them is the very file that was offered.
 * They are only ever read (P2).
 */

import { closeSync, constants, fstatSync, openSync } from 'node:fs'
import { safeName } from '../protocol/names.js'
import { hashBytes } from './blake3.js'
import { BlockHashing } from './block-hashing.js'
import { cutOf } from './cut.js'
import { Directory } from './directory.js'
import { diskFailure, ReceiveFailed } from './failure.js'
import { rootOf, sameHash } from './root.js'

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants

export interface ExistingOptions {
  dir: string
  /** As the peer said it. */
  filename: string
  filesize: number
  root: Uint8Array
  signal?: AbortSignal
}

/**
 * Where a file of that name, size and root is already; `undefined` when there is none. Reads it whole.
 * @throws ReceiveFailed `stopped` or `io`
 */
export async function findExisting(options: ExistingOptions): Promise<{ path: string } | undefined> {
  const safe = safeName(options.filename)
  if (!safe.ok) return undefined
  const directory = new Directory(options.dir)
  try {
    const same = await hasRoot(directory, safe.name, options.filesize, options.root, options.signal)
    return same ? { path: directory.named(safe.name) } : undefined
  } finally {
    directory.close()
  }
}

/** Whether an entry of a folder is a regular file of that size and root. */
export async function hasRoot(
  directory: Directory,
  name: string,
  filesize: number,
  root: Uint8Array,
  signal?: AbortSignal,
  blockBytes?: number,
): Promise<boolean> {
  let fd: number
  try {
    fd = openSync(directory.at(name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
  } catch {
    return false
  }
  try {
    const stats = fstatSync(fd)
    if (!stats.isFile() || stats.size !== filesize) return false
    const cut = cutOf(filesize, blockBytes)
    const hashing = new BlockHashing(cut, fd)
    const hashes = new Uint8Array(cut.blockCount * hashBytes)
    for (let block = 0; block < cut.blockCount; block++) {
      if (signal?.aborted) throw new ReceiveFailed('stopped', 'stopped while looking at an existing file')
      const hash = await hashing.hash(block)
      if (hash === undefined) return false
      hashes.set(hash, block * hashBytes)
    }
    return sameHash(rootOf(filesize, hashes), root)
  } catch (error) {
    throw diskFailure(error, 'an existing file cannot be read')
  } finally {
    closeSync(fd)
  }
}
