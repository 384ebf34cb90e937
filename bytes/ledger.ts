/**
 * The ledger beside a part file: the record of which blocks were proven, and with which hash.
 *
 * Rules: it is a hint. It is written after the data, never synced for its own sake, and never believed
 * before the data was hashed again (P3). Opened without following links, as a regular file with one name.
 */

import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { hashBytes } from './blake3.js'
import type { Directory } from './directory.js'
import { ReceiveFailed, systemCode } from './failure.js'
import {
  decodeHeader,
  decodeRecord,
  encodeHeader,
  encodeRecord,
  type LedgerHeader,
  RecordKind,
  recordBytes,
} from './ledger-records.js'
import { letGo } from './let-go.js'
import { leadsTo } from './source-identity.js'

/** More than any ledger has: a larger file is none. */
export const maxLedgerBytes = 64 * 2 ** 20

/** What a ledger says, before anything of it is believed. */
export interface LedgerWord {
  /** The hash each block had when it was proven. */
  proven: Map<number, Uint8Array>
  distrusted: Set<number>
  /** The root that was being placed, and the number of the name that was to get a placeholder, if any. */
  placing: { root: Uint8Array; placeholder: number | undefined } | undefined
}

const { O_RDWR, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK } = constants

export class Ledger {
  #fd: number | undefined
  #end: number

  private constructor(
    readonly directory: Directory,
    readonly name: string,
    fd: number,
    readonly key: Uint8Array,
    end: number,
  ) {
    this.#fd = fd
    this.#end = end
  }

  /** Makes a ledger under a name that is free. Throws the system's error. */
  static create(directory: Directory, name: string, header: LedgerHeader): Ledger {
    const fd = openSync(directory.at(name), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600)
    try {
      const { bytes, key } = encodeHeader(header)
      writeAll(fd, bytes, 0)
      return new Ledger(directory, name, fd, key, bytes.length)
    } catch (error) {
      closeSync(fd)
      unlinkSync(directory.at(name))
      throw error
    }
  }

  /**
   * Opens the ledger of that name and reads it; one of another transfer, or none, is replaced by an empty one.
   * @throws ReceiveFailed `part-lost` when something else has the name; the system's error
   */
  static open(
    directory: Directory,
    name: string,
    header: LedgerHeader,
  ): { ledger: Ledger; word: LedgerWord } {
    const found = readLedger(directory, name)
    if (found !== undefined && isSameTransfer(found.header, header)) {
      const { fd, key, end, word } = found
      return { ledger: new Ledger(directory, name, fd, key, end), word }
    }
    if (found !== undefined) closeSync(found.fd)
    if (directory.look(name) !== undefined) unlinkSync(directory.at(name))
    const word = { proven: new Map(), distrusted: new Set<number>(), placing: undefined }
    return { ledger: Ledger.create(directory, name, header), word }
  }

  proven(block: number, hash: Uint8Array): void {
    this.#append(RecordKind.proven, block, hash)
  }

  distrusted(block: number): void {
    this.#append(RecordKind.distrusted, block, new Uint8Array(hashBytes))
  }

  placing(root: Uint8Array, placeholder?: number): void {
    this.#append(RecordKind.placing, placeholder === undefined ? 0 : placeholder + 1, root)
  }

  /** Whether its name still leads to it. */
  isNamed(): boolean {
    if (this.#fd === undefined) return false
    return leadsTo(this.directory.at(this.name), fstatSync(this.#fd, { bigint: true }))
  }

  close(): void {
    if (this.#fd !== undefined) letGo(this.#fd)
    this.#fd = undefined
  }

  #append(kind: RecordKind, block: number, hash: Uint8Array): void {
    if (this.#fd === undefined) throw new Error('the ledger is closed')
    writeAll(this.#fd, encodeRecord({ kind, block, hash }, this.key), this.#end)
    this.#end += recordBytes
  }
}

interface FoundLedger {
  fd: number
  header: LedgerHeader
  key: Uint8Array
  /** Where the next record goes: behind the last whole one. */
  end: number
  word: LedgerWord
}

/**
 * Opens and reads what is at a ledger's name; `undefined` when there is nothing or no ledger in it.
 * @throws ReceiveFailed `part-lost` when it is no regular file with one name
 */
export function readLedger(directory: Directory, name: string): FoundLedger | undefined {
  let fd: number
  try {
    fd = openSync(directory.at(name), O_RDWR | O_NOFOLLOW | O_NONBLOCK)
  } catch (error) {
    const code = systemCode(error)
    if (code === 'ENOENT') return undefined
    if (code === 'ELOOP' || code === 'EISDIR' || code === 'ENXIO') throw alien(error)
    throw error
  }
  try {
    const stats = fstatSync(fd)
    if (!stats.isFile() || stats.nlink !== 1) throw alien()
    const bytes = stats.size > maxLedgerBytes ? Buffer.alloc(0) : readWhole(fd, stats.size)
    const head = decodeHeader(bytes)
    if (head === undefined) {
      closeSync(fd)
      return undefined
    }
    const whole = Math.floor((bytes.length - head.bytes) / recordBytes)
    const end = head.bytes + whole * recordBytes
    // A torn record at the end goes, so that what is appended stands in line.
    if (end < bytes.length) ftruncateSync(fd, end)
    return {
      fd,
      header: head.header,
      key: head.key,
      end,
      word: wordOf(bytes.subarray(head.bytes, end), head.key),
    }
  } catch (error) {
    closeSync(fd)
    throw error
  }
}

/** What these whole records say; the last one of a block counts. */
export function wordOf(records: Buffer, key: Uint8Array): LedgerWord {
  const word: LedgerWord = { proven: new Map(), distrusted: new Set(), placing: undefined }
  for (let at = 0; at < records.length; at += recordBytes) {
    const record = decodeRecord(records.subarray(at, at + recordBytes), key)
    if (record === undefined) continue
    if (record.kind === RecordKind.placing) {
      word.placing = { root: record.hash, placeholder: record.block === 0 ? undefined : record.block - 1 }
    }
    if (record.kind === RecordKind.proven) {
      word.proven.set(record.block, record.hash)
      word.distrusted.delete(record.block)
    }
    if (record.kind === RecordKind.distrusted) {
      word.proven.delete(record.block)
      word.distrusted.add(record.block)
    }
  }
  return word
}

function isSameTransfer(a: LedgerHeader, b: LedgerHeader): boolean {
  return (
    a.sid === b.sid &&
    a.filesize === b.filesize &&
    a.blockBytes === b.blockBytes &&
    (a.root === undefined || b.root === undefined || a.root === b.root)
  )
}

function alien(cause?: unknown): ReceiveFailed {
  return new ReceiveFailed('part-lost', 'what is at the ledger’s name is not ours', cause)
}

/** The first bytes of a file, as many as there are. Throws the system's error. */
export function readWhole(fd: number, size: number): Buffer {
  const bytes = Buffer.alloc(size)
  let got = 0
  while (got < size) {
    const read = readSync(fd, bytes, got, size - got, got)
    if (read === 0) break
    got += read
  }
  return bytes.subarray(0, got)
}

/** Writes all bytes at a position. Throws the system's error. */
export function writeAll(fd: number, bytes: Uint8Array, position: number): void {
  let written = 0
  while (written < bytes.length) {
    written += writeSync(fd, bytes, written, bytes.length - written, position + written)
  }
}
