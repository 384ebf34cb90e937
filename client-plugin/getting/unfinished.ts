/**
 * What is asked for once more while it is unfinished: it goes on, and is not begun a second time beside itself.
 *
 * Rules: the same only where it is the same file of the same peer (or the same content), for the same place, and nothing that is
 * said now speaks against it; what is being ended is none.
 */

import { parseJid } from '../../schemas/index.js'
import type { AcceptOptions, Wanted } from '../api.js'
import type { TransferRecord } from '../journal/record.js'
import { localPath } from '../options.js'
import { lastName } from './draft-get.js'

/** A file that somebody serves, by its name. */
export interface WantedByName {
  peer: string
  name: string
  device?: string | undefined
}

/** Whether this record, of something that is not over, is what is wanted now. */
export function isTheSame(
  { direction, authored, phase, saying, ...record }: TransferRecord,
  wanted: Wanted | WantedByName,
  { into, filename }: AcceptOptions,
): boolean {
  if (direction !== 'receiving' || !authored || record.partOf !== undefined) return false
  if (phase === 'aborting' || saying?.action === 'abort' || record.destination?.dir !== localPath(into))
    return false
  const isNamed = (name: string) => record.destination?.filename === name
  if ('name' in wanted) {
    const { peer, name, device } = wanted
    const isBySame = record.to === parseJid(peer)?.full && record.onlyDevice === device
    return isBySame && record.share === undefined && record.filename === name && isNamed(filename ?? name)
  }
  if (!('share' in wanted)) {
    const chosen = filename ?? wanted.filename
    const isPursued = record.pursuit?.root === wanted.root && record.pursuit.origin === undefined
    return isPursued && (chosen === undefined || isNamed(chosen))
  }
  const { peer, share, path, root } = wanted
  if (record.peer !== parseJid(peer)?.bare || record.share !== share || record.path !== path) return false
  const isOther = root !== undefined && record.root !== undefined && record.root !== root
  return !isOther && isNamed(filename ?? lastName(path))
}
