/**
 * What an earlier program left of this very transfer when it was killed while it copied into a new part file: nobody else knows of
 * it yet, and it may be as large as the file.
 *
 * Rules: a pair of names goes only where the ledger says the same transfer, letter by letter, and both are regular, ours, with one name
 * and not open here (P2); ledgers are only read; whatever cannot be told stays.
 */

import { type BigIntStats, closeSync, constants, openSync, readdirSync, readSync, unlinkSync } from 'node:fs'
import type { Directory } from './directory.js'
import { decodeHeader, type LedgerHeader } from './ledger-records.js'
import { isOpenPart, ledgerNameFor, partName } from './part-file.js'

/** So many entries of a folder are looked through. */
const entriesSearched = 65_536
/** No header is longer. */
const mostHeaderBytes = 70_000

/** Takes them away. Never throws. */
export function dropLeftOver(directory: Directory, header: LedgerHeader): void {
  try {
    let searched = 0
    for (const name of readdirSync(directory.here)) {
      if (++searched > entriesSearched) return
      if (partName.test(name)) dropOne(directory, name, header)
    }
  } catch {
    // It is no reason not to begin.
  }
}

function dropOne(directory: Directory, name: string, header: LedgerHeader): void {
  const ledgerName = ledgerNameFor(name)
  const part = directory.look(name)
  const ledger = directory.look(ledgerName)
  if (!isOurs(part) || !isOurs(ledger) || isOpenPart(part!)) return
  if (JSON.stringify(headerAt(directory, ledgerName)) !== JSON.stringify(header)) return
  unlinkSync(directory.at(name))
  unlinkSync(directory.at(ledgerName))
}

function headerAt(directory: Directory, name: string): LedgerHeader | undefined {
  const fd = openSync(directory.at(name), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    const bytes = Buffer.alloc(mostHeaderBytes)
    return decodeHeader(bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, 0)))?.header
  } finally {
    closeSync(fd)
  }
}

function isOurs(stats: BigIntStats | undefined): boolean {
  const uid = process.geteuid?.()
  const isPlain = stats?.isFile() === true && stats.nlink === 1n
  return isPlain && (uid === undefined || stats.uid === BigInt(uid))
}
