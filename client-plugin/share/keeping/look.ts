/**
 * What a name in a shared folder is. Folders are entered by their own names only: a link to a folder is not followed
 * (what is inside the share is found where it is, so there are no loops), a link to a file is a file of the share if the
 * file is in the share too.
 */

import { type BigIntStats, closeSync, constants, lstatSync, openSync, realpathSync, statSync } from 'node:fs'
import { sep } from 'node:path'
import { whereOpen } from '../../../bytes/where-open.js'
import { maxFileBytes } from '../../../protocol/blocks.js'
import { Malformed, pathValue } from '../../../schemas/index.js'
import type { LeftOut } from '../../api.js'

export type Looked =
  | { is: 'file'; stats: BigIntStats }
  | { is: 'folder' }
  /** Nobody is told of it: a hidden name, a link to a folder of the share. */
  | { is: 'hidden' }
  | { is: 'gone' }
  | { is: 'left-out'; why: LeftOut['why'] }
  /** Its disk does not say: no ground for taking anything back. */
  | { is: 'unknown' }

const leftOut = (why: LeftOut['why']): Looked => ({ is: 'left-out', why })

/** Names that begin with a dot are hidden; so are our own part files. */
export const isHidden = (name: string): boolean => name.startsWith('.')

/**
 * Looks at one name.
 * @param root the share's folder, without links in it
 * @param path below it, with `/`
 * @param file where it is, absolute
 * @param own the state folder, without links in it: never shared, whatever leads there
 */
export function lookAt(root: string, path: string, file: string, own: string): Looked {
  const name = path.slice(path.lastIndexOf('/') + 1)
  if (isHidden(name) || file === own) return { is: 'hidden' }
  try {
    const stats = lstatSync(file, { bigint: true, throwIfNoEntry: false })
    // A name that is no UTF-8 is read as another one, which is not there.
    if (stats === undefined) return name.includes('\ufffd') ? leftOut('name') : { is: 'gone' }
    const found = stats.isSymbolicLink() ? lookThrough(root, file, own) : lookOn(stats)
    return (found.is === 'file' || found.is === 'folder') && !isCarried(path) ? leftOut('name') : found
  } catch (error) {
    const { code } = error as { code?: string }
    return code !== undefined && answers.has(code) ? leftOut('unreadable') : { is: 'unknown' }
  }
}

/** What a file system says that works; all else (`EIO`, `ESTALE`, …) it says of itself. */
const answers: ReadonlySet<string> = new Set([
  'EACCES',
  'EPERM',
  'ELOOP',
  'ENOENT',
  'ENOTDIR',
  'ENAMETOOLONG',
])

function lookOn(stats: BigIntStats): Looked {
  if (stats.isDirectory()) return { is: 'folder' }
  if (!stats.isFile()) return leftOut('not-a-file')
  return stats.size > BigInt(maxFileBytes) ? leftOut('too-large') : { is: 'file', stats }
}

function lookThrough(root: string, file: string, own: string): Looked {
  const real = realpathSync(file)
  if (real === root) return { is: 'hidden' }
  if (!isSharedIn(root, real, own)) return leftOut('link-leaves-folder')
  const looked = lookOn(statSync(real, { bigint: true }))
  return looked.is === 'folder' ? { is: 'hidden' } : looked
}

/** Whether a file without links in its path is in the share's folder, and nothing on the way is hidden. */
export function isWithin(root: string, real: string): boolean {
  const base = root.endsWith(sep) ? root : root + sep
  return real.startsWith(base) && !real.slice(base.length).split(sep).some(isHidden)
}

/** As {@link isWithin}, and not in the state folder, which has the device's key: where that lies in the share, a link may lead there. */
export function isSharedIn(root: string, real: string, own: string): boolean {
  return isWithin(root, real) && !(isWithin(root, own) && isWithin(own, real))
}

/**
 * Whether what was opened is in the share's folder. Looking at its path beforehand is not enough: whoever writes to the folder too
 * can put a link in place of one below it between the look and the opening.
 */
export function isOpenWithin(root: string, fd: number, own: string): boolean {
  const where = whereOpen(fd)
  if (where === undefined) return true
  if (isWithin(root, where)) return isSharedIn(root, where, own)
  const as = realNameOf(root)
  return as !== undefined && isSharedIn(as, where, own)
}

/** Some file systems take a name in any case: as the folder is called there. */
function realNameOf(root: string): string | undefined {
  const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = constants
  try {
    const fd = openSync(root, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
    try {
      return whereOpen(fd)
    } finally {
      closeSync(fd)
    }
  } catch {
    return undefined
  }
}

function isCarried(path: string): boolean {
  try {
    pathValue.write(path)
    return true
  } catch (error) {
    if (error instanceof Malformed) return false
    throw error
  }
}
