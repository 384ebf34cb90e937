/**
 * Publishing where the file system has no links: an exclusive placeholder, and a rename over it.
 *
 * Rules: which name gets one is in the ledger before; what stands in it says whose it is; so a later start
 * knows it again and takes it away (P1), and nothing else (P2).
 */

import { closeSync, constants, openSync, readFileSync, renameSync, unlinkSync } from 'node:fs'
import type { Directory } from './directory.js'
import { ReceiveFailed, systemCode } from './failure.js'
import { writeAll } from './ledger.js'
import type { PartFile } from './part-file.js'

const { O_RDONLY, O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK } = constants

function placeholderText(partName: string): Buffer {
  return Buffer.from(`jabberfs puts ${partName} here\n`)
}

/** Gives the part file a name without links. False when the name is taken. Throws the system's error. */
export function renameOnto(part: PartFile, name: string): boolean {
  const { directory } = part
  let fd: number
  try {
    fd = openSync(directory.at(name), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600)
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false
    throw error
  }
  try {
    writeAll(fd, placeholderText(part.name), 0)
    if (!isPlaceholder(directory, name, part.name))
      throw new ReceiveFailed('io', 'the placeholder was replaced')
    renameSync(directory.at(part.name), directory.at(name))
  } catch (error) {
    removePlaceholder(directory, name, part.name)
    throw error
  } finally {
    closeSync(fd)
  }
  return true
}

/**
 * Takes the placeholder of a part file away, if that is what has the name. One that is still empty is known by
 * being no older than the ledger's last word, of the time `since`.
 */
export function removePlaceholder(
  directory: Directory,
  name: string,
  partName: string,
  since?: bigint,
): void {
  if (isPlaceholder(directory, name, partName, since)) unlinkSync(directory.at(name))
}

function isPlaceholder(directory: Directory, name: string, partName: string, since?: bigint): boolean {
  const text = placeholderText(partName)
  const found = directory.look(name)
  if (found === undefined || !found.isFile() || found.nlink !== 1n) return false
  if (found.size === 0n) return since !== undefined && found.mtimeNs >= since
  if (found.size > BigInt(text.length)) return false
  let fd: number
  try {
    fd = openSync(directory.at(name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
  } catch {
    return false
  }
  try {
    const written = readFileSync(fd)
    return written.length > 0 && text.subarray(0, written.length).equals(written)
  } finally {
    closeSync(fd)
  }
}
