/** What is at the destination already: the very content that is wanted need not be got again. */

import { lstat } from 'node:fs/promises'
import { join } from 'node:path'
import { findExisting } from '../../bytes/index.js'
import { safeName } from '../../protocol/names.js'
import { FileTransferError } from '../errors.js'
import type { Destination } from '../journal/record.js'
import { fromHex } from '../transfer/hex.js'

export interface There {
  path: string
  filesize: number
}

/**
 * The file of that name, if it is this content; it is read whole then. Where another file has the name and none is to
 * be put beside it, that is said.
 * @throws FileTransferError `already-there`; ReceiveFailed
 */
export async function contentThere(
  { dir, filename, onConflict }: Destination,
  root: string,
  knownBytes?: number,
  signal?: AbortSignal,
): Promise<There | undefined> {
  const safe = safeName(filename)
  if (!safe.ok) return undefined
  const path = join(dir, safe.name)
  const stats = await lstat(path).catch(() => undefined)
  if (stats === undefined) return undefined
  if (stats.isFile() && (knownBytes === undefined || stats.size === knownBytes)) {
    const wanted = { dir, filename, filesize: stats.size, root: fromHex(root) }
    const found = await findExisting({ ...wanted, ...(signal && { signal }) })
    if (found !== undefined) return { path: found.path, filesize: stats.size }
  }
  if (onConflict === 'skip') throw new FileTransferError('already-there', path)
  return undefined
}
