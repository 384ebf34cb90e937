/**
 * The root of a file that is only looked at, not sent: for indexes of many files, in a thread of their own. Its calls
 * block that thread, and it breathes between pieces.
 *
 * Rules: the file is opened without following a link; what its inode says is taken before the first byte and compared
 * after the last, so that a root never goes with bytes of two versions. Of a large one it is compared on the way, too, so
 * that one that is written to is not read to its end for nothing.
 */

import { type BigIntStats, closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { maxFileBytes } from '../protocol/blocks.js'
import { blake3, hashBytes } from './blake3.js'
import { breathe, pieceBytes } from './block-hashing.js'
import { cutOf, lengthOf, startOf } from './cut.js'
import { SourceFailed, systemCode } from './failure.js'
import { rootOf } from './root.js'

export interface HashedFile {
  root: Uint8Array
  /** What the inode said, before and after alike. */
  stats: BigIntStats
}

export interface FileHashingOptions {
  /** Bytes that were read since the last call. */
  onBytes?: (bytes: number) => void
  /** Asked between two pieces; true ends it. */
  isStopped?: () => boolean
  /** Whether the file that was opened may be read; where it may not it is `not-found`. */
  mayRead?: MayRead | undefined
}

/** Asked about a file that was just opened. */
export type MayRead = (fd: number) => boolean

/** What the inode says is looked at again after so many bytes. */
const betweenLooks = 16 * pieceBytes

const noBytes = new Uint8Array(0)

/** One at a time uses it: `hashSmallFile` leaves no room for another, `hashFile` takes its own. */
let shared: Buffer | undefined

/** What moves when the content does, or may have. */
const isSame = (a: BigIntStats, b: BigIntStats): boolean =>
  a.size === b.size && a.mtimeNs === b.mtimeNs && a.ctimeNs === b.ctimeNs && a.ino === b.ino

/**
 * The root of a file of at most one piece (a MiB), without breathing; undefined for a larger one.
 * @throws SourceFailed `not-found`, `not-a-file`, `source-changed`, `io`
 */
export function hashSmallFile(path: string, mayRead?: MayRead): HashedFile | undefined {
  return withOpen(path, mayRead, (fd, stats) => {
    const size = Number(stats.size)
    if (size > pieceBytes) return undefined
    shared ??= Buffer.allocUnsafeSlow(pieceBytes)
    fill(fd, shared, size, 0)
    const root = rootOf(size, size === 0 ? noBytes : blake3.hash(shared.subarray(0, size)))
    demandSame(fd, stats)
    return { root, stats }
  })
}

/**
 * The root of a file (docs/protocol.md, "Blocks and root").
 * @throws SourceFailed as {@link hashSmallFile}, and `too-large`, `stopped`
 */
export async function hashFile(path: string, options: FileHashingOptions = {}): Promise<HashedFile> {
  const fd = opened(path)
  try {
    const stats = regular(fd, options.mayRead)
    if (stats.size > BigInt(maxFileBytes)) throw new SourceFailed('too-large', `${stats.size} bytes`)
    const size = Number(stats.size)
    const cut = cutOf(size)
    const hashes = new Uint8Array(cut.blockCount * hashBytes)
    const buffer = Buffer.allocUnsafeSlow(Math.max(1, Math.min(pieceBytes, size)))
    let looked = 0
    for (let block = 0; block < cut.blockCount; block++) {
      const hasher = blake3.hasher()
      const length = lengthOf(cut, block)
      for (let at = 0; at < length; at += pieceBytes) {
        if (options.isStopped?.()) throw new SourceFailed('stopped', 'hashing was stopped')
        const bytes = Math.min(pieceBytes, length - at)
        const position = startOf(cut, block) + at
        if (position - looked >= betweenLooks) {
          demandSame(fd, stats)
          looked = position
        }
        fill(fd, buffer, bytes, position)
        hasher.update(buffer.subarray(0, bytes))
        options.onBytes?.(bytes)
        await breathe()
      }
      hashes.set(hasher.digest(), block * hashBytes)
    }
    demandSame(fd, stats)
    return { root: rootOf(size, hashes), stats }
  } finally {
    closeSync(fd)
  }
}

function withOpen<T>(
  path: string,
  mayRead: MayRead | undefined,
  work: (fd: number, stats: BigIntStats) => T,
): T {
  const fd = opened(path)
  try {
    return work(fd, regular(fd, mayRead))
  } finally {
    closeSync(fd)
  }
}

function opened(path: string): number {
  try {
    // Not blocking: opening a FIFO would wait for its writer.
    return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW)
  } catch (error) {
    const code = systemCode(error)
    if (code === 'ENOENT' || code === 'ENOTDIR') throw new SourceFailed('not-found', 'no such file', error)
    if (code === 'ELOOP' || code === 'ENXIO')
      throw new SourceFailed('not-a-file', 'not a regular file', error)
    throw new SourceFailed('io', `cannot be opened: ${code ?? 'failed'}`, error)
  }
}

function regular(fd: number, mayRead: MayRead | undefined): BigIntStats {
  const stats = fstatSync(fd, { bigint: true })
  if (!stats.isFile()) throw new SourceFailed('not-a-file', 'not a regular file')
  if (mayRead?.(fd) === false) throw new SourceFailed('not-found', 'what was opened is another file')
  return stats
}

/** Reads exactly so many bytes. */
function fill(fd: number, into: Buffer, bytes: number, position: number): void {
  for (let got = 0; got < bytes; ) {
    let read: number
    try {
      read = readSync(fd, into, got, bytes - got, position + got)
    } catch (error) {
      throw new SourceFailed('io', `cannot be read: ${systemCode(error) ?? 'failed'}`, error)
    }
    if (read === 0) throw new SourceFailed('source-changed', 'the file became shorter while it was hashed')
    got += read
  }
}

function demandSame(fd: number, stats: BigIntStats): void {
  if (!isSame(stats, fstatSync(fd, { bigint: true }))) {
    throw new SourceFailed('source-changed', 'the file changed while it was hashed')
  }
}
