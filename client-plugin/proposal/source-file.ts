/** A file that is to be offered: opened, named, and, where that is worth while, hashed first. */

import { basename } from 'node:path'
import { hashSource, openSource, type Source } from '../../bytes/index.js'
import { maxFilename } from '../../schemas/index.js'
import { FileTransferError } from '../errors.js'
import type { SourceMark } from '../journal/record.js'
import { localPath } from '../options.js'
import { toHex } from '../transfer/hex.js'
import { localTrouble } from '../transfer/local-trouble.js'

/** Files up to this size are hashed before they are offered: it takes a fraction of a second. */
const hashedFirstBytes = 64 * 2 ** 20

export interface SourceFile {
  source: Source
  mark: SourceMark
  filename: string
  filesize: number
  /** Hex. */
  root?: string
}

/**
 * Opens a file to send it. Close the source if it is not sent.
 * @throws FileTransferError `file-missing`, `not-a-file`, `file-unreadable`, `file-too-large`, `bad-name`, `cancelled`
 */
export async function sourceFile(
  path: string,
  options: { hashFirst?: boolean; signal?: AbortSignal } = {},
): Promise<SourceFile> {
  const local = localPath(path)
  // The name is the one that was given, not the one behind a symbolic link.
  const filename = basename(local)
  if ([...filename].length > maxFilename || /[\u0000-\u001f\u007f-\u009f\ufffd]/.test(filename)) {
    throw new FileTransferError('bad-name', local)
  }
  let source: Source | undefined
  try {
    source = await openSource(local)
    const { filesize, identity } = source
    const file: SourceFile = { source, filename, filesize, mark: { path: source.path, identity } }
    if (options.hashFirst ?? filesize <= hashedFirstBytes) {
      const root = await hashSource(source, { ...(options.signal && { signal: options.signal }) })
      file.root = toHex(root)
    }
    return file
  } catch (error) {
    source?.close()
    throw localTrouble(error, local)
  }
}
