/**
 * What a ledger is made of, on disk: a header with JSON, then records of 48 bytes, only ever appended.
 *
 * header: `jabberfs ledger 1\n`, u32 length, JSON, the first 8 bytes of BLAKE3 over all before
 * record: u8 kind, 7 bytes block, 32 bytes hash, the first 8 bytes of BLAKE3(hash of the header, the 40 before)
 *
 * Rules: a record that does not prove itself counts for nothing, wherever it stands; so a torn end, a hole
 * and a record of another ledger are all the same (case 91). The last record of a block is the one that counts.
 */

import { blake3, hashBytes } from './blake3.js'

/** What a record says of its block. */
export const RecordKind = {
  /** It was written, and its content had this hash. */
  proven: 1,
  /** Writing it back failed: not to be believed, whatever the page cache shows. */
  distrusted: 2,
  /** The file is being given its name; the hash is the root, the block the number of the placeholder's name, if any, plus one. */
  placing: 3,
} as const

export type RecordKind = (typeof RecordKind)[keyof typeof RecordKind]

export interface LedgerRecord {
  kind: RecordKind
  block: number
  hash: Uint8Array
}

/** Which transfer a ledger belongs to. */
export interface LedgerHeader {
  version: 1
  sid: string
  peer: string
  filename: string
  filesize: number
  blockBytes: number
  /** 64 hex digits; absent while it is not known. */
  root?: string
}

export const recordBytes = 48
const checkBytes = 8
/** Of a record, what its check is over. */
const statedBytes = recordBytes - checkBytes
/** Where the key and that come together: one record is made after the other. */
const checked = Buffer.alloc(hashBytes + statedBytes)
const magic = Buffer.from('jabberfs ledger 1\n')
const maxJsonBytes = 65_536
const lastKind = RecordKind.placing

export interface ReadHeader {
  header: LedgerHeader
  /** Bytes before the first record. */
  bytes: number
  /** What its records are bound to. */
  key: Uint8Array
}

/** The bytes of a header. */
export function encodeHeader(header: LedgerHeader): { bytes: Buffer; key: Uint8Array } {
  const json = Buffer.from(JSON.stringify(header))
  const length = Buffer.alloc(4)
  length.writeUInt32BE(json.length)
  const stated = Buffer.concat([magic, length, json])
  const key = blake3.hash(stated)
  return { bytes: Buffer.concat([stated, key.subarray(0, checkBytes)]), key }
}

/** The header at the beginning of `bytes`; `undefined` when there is none that proves itself. */
export function decodeHeader(bytes: Buffer): ReadHeader | undefined {
  const fixed = magic.length + 4
  if (bytes.length < fixed || !bytes.subarray(0, magic.length).equals(magic)) return undefined
  const jsonBytes = bytes.readUInt32BE(magic.length)
  const end = fixed + jsonBytes
  if (jsonBytes > maxJsonBytes || bytes.length < end + checkBytes) return undefined
  const key = blake3.hash(bytes.subarray(0, end))
  if (!bytes.subarray(end, end + checkBytes).equals(key.subarray(0, checkBytes))) return undefined
  try {
    const header = JSON.parse(bytes.toString('utf8', fixed, end)) as LedgerHeader
    if (header.version !== 1) return undefined
    return { header, bytes: end + checkBytes, key }
  } catch {
    return undefined
  }
}

/** The bytes of a record. */
export function encodeRecord(record: LedgerRecord, key: Uint8Array): Buffer {
  const bytes = Buffer.alloc(recordBytes)
  bytes.writeUInt8(record.kind, 0)
  bytes.writeUIntBE(record.block, 2, 6)
  bytes.set(record.hash, 8)
  bytes.set(checkOf(bytes, key), 8 + hashBytes)
  return bytes
}

/** The record in these 48 bytes; `undefined` when it does not prove itself. */
export function decodeRecord(bytes: Buffer, key: Uint8Array): LedgerRecord | undefined {
  const kind = bytes.readUInt8(0)
  if (kind < 1 || kind > lastKind) return undefined
  if (!bytes.subarray(8 + hashBytes).equals(checkOf(bytes, key))) return undefined
  return {
    kind: kind as RecordKind,
    block: bytes.readUIntBE(2, 6),
    hash: Uint8Array.from(bytes.subarray(8, 8 + hashBytes)),
  }
}

function checkOf(record: Buffer, key: Uint8Array): Uint8Array {
  checked.set(key, 0)
  checked.set(record.subarray(0, statedBytes), hashBytes)
  return blake3.hash(checked).subarray(0, checkBytes)
}
