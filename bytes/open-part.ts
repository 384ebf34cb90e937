/**
 * Making a part file, and opening one again.
 *
 * Rules: made with O_EXCL, 0600, never through a link (P13). Opened again, it has to be a regular file of
 * ours with one name; everything in it is hashed before anything counts (P3, cases 90 and 91): what the
 * ledger agrees with is held, what no ledger speaks of is claimed, the rest is missing.
 */

import { randomBytes } from 'node:crypto'
import {
  type BigIntStats,
  closeSync,
  constants,
  copyFile,
  fchmodSync,
  fstatSync,
  ftruncateSync,
  openSync,
  unlinkSync,
} from 'node:fs'
import { basename } from 'node:path'
import { promisify } from 'node:util'
import { maxFileBytes } from '../protocol/blocks.js'
import { safeName } from '../protocol/names.js'
import { type Cut, cutOf, lengthOf, startOf } from './cut.js'
import { Directory } from './directory.js'
import { diskFailure, ReceiveFailed, systemCode } from './failure.js'
import { hashBlocks } from './hash-blocks.js'
import { Ledger, type LedgerWord } from './ledger.js'
import type { LedgerHeader } from './ledger-records.js'
import { dropLeftOver } from './left-over.js'
import { isOurs } from './ownership.js'
import { BlockState } from './part-blocks.js'
import { ledgerNameFor, PartFile, type PartTransfer, partName } from './part-file.js'
import { sameHash } from './root.js'
import { spaceBytes } from './space.js'

export interface OpenPartOptions {
  /** The folder the file is to come to; the part file is made in it. */
  dir: string
  transfer: PartTransfer
  /** The path of a part file of this transfer that was left here earlier. */
  existing?: string
  /** `resume`: begin with what a shorter file of that name holds, as far as it proves to be right. */
  onConflict?: 'rename' | 'skip' | 'resume'
  signal?: AbortSignal
  /** Bytes hashed so far, of those that are here. */
  onProgress?: (hashedBytes: number, ofBytes: number) => void
}

const { O_RDWR, O_RDONLY, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, COPYFILE_FICLONE } = constants
const copy = promisify(copyFile)
const namesTried = 8

/**
 * Makes or opens the part file of a transfer, ready to receive into. Hashes what is held, breathing.
 * @throws ReceiveFailed `part-lost` (begin anew without `existing`), `in-use`, `no-space`, `too-large`, `io`, `stopped`,
 *   `bad-data` (a size that is none)
 */
export async function openPart(options: OpenPartOptions): Promise<PartFile> {
  const { transfer } = options
  if (!Number.isSafeInteger(transfer.filesize) || transfer.filesize < 0 || transfer.filesize > maxFileBytes) {
    throw new ReceiveFailed('bad-data', 'no file has such a size')
  }
  const cut = cutOf(transfer.filesize, transfer.blockBytes)
  const directory = new Directory(options.dir)
  let part: PartFile | undefined
  try {
    if (options.existing !== undefined) {
      const opened = reopen(directory, basename(options.existing), transfer, cut)
      part = opened.part
      await check(part, opened.word, opened.bytes, options)
    } else {
      const made = await make(directory, transfer, cut, options)
      part = made.part
      if (made.bytes > 0) await check(part, undefined, made.bytes, options)
    }
    return part
  } catch (error) {
    if (part === undefined) directory.close()
    else if (options.existing === undefined) await part.discard().catch(() => undefined)
    else await part.close()
    throw diskFailure(error, 'the part file cannot be opened')
  }
}

async function make(directory: Directory, transfer: PartTransfer, cut: Cut, options: OpenPartOptions) {
  const space = spaceBytes(directory.here)
  if (space !== undefined && space < cut.filesize) {
    throw new ReceiveFailed('no-space', `${cut.filesize} bytes are needed and ${space} are free`)
  }
  const shorter = options.onConflict === 'resume' ? openShorter(directory, transfer) : undefined
  try {
    if (shorter !== undefined) dropLeftOver(directory, headerFor(transfer, cut))
    for (let tries = 1; ; tries++) {
      const name = `.jabberfs-${randomBytes(8).toString('hex')}.part`
      try {
        return await makeNamed(directory, name, transfer, cut, shorter)
      } catch (error) {
        if (systemCode(error) !== 'EEXIST' || tries === namesTried) throw error
      }
    }
  } finally {
    if (shorter !== undefined) closeSync(shorter.fd)
  }
}

/** The ledger is there before anything is copied: who is killed meanwhile is known by it. */
async function makeNamed(
  directory: Directory,
  name: string,
  transfer: PartTransfer,
  cut: Cut,
  shorter: Shorter | undefined,
) {
  const fd = openSync(directory.at(name), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600)
  let ledger: Ledger | undefined
  try {
    ledger = Ledger.create(directory, ledgerNameFor(name), headerFor(transfer, cut))
    const bytes = shorter === undefined ? 0 : await copyInto(fd, shorter)
    const stats = fstatSync(fd, { bigint: true })
    return { part: assemble(directory, name, fd, stats, ledger, transfer, cut), bytes }
  } catch (error) {
    closeSync(fd)
    unlinkSync(directory.at(name))
    ledger?.close()
    if (ledger !== undefined) unlinkSync(directory.at(ledger.name))
    throw error
  }
}

function reopen(directory: Directory, name: string, transfer: PartTransfer, cut: Cut) {
  if (!partName.test(name)) throw new ReceiveFailed('part-lost', 'that is no part file')
  let fd: number
  try {
    fd = openSync(directory.at(name), O_RDWR | O_NOFOLLOW | O_NONBLOCK)
  } catch (error) {
    const code = systemCode(error)
    if (code === 'ENOENT' || code === 'ELOOP' || code === 'EISDIR' || code === 'ENXIO') {
      throw new ReceiveFailed('part-lost', 'the part file is gone', error)
    }
    throw error
  }
  try {
    const stats = oursOnly(fd, directory)
    if (stats.size > BigInt(cut.filesize)) ftruncateSync(fd, cut.filesize)
    const { ledger, word } = Ledger.open(directory, ledgerNameFor(name), headerFor(transfer, cut))
    const part = assemble(directory, name, fd, stats, ledger, transfer, cut)
    return { part, word, bytes: Math.min(Number(stats.size), cut.filesize) }
  } catch (error) {
    closeSync(fd)
    throw error
  }
}

function assemble(
  directory: Directory,
  name: string,
  fd: number,
  stats: BigIntStats,
  ledger: Ledger,
  transfer: PartTransfer,
  cut: Cut,
): PartFile {
  try {
    return new PartFile(directory, name, fd, stats, ledger, transfer, cut)
  } catch (error) {
    ledger.close()
    throw error
  }
}

/** A FIFO, a folder, somebody else's file, a second name: none of them is our part file any more. */
function oursOnly(fd: number, directory: Directory): BigIntStats {
  const stats = fstatSync(fd, { bigint: true })
  if (!stats.isFile() || stats.nlink !== 1n || !isOurs(stats, directory)) {
    throw new ReceiveFailed('part-lost', 'what is at the part file’s name is not ours')
  }
  return stats
}

function headerFor(transfer: PartTransfer, cut: Cut): LedgerHeader {
  const { sid, peer, filename, filesize, root } = transfer
  const header: LedgerHeader = { version: 1, sid, peer, filename, filesize, blockBytes: cut.blockBytes }
  if (root !== undefined) header.root = Buffer.from(root).toString('hex')
  return header
}

/** Hashes what is here and sets what every block is. */
async function check(part: PartFile, word: LedgerWord | undefined, bytes: number, options: OpenPartOptions) {
  const { cut } = part
  const endOf = (block: number) => startOf(cut, block) + lengthOf(cut, block)
  let count = 0
  while (count < cut.blockCount && endOf(count) <= bytes) count++
  const hashOf = await hashBlocks(cut, part.fd, {
    count,
    isLeftOut: (block) => word?.distrusted.has(block) === true,
    onBlock(block) {
      if (options.signal?.aborted) throw new ReceiveFailed('stopped', 'stopped while checking what is held')
      options.onProgress?.(endOf(block), bytes)
    },
  })
  for (let block = 0; block < count; block++) {
    const hash = hashOf(block)
    if (hash === undefined) continue
    const noted = word?.proven.get(block)
    if (noted === undefined) part.found(block, BlockState.claimed, hash)
    else if (sameHash(noted, hash)) part.found(block, BlockState.ledgered, hash)
  }
}

interface Shorter {
  fd: number
  bytes: number
}

/** A shorter file of the wished name, open; nothing when there is none that may be used. It is only read (P2). */
function openShorter(directory: Directory, transfer: PartTransfer): Shorter | undefined {
  const safe = safeName(transfer.filename)
  if (!safe.ok || process.platform !== 'linux') return undefined
  let fd: number
  try {
    fd = openSync(directory.at(safe.name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
  } catch {
    return undefined
  }
  const stats = fstatSync(fd)
  if (stats.isFile() && stats.size > 0 && stats.size <= transfer.filesize) return { fd, bytes: stats.size }
  closeSync(fd)
  return undefined
}

/** Copies it, by reference where the file system can; gives its bytes. The copy has the mode of the file until it is there. */
async function copyInto(part: number, { fd, bytes }: Shorter): Promise<number> {
  await copy(`/proc/self/fd/${fd}`, `/proc/self/fd/${part}`, COPYFILE_FICLONE)
  fchmodSync(part, 0o600)
  return bytes
}
