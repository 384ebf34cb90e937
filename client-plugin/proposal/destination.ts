/**
 * Whether and where a file can be received here: asked before anything is said, so that a refusal leaves the offer open.
 */

import { constants } from 'node:fs'
import { access, lstat, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { largestFileBytes, spaceBytes } from '../../bytes/index.js'
import { safeName } from '../../protocol/names.js'
import type { AcceptOptions } from '../api.js'
import { FileTransferError } from '../errors.js'
import type { Journal } from '../journal/journal.js'
import type { Destination, PartMark, TransferRecord } from '../journal/record.js'
import { localPath, type Settings } from '../options.js'

/** A place for a file of that name. @throws FileTransferError `bad-name`, `no-such-folder`, `already-there` */
export async function destinationFor(filename: string, options: AcceptOptions): Promise<Destination> {
  const dir = localPath(options.into)
  const safe = safeName(options.filename ?? filename)
  if (!safe.ok) throw new FileTransferError('bad-name')
  try {
    const found = await stat(dir)
    if (!found.isDirectory()) throw new FileTransferError('no-such-folder', dir)
    await access(dir, constants.W_OK | constants.X_OK)
  } catch (error) {
    if (error instanceof FileTransferError) throw error
    throw new FileTransferError('no-such-folder', dir, { cause: error })
  }
  const onConflict = options.onConflict ?? 'rename'
  if (onConflict === 'skip' && (await exists(join(dir, safe.name)))) {
    throw new FileTransferError('already-there', join(dir, safe.name))
  }
  return { dir, filename: options.filename ?? filename, onConflict }
}

/**
 * Whether a file may come into this folder.
 * @param neededBytes what is not there of it yet
 * @throws FileTransferError `file-too-large`, `no-space`
 */
export function demandRoom(
  dir: string,
  neededBytes: number,
  filesize: number,
  settings: Pick<Settings, 'maxFileBytes'>,
): void {
  if (filesize > settings.maxFileBytes) {
    throw new FileTransferError('file-too-large', `at most ${settings.maxFileBytes} bytes`)
  }
  const largest = largestFileBytes(dir)
  if (largest !== undefined && filesize > largest) {
    throw new FileTransferError('file-too-large', `the file system takes ${largest} bytes at most`)
  }
  const free = spaceBytes(dir)
  if (free !== undefined && free < neededBytes) {
    throw new FileTransferError('no-space', `${neededBytes} bytes are needed and ${free} are free`)
  }
}

/**
 * What an ended transfer left of the same file, to begin with: whatever it holds is proven again. A part belongs to its root,
 * whoever sent it.
 */
export function leftover(
  journal: Journal,
  wanted: { peer: string; filename: string; filesize?: number | undefined; root?: string | undefined },
  dir: string,
): { record: TransferRecord; part: PartMark } | undefined {
  for (const record of journal.leftIn(dir)) {
    const { part, direction, filesize, root } = record
    if (part === undefined || direction !== 'receiving') continue
    if (wanted.root !== undefined && root === wanted.root) return { record, part }
    if (record.peer !== wanted.peer || record.filename !== wanted.filename) continue
    if (wanted.filesize !== undefined && filesize !== wanted.filesize) continue
    if (wanted.root !== undefined && root !== undefined && root !== wanted.root) continue
    return { record, part }
  }
  return undefined
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  )
}
