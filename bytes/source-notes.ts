/**
 * The hashes of a source's blocks, kept on disk for the next program (docs/decisions/0013).
 *
 * Rules: a note proves itself with what the source is: device, inode, size, both its times to the nanosecond, and this very
 * start of the machine; a note of anything else counts for nothing, nor does a torn one. Only hashes made
 * after what was written before had been written back are noted, and none any more once the inode's time moved: what is
 * mapped cannot change unseen then. Only on file systems of which that is known. It is a help: no failure here is anybody's.
 */

import {
  type BigIntStats,
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  statfsSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { blake3 } from './blake3.js'
import { decodeRecord, encodeRecord, RecordKind, recordBytes } from './ledger-records.js'

/** ext2 to 4, XFS, Btrfs, F2FS: a write through a mapping moves the file's time as soon as the page was written back once. */
const knownSystems: ReadonlySet<number> = new Set([0xef53, 0x58465342, 0x9123683e, 0xf2f52010])
/** Whether notes can be kept on a file there: only where it is known how its times move. Throws the system's error. */
export const canKeepNotesOn = (source: string): boolean => knownSystems.has(statfsSync(source).type)

/** More than any notes have. */
const mostBytes = 64 * 2 ** 20
/** Notes that are written together: so many may be lost when the program is killed, and are made again. */
const together = 16

const { O_RDWR, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = constants

export class SourceNotes {
  #fd: number | undefined
  #end = 0
  #waiting: Buffer[] = []

  /** The notes at `path` on the file with these stats at `source`; `undefined` where none can be kept. */
  static open(path: string, source: string, stats: BigIntStats): SourceNotes | undefined {
    try {
      if (!canKeepNotesOn(source)) return undefined
      const start = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')
      const { dev, ino, size, mtimeNs, ctimeNs } = stats
      const key = blake3.hash(Buffer.from([start, dev, ino, size, mtimeNs, ctimeNs].join('\n')))
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
      return new SourceNotes(openSync(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o600), key)
    } catch {
      return undefined
    }
  }

  private constructor(
    fd: number,
    readonly key: Uint8Array,
  ) {
    this.#fd = fd
  }

  /** What was noted of this very source, block by block. Call it first. */
  read(each: (block: number, hash: Uint8Array) => void): void {
    this.#guarded((fd) => {
      const stats = fstatSync(fd)
      if (!stats.isFile() || stats.nlink !== 1 || stats.size > mostBytes)
        throw new Error('these are no notes')
      const bytes = Buffer.alloc(stats.size)
      const got = readSync(fd, bytes, 0, bytes.length, 0)
      for (let at = 0; at + recordBytes <= got; at += recordBytes) {
        const record = decodeRecord(bytes.subarray(at, at + recordBytes), this.key)
        // What stands behind a note of something else is not looked at: it is written over.
        if (record?.kind !== RecordKind.proven) break
        each(record.block, record.hash)
        this.#end = at + recordBytes
      }
      ftruncateSync(fd, this.#end)
    })
  }

  /** Notes a block's hash, soon. */
  note(block: number, hash: Uint8Array): void {
    if (this.#fd === undefined) return
    this.#waiting.push(encodeRecord({ kind: RecordKind.proven, block, hash }, this.key))
    if (this.#waiting.length >= together) this.#flush()
  }

  close(): void {
    this.#flush()
    if (this.#fd !== undefined) closeSync(this.#fd)
    this.#fd = undefined
  }

  #flush(): void {
    if (this.#waiting.length === 0) return
    this.#guarded((fd) => {
      const bytes = Buffer.concat(this.#waiting.splice(0))
      this.#end += writeSync(fd, bytes, 0, bytes.length, this.#end)
    })
  }

  #guarded(work: (fd: number) => void): void {
    if (this.#fd === undefined) return
    try {
      work(this.#fd)
    } catch {
      closeSync(this.#fd)
      this.#fd = undefined
    }
  }
}
