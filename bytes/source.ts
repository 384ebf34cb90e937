/**
 * A source: one regular file that is sent, held open, known by its identity, with the hashes made so far.
 *
 * Rules: it is looked at again after every block that was read; a change of size, content time or inode, or
 * a name that leads elsewhere, is a changed source (P5, case 96). A change of the inode's time alone (a
 * permission, a second name) makes every hash doubtful. The path is resolved once, when it is opened.
 */

import { type BigIntStats, constants, fdatasync, fstatSync, openSync } from 'node:fs'
import { realpath } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { maxFileBytes } from '../protocol/blocks.js'
import { type Cut, cutOf } from './cut.js'
import { SourceFailed, systemCode } from './failure.js'
import { letGo } from './let-go.js'
import { readAside } from './read-pace.js'
import { SourceHashes } from './source-hashes.js'
import { identityOf, leadsTo, type SourceIdentity } from './source-identity.js'
import { SourceNotes } from './source-notes.js'

/** A file written within this time, in ms, could be written again without its time changing: clocks of file systems tick. */
const tickMs = 20
/** Where times are kept in whole seconds (ext2, ext3, SFTP), or every other one (FAT), they tick so slowly, ms. */
const coarseTickMs = 2_000 + tickMs
/** So often its clock is waited for; who is written to without rest changes visibly soon enough. */
const ticksAwaited = 3
const secondNs = 1_000_000_000n

/** What a look at a source gives: `doubtful` once after its inode's time moved. */
export type Look = 'same' | 'doubtful' | 'changed'

export class Source {
  readonly identity: SourceIdentity
  readonly cut: Cut
  readonly hashes: SourceHashes
  #ctimeNs: bigint
  #reading = 0
  #closed = false
  #flushed: Promise<void> | undefined
  #notes: SourceNotes | undefined

  /** Use {@link openSource}. */
  constructor(
    /** Where the file really is: no symbolic link in it. */
    readonly path: string,
    readonly fd: number,
    /** What the inode said when it was opened. */
    readonly opened: BigIntStats,
    blockBytes?: number,
  ) {
    this.identity = identityOf(opened)
    this.cut = cutOf(this.identity.size, blockBytes)
    this.hashes = new SourceHashes(this.cut)
    this.#ctimeNs = opened.ctimeNs
  }

  get filesize(): number {
    return this.identity.size
  }

  /** Whether it is still what was opened. Cheap: one call on the open file. @throws SourceFailed `io`; the system's error */
  look(): Look {
    // The number of a closed descriptor may be another file's by now.
    if (this.#closed) throw new SourceFailed('io', 'the source is closed')
    const stats = fstatSync(this.fd, { bigint: true })
    if (!this.#isSame(stats)) return 'changed'
    if (stats.ctimeNs === this.#ctimeNs) return 'same'
    // Taking a name away, or putting another file under it, moves the inode's time.
    if (!leadsTo(this.path, stats)) return 'changed'
    this.#ctimeNs = stats.ctimeNs
    this.#endNotes()
    this.hashes.distrust()
    return 'doubtful'
  }

  /** As `sameIdentity` of a file that is open, without making text of it: it is asked for every block. */
  #isSame({ size, mtimeNs, ino }: BigIntStats): boolean {
    const { opened } = this
    return size === opened.size && mtimeNs === opened.mtimeNs && ino === opened.ino
  }

  /** As {@link look}, and that the path still leads here. */
  lookClosely(): Look {
    const look = this.look()
    if (look === 'changed') return look
    return leadsTo(this.path, fstatSync(this.fd, { bigint: true })) ? look : 'changed'
  }

  /**
   * Resolves once what was written to the file before now is written back. Until then a program that has
   * it mapped can change it without any time moving. Never rejects: a read-only disk needs no such care.
   */
  writtenBack(): Promise<void> {
    this.#flushed ??= this.busy(
      () => new Promise<void>((resolve) => fdatasync(this.fd, () => resolve())),
    ).catch(() => undefined)
    return this.#flushed
  }

  /**
   * Keeps the hashes of blocks at `path`, and takes over what an earlier program noted there of this very source. Resolves
   * once that is done; never rejects. A second call does nothing.
   */
  async keepNotes(path: string): Promise<void> {
    await this.writtenBack()
    if (this.#closed || this.#notes !== undefined) return
    const stats = fstatSync(this.fd, { bigint: true })
    if (!this.#isSame(stats) || stats.ctimeNs !== this.#ctimeNs) return
    const notes = SourceNotes.open(path, this.path, stats)
    if (notes === undefined) return
    const { hashes, cut } = this
    notes.read((block, hash) => {
      if (block < cut.blockCount && !hashes.note(block, hash)) hashes.distrust()
    })
    this.#notes = notes
    hashes.onTrusted = (block, hash) => notes.note(block, hash)
  }

  #endNotes(): void {
    this.hashes.onTrusted = undefined
    this.#notes?.close()
  }

  /** Reads in the thread pool. The file stays open until it is done. */
  readAside(into: Uint8Array, at: number, length: number, position: number): Promise<number> {
    return this.busy(() => readAside(this.fd, into, at, length, position))
  }

  /** Keeps the file open while `work` runs. */
  async busy<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closed) throw new SourceFailed('io', 'the source is closed')
    this.#reading += 1
    try {
      return await work()
    } finally {
      this.#reading -= 1
      this.#closeWhenIdle()
    }
  }

  get closed(): boolean {
    return this.#closed
  }

  /** Closes it, once nothing reads any more. What is being served from it then fails. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#endNotes()
    this.#closeWhenIdle()
  }

  #closeWhenIdle(): void {
    if (this.#closed && this.#reading === 0) letGo(this.fd)
  }
}

/**
 * Opens a regular file to send it.
 * @throws SourceFailed `not-found`, `not-a-file`, `too-large` (above 16 TiB) or `io`
 */
export async function openSource(path: string, options: { blockBytes?: number } = {}): Promise<Source> {
  let fd: number | undefined
  try {
    const real = await realpath(path)
    // Not blocking: opening a FIFO would wait for its writer.
    fd = openSync(real, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW)
    let stats = lookedAt(fd)
    for (let n = 0; n < ticksAwaited; n++) {
      const ms = untilNextTick(stats)
      if (ms <= 0) break
      await pause(ms)
      stats = lookedAt(fd)
    }
    const source = new Source(real, fd, stats, options.blockBytes)
    void source.writtenBack()
    return source
  } catch (error) {
    if (fd !== undefined) letGo(fd)
    if (error instanceof SourceFailed) throw error
    const code = systemCode(error)
    if (code === 'ENOENT' || code === 'ENOTDIR') throw new SourceFailed('not-found', 'no such file', error)
    if (code === 'ELOOP' || code === 'ENXIO')
      throw new SourceFailed('not-a-file', 'not a regular file', error)
    throw new SourceFailed('io', `cannot be opened: ${code ?? 'failed'}`, error)
  }
}

function lookedAt(fd: number): BigIntStats {
  const stats = fstatSync(fd, { bigint: true })
  if (!stats.isFile()) throw new SourceFailed('not-a-file', 'not a regular file')
  if (stats.size > BigInt(maxFileBytes)) throw new SourceFailed('too-large', `${stats.size} bytes`)
  return stats
}

/** How long until whatever is written to a file moves its time, ms. */
function untilNextTick({ mtimeNs, mtimeMs }: BigIntStats): number {
  const tick = mtimeNs % secondNs === 0n ? coarseTickMs : tickMs
  const age = Date.now() - Number(mtimeMs)
  // A time that lies far ahead is none of now.
  return Math.abs(age) < tick ? tick - age : 0
}
