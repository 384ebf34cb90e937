/**
 * Removing the part file and the ledger that an ended transfer left.
 *
 * Rules: a name is taken away only in the folder that it was noted in, no link followed, and only where it leads to the very
 * file that was noted: regular, ours, with that inode (where its number is kept), not open here (P2, case 89). Else nothing is
 * touched. First the part file, then the ledger, whose name follows from it: whoever is killed in between finds the rest the next time.
 */

import { type BigIntStats, unlinkSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { Directory } from './directory.js'
import { keepsInodeNumbers } from './inode-numbers.js'
import { isOurs } from './ownership.js'
import { isOpenPart, ledgerNameFor, partName } from './part-file.js'

/**
 * `dropped`: nothing of it is left. `absent`: nothing was there, or the folder is not. `busy`: it is open, or was written since.
 * `alien`: what is there is not what was noted, or cannot be looked at.
 */
export type Dropped = 'dropped' | 'absent' | 'busy' | 'alien'

/**
 * Never throws.
 * @param part where it is, and its inode, decimal
 * @param restedSince ms since 1970: what was written later is `busy`
 */
export function dropPart(
  part: { path: string; ino: string },
  restedSince = Number.POSITIVE_INFINITY,
): Dropped {
  const name = basename(part.path)
  if (!partName.test(name)) return 'alien'
  let directory: Directory
  try {
    directory = new Directory(dirname(part.path))
  } catch {
    return 'absent'
  }
  try {
    const found = directory.look(name)
    const ledger = directory.look(ledgerNameFor(name))
    if (found === undefined && ledger === undefined) return 'absent'
    const isUsable = (stats: BigIntStats) => stats.isFile() && isOurs(stats, directory)
    const isNoted = (ino: bigint) => String(ino) === part.ino || !keepsInodeNumbers(directory.here)
    if (found !== undefined && !(isUsable(found) && isNoted(found.ino))) return 'alien'
    if (found !== undefined && (isOpenPart(found) || Number(found.mtimeMs) > restedSince)) return 'busy'
    if (ledger !== undefined && !(isUsable(ledger) && ledger.nlink === 1n)) return 'alien'
    if (found !== undefined) unlinkSync(directory.at(name))
    if (ledger !== undefined) unlinkSync(directory.at(ledgerNameFor(name)))
    return 'dropped'
  } catch {
    return 'alien'
  } finally {
    directory.close()
  }
}
