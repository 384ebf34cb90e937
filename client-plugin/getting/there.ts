/** What is at the destination already: the very content that is wanted need not be got again. */

import { lstat } from 'node:fs/promises'
import { join } from 'node:path'
import { findExisting } from '../../bytes/index.js'
import { freeName, safeName } from '../../protocol/names.js'
import { FileTransferError } from '../errors.js'
import type { Destination } from '../journal/record.js'
import { fromHex } from '../transfer/hex.js'

export interface There {
  path: string
  filesize: number
}

/** So many names are looked at: as many as a file may get (bytes, "Placing"). */
const mostNames = 1_000

/**
 * The file of that name, or of one that it got because the name was taken (`name (1)`, no gap is passed), if it is this content; it is
 * read whole then. Else whoever gets the same again and again would get one more each time. Where another file has the name and
 * none is to be put beside it, that is said.
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
  for (let n = 0; n < mostNames; n++) {
    const name = freeName(safe.name, n)
    const path = join(dir, name)
    const stats = await lstat(path).catch(() => undefined)
    if (stats === undefined) return undefined
    if (stats.isFile() && (knownBytes === undefined || stats.size === knownBytes)) {
      const wanted = { dir, filename: name, filesize: stats.size, root: fromHex(root) }
      const found = await findExisting({ ...wanted, ...(signal && { signal }) })
      if (found !== undefined) return { path: found.path, filesize: stats.size }
    }
    if (onConflict === 'skip') throw new FileTransferError('already-there', path)
  }
  return undefined
}
