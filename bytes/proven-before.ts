/**
 * How much of a file the ledger beside its part file speaks of: for showing where a transfer stands before anybody has
 * looked at its bytes.
 *
 * Rules: a hint to people and nothing else (P3); nothing is hashed, written or made; whatever is not as we left it is 0.
 */

import { closeSync, constants, fstatSync, openSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { cutOf, lengthOf, startOf } from './cut.js'
import { Directory } from './directory.js'
import { maxLedgerBytes, readWhole, wordOf } from './ledger.js'
import { decodeHeader, type LedgerHeader, recordBytes } from './ledger-records.js'
import { ledgerNameFor, partName } from './part-file.js'

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants

/**
 * Bytes of the blocks that were proven of a part file, as far as it is long enough to hold them; 0 where that cannot be
 * told. Never throws.
 * @param part the path of the part file
 * @param filesize of the whole file, bytes; no more is ever given
 */
export function provenBefore(part: string, filesize: number): number {
  const name = basename(part)
  if (!partName.test(name)) return 0
  try {
    const directory = new Directory(dirname(part))
    try {
      const found = directory.look(name)
      return found?.isFile() ? provenWithin(directory, name, filesize, Number(found.size)) : 0
    } finally {
      directory.close()
    }
  } catch {
    return 0
  }
}

function provenWithin(directory: Directory, name: string, filesize: number, partBytes: number): number {
  const fd = openSync(directory.at(ledgerNameFor(name)), O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
  try {
    const stats = fstatSync(fd)
    if (!stats.isFile() || stats.size > maxLedgerBytes) return 0
    const bytes = readWhole(fd, stats.size)
    const head = decodeHeader(bytes)
    if (head === undefined || !isOf(head.header, filesize)) return 0
    const whole = Math.floor((bytes.length - head.bytes) / recordBytes)
    const { proven } = wordOf(bytes.subarray(head.bytes, head.bytes + whole * recordBytes), head.key)
    const cut = cutOf(filesize, head.header.blockBytes)
    let sum = 0
    for (const block of proven.keys()) {
      const isHere = block < cut.blockCount && startOf(cut, block) + lengthOf(cut, block) <= partBytes
      if (isHere) sum += lengthOf(cut, block)
    }
    return sum
  } finally {
    closeSync(fd)
  }
}

function isOf({ filesize, blockBytes }: LedgerHeader, wanted: number): boolean {
  return filesize === wanted && Number.isSafeInteger(blockBytes) && blockBytes > 0
}
