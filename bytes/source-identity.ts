/**
 * How a file is known again: what changes when its content does (P5, case 96). Plain JSON, so that it can
 * be kept beside an offer and compared after a restart.
 */

import { type BigIntStats, lstatSync, type Stats } from 'node:fs'
import { lstat, realpath } from 'node:fs/promises'
import { passingCode, SourceFailed } from './failure.js'
import { keepsInodeNumbers } from './inode-numbers.js'

export interface SourceIdentity {
  /** Bytes. */
  size: number
  /** Time of the last change of the content, nanoseconds since 1970, decimal. */
  mtimeNs: string
  /** The inode, decimal. It counts where the file system keeps it. */
  ino: string
  /** Time of the last change of the inode, nanoseconds; alone it only means that hashes are to be made again. */
  ctimeNs: string
}

export function identityOf(stats: BigIntStats): SourceIdentity {
  return {
    size: Number(stats.size),
    mtimeNs: String(stats.mtimeNs),
    ino: String(stats.ino),
    ctimeNs: String(stats.ctimeNs),
  }
}

/** Whether both are the same content as far as the file system at `path` can tell; `ctimeNs` is not compared. */
export function sameIdentity(a: SourceIdentity, b: SourceIdentity, path: string): boolean {
  const isAlike = a.size === b.size && a.mtimeNs === b.mtimeNs
  return isAlike && (a.ino === b.ino || !keepsInodeNumbers(path))
}

/** Whether `path` still leads to the regular file with this identity; no, too, where it cannot be told. Never rejects. */
export function sourceUnchanged(identity: SourceIdentity, path: string): Promise<boolean> {
  return stillLooksSame(identity, path).catch(() => false)
}

/** As {@link sourceUnchanged}. @throws SourceFailed `io` where the file system does not say it now and may in a moment */
export async function stillLooksSame(identity: SourceIdentity, path: string): Promise<boolean> {
  try {
    const real = await realpath(path)
    const stats = await lstat(real, { bigint: true })
    return stats.isFile() && sameIdentity(identity, identityOf(stats), real)
  } catch (error) {
    const code = passingCode(error)
    if (code === undefined) return false
    throw new SourceFailed('io', `cannot be looked at: ${code}`, error)
  }
}

/** Whether a name leads to this very inode now, not through a symbolic link. */
export function leadsTo(path: string, file: BigIntStats | Stats): boolean {
  const found = lstatSync(path, { bigint: true, throwIfNoEntry: false })
  return found !== undefined && found.ino === BigInt(file.ino) && found.dev === BigInt(file.dev)
}
