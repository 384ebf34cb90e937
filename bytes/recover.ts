/**
 * Finishing what `place` began when the program was killed in between, so that there is one file and not
 * two, and nothing is left beside it (case 93).
 *
 * Rules: a file is taken for the placed one only when its content, hashed again, has the root (P1); nothing
 * is removed but the names of the part file, of its ledger and of its placeholder (P2).
 */

import { closeSync, fstatSync, readdirSync, unlinkSync } from 'node:fs'
import { basename } from 'node:path'
import { Directory } from './directory.js'
import { hasRoot } from './existing.js'
import { diskFailure } from './failure.js'
import { finalName, finalNames, shortNameBytes } from './final-names.js'
import { keepsInodeNumbers } from './inode-numbers.js'
import { readLedger } from './ledger.js'
import { ledgerNameFor, partName } from './part-file.js'
import { removePlaceholder } from './placeholder.js'

export interface RecoverOptions {
  /** The part file, as its `path` said. */
  part: string
  dir: string
  /** As the peer said it. */
  filename: string
  filesize: number
  /** The root, where it is known. Otherwise the ledger's word on what was being placed counts. */
  root?: Uint8Array
  /** For trials only. */
  blockBytes?: number
}

/** So many entries of a folder are looked through for a file's second name. */
const entriesSearched = 65_536

/**
 * Finishes a placing that was begun. Gives the file's path where it was placed, `undefined` where it was
 * not: then the part file, if there is one, can be opened again.
 * @throws ReceiveFailed `io`; `part-lost` where something else has the ledger's name
 */
export async function recoverPlaced(options: RecoverOptions): Promise<{ path: string } | undefined> {
  const name = basename(options.part)
  if (!partName.test(name)) return undefined
  const directory = new Directory(options.dir)
  try {
    return await recover(directory, name, options)
  } catch (error) {
    throw diskFailure(error, 'what was received cannot be looked at')
  } finally {
    directory.close()
  }
}

async function recover(directory: Directory, name: string, options: RecoverOptions) {
  const part = directory.look(name)
  const isAlone = part !== undefined && (!part.isFile() || part.nlink === 1n)
  if (isAlone) dropPlaceholder(directory, name, options.filename)
  // Where numbers of inodes are made up (SFTP), so is how many names one has.
  const isUncertain = isAlone && part.isFile() && !keepsInodeNumbers(directory.here)
  const begun = isUncertain || options.root === undefined ? begunPlacing(directory, name) : undefined
  if (isAlone && (!isUncertain || begun === undefined)) return undefined
  const root = options.root ?? begun?.root
  if (root === undefined) return undefined
  const candidates =
    part === undefined || isUncertain
      ? takenNames(directory, options.filename)
      : namesOf(directory, name, part.ino)
  for (const candidate of candidates) {
    if (!(await hasRoot(directory, candidate, options.filesize, root, undefined, options.blockBytes)))
      continue
    await directory.sync()
    if (part !== undefined && directory.look(name)?.ino === part.ino) unlinkSync(directory.at(name))
    const ledger = directory.look(ledgerNameFor(name))
    if (ledger?.isFile() && ledger.nlink === 1n) unlinkSync(directory.at(ledgerNameFor(name)))
    return { path: directory.named(candidate) }
  }
  return undefined
}

/** The names, of those the file may have got, that exist: no gap is passed, as none is left when trying. */
function* takenNames(directory: Directory, filename: string): Generator<string> {
  for (const maxBytes of nameLengths(filename)) {
    for (const candidate of finalNames(filename, maxBytes)) {
      if (directory.look(candidate) === undefined) break
      yield candidate
    }
  }
}

/** As long as may be, and where that is long, as long as every file system takes. */
function nameLengths(filename: string): (number | undefined)[] {
  return Buffer.byteLength(finalName(filename, 0)) > shortNameBytes
    ? [undefined, shortNameBytes]
    : [undefined]
}

/** The other names of a file in its folder. */
function* namesOf(directory: Directory, own: string, ino: bigint): Generator<string> {
  let searched = 0
  for (const entry of readdirSync(directory.here)) {
    if (entry === own || ++searched > entriesSearched) continue
    if (directory.look(entry)?.ino === ino) yield entry
  }
}

/** What the ledger says of a placing that was begun, and when it said so. */
function begunPlacing(directory: Directory, name: string) {
  const found = readLedger(directory, ledgerNameFor(name))
  if (found === undefined) return undefined
  const since = fstatSync(found.fd, { bigint: true }).mtimeNs
  closeSync(found.fd)
  return found.word.placing && { ...found.word.placing, since }
}

function dropPlaceholder(directory: Directory, name: string, filename: string): void {
  const begun = begunPlacing(directory, name)
  if (begun?.placeholder === undefined) return
  for (const maxBytes of nameLengths(filename)) {
    removePlaceholder(directory, finalName(filename, begun.placeholder, maxBytes), name, begun.since)
  }
}
