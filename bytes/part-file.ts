/**
 * A part file: the bytes received so far, in a hidden file beside the destination, with its ledger.
 *
 * Rules: its name is random, taken from nothing the peer said; what is written counts only once it is
 * proven (P3); it is written back every 16 MiB, near the end every 2 MiB, one such call at a time; when one fails,
 * what it covered is lost whatever the page cache shows, and this descriptor is never used again.
 */

import { type BigIntStats, fdatasync, ftruncateSync, unlinkSync } from 'node:fs'
import type { Cut } from './cut.js'
import { startOf } from './cut.js'
import type { Directory } from './directory.js'
import { diskFailure, ReceiveFailed } from './failure.js'
import { type Ledger, writeAll } from './ledger.js'
import { letGo } from './let-go.js'
import { BlockState, PartBlocks } from './part-blocks.js'
import { WritesAside } from './writes-aside.js'

/** Which transfer a part file belongs to. */
export interface PartTransfer {
  sid: string
  peer: string
  filename: string
  filesize: number
  root?: Uint8Array
  /** For trials only. */
  blockBytes?: number
}

const writeBackBytes = 16 * 2 ** 20
/** While no more is to come than this it is written back in smaller steps, since what is left at the end is waited for. */
const nearTheEndBytes = 48 * 2 ** 20
const lastWriteBackBytes = 2 * 2 ** 20

/** The names of part files, and only those. */
export const partName = /^\.jabberfs-[0-9a-f]{16}\.part$/

export function ledgerNameFor(name: string): string {
  return name.replace(/\.part$/, '.ledger')
}

/** Part files open in this process, by device and inode: exactly one writer (case 80). */
const open = new Set<string>()

/** Whether this file is open here as a part file. */
export function isOpenPart({ dev, ino }: BigIntStats): boolean {
  return open.has(`${dev}:${ino}`)
}

export class PartFile {
  readonly blocks: PartBlocks
  /** Set once writing back failed: nothing more is to be done with this descriptor. */
  failed: ReceiveFailed | undefined
  /** Told when writing back fails meanwhile. */
  onFailed: ((failure: ReceiveFailed) => void) | undefined
  /** Whoever writes now; another one takes over by setting it. */
  #writer: { fenced(): void } | undefined
  /** Whoever took it over last, also once it is closed. */
  #owner: object | undefined
  readonly #aside: WritesAside
  /** Blocks on their way to the file. */
  readonly #underWay = new Set<number>()
  #unsynced: number[] = []
  #unsyncedBytes = 0
  #syncing: Promise<void> | undefined
  #closed = false

  /** Use `openPart`. @throws ReceiveFailed `in-use` */
  constructor(
    readonly directory: Directory,
    readonly name: string,
    readonly fd: number,
    readonly stats: BigIntStats,
    readonly ledger: Ledger,
    readonly transfer: PartTransfer,
    readonly cut: Cut,
  ) {
    if (open.has(this.#key)) throw new ReceiveFailed('in-use', 'the part file is open already')
    open.add(this.#key)
    this.blocks = new PartBlocks(cut)
    this.#aside = new WritesAside(fd)
  }

  /** Where it is, for a journal. */
  get path(): string {
    return this.directory.named(this.name)
  }

  get filesize(): number {
    return this.cut.filesize
  }

  /** Bytes that are here and proven before, from the beginning of the file on: `filebytesdone`. */
  get provenBytesPrefix(): number {
    return this.blocks.provenPrefix
  }

  /** Bytes of whole blocks that are here, proven or only claimed. */
  get heldBytes(): number {
    return this.blocks.heldBytes
  }

  get closed(): boolean {
    return this.#closed
  }

  /** Makes `writer` the only one; the one before is told. */
  takeOver(writer: { fenced(): void }): void {
    const before = this.#writer
    this.#writer = writer
    this.#owner = writer
    before?.fenced()
    this.blocks.beginChannel()
  }

  isWriter(writer: object): boolean {
    return this.#writer === writer && !this.#closed && this.failed === undefined
  }

  /** Whether what this writer has under way still counts: nobody took over from it, though it may have been closed. */
  counts(writer: object): boolean {
    return this.#owner === writer && this.failed === undefined
  }

  /** Writes bytes that need not be right. @throws ReceiveFailed */
  write(block: number, at: number, bytes: Uint8Array): void {
    try {
      writeAll(this.fd, bytes, startOf(this.cut, block) + at)
    } catch (error) {
      throw diskFailure(error, 'writing failed')
    }
  }

  /** Writes bytes that are right, in the thread pool. They are not to be touched until `done` is called. */
  writeAside(block: number, bytes: Uint8Array, done: (failure?: ReceiveFailed) => void): void {
    this.#underWay.add(block)
    this.#aside.add(bytes, startOf(this.cut, block), (error) => {
      this.#underWay.delete(block)
      done(error && diskFailure(error, 'writing failed'))
    })
  }

  /** Resolves once no bytes are on their way to the file; `undefined` when none are. */
  get written(): Promise<void> | undefined {
    return this.#aside.idle
  }

  /** Counts a block whose bytes are written and have this hash, which the sender stated. @throws ReceiveFailed */
  prove(block: number, hash: Uint8Array, bytes: number): void {
    this.blocks.set(block, BlockState.proven, hash)
    this.#unsynced.push(block)
    this.#unsyncedBytes += bytes
    this.record(block)
    this.#writeBackWhenDue()
  }

  /** Notes in the ledger what is known of a block that is proven. @throws ReceiveFailed */
  record(block: number): void {
    try {
      this.ledger.proven(block, this.blocks.hash(block))
    } catch (error) {
      throw diskFailure(error, 'the ledger cannot be written')
    }
  }

  /** Counts a block that was here when the file was opened: whether it was ever written back is not known. */
  found(block: number, state: BlockState, hash: Uint8Array): void {
    this.blocks.set(block, state, hash)
    this.#unsynced.push(block)
  }

  /** Resolves once no writing and no writing back is under way. */
  async settled(): Promise<void> {
    while (this.written !== undefined || this.#syncing !== undefined) await (this.written ?? this.#syncing)
  }

  /** What a failed writing back means: nothing it may have covered is believed again. */
  distrust(error: unknown, alsoThese: readonly number[] = []): ReceiveFailed {
    const failure = diskFailure(error, 'writing back failed')
    this.failed ??= failure
    try {
      for (const block of [...alsoThese, ...this.#unsynced, ...this.#underWay]) {
        this.blocks.set(block, BlockState.missing)
        this.ledger.distrusted(block)
      }
    } catch {
      // The ledger cannot be written either, so nothing here may ever be believed.
      this.#spoil()
    }
    this.#unsynced = []
    return failure
  }

  /** Forgets which blocks were not written back: all of them are, now. */
  writtenBack(): void {
    this.#unsynced = []
    this.#unsyncedBytes = 0
  }

  /** Closes it; what is proven stays for another time. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    const writer = this.#writer
    this.#writer = undefined
    writer?.fenced()
    await this.settled()
    open.delete(this.#key)
    this.ledger.close()
    letGo(this.fd)
    this.directory.close()
  }

  /** Removes it and its ledger, as far as the names still lead to them, and closes it. */
  async discard(): Promise<void> {
    if (this.#closed) return
    this.removeNames()
    await this.close()
  }

  /** Takes the two names away: the part file's only while it leads to what we hold. Throws the system's error. */
  removeNames(): void {
    if (this.isNamed()) unlinkSync(this.directory.at(this.name))
    if (this.ledger.isNamed()) unlinkSync(this.directory.at(this.ledger.name))
  }

  /** Whether its name still leads to what we hold. */
  isNamed(): boolean {
    const found = this.directory.look(this.name)
    return found !== undefined && found.ino === this.stats.ino && found.dev === this.stats.dev
  }

  #writeBackWhenDue(): void {
    const toCome = this.filesize - this.heldBytes
    const dueBytes = toCome > nearTheEndBytes ? writeBackBytes : lastWriteBackBytes
    const due = this.#unsyncedBytes >= dueBytes && this.#syncing === undefined
    if (!due || this.#closed || this.failed !== undefined) return
    const covered = this.#unsynced
    this.writtenBack()
    this.#syncing = new Promise((resolve) => {
      fdatasync(this.fd, (error) => {
        this.#syncing = undefined
        if (error) {
          const failure = this.distrust(error, covered)
          this.onFailed?.(failure)
        }
        this.#writeBackWhenDue()
        resolve()
      })
    })
  }

  #spoil(): void {
    try {
      ftruncateSync(this.fd, 0)
    } catch {
      try {
        this.removeNames()
      } catch {
        // The disk takes nothing any more.
      }
    }
  }

  get #key(): string {
    return `${this.stats.dev}:${this.stats.ino}`
  }
}
