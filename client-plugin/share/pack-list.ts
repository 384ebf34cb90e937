/** Writes a whole list into a file, packed as it travels (docs/catalogue.md, "The whole list"), in small steps. */

import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createDeflate } from 'node:zlib'
import { type ListHead, writeList } from '../../protocol/catalogue-list/index.js'
import type { Entry } from '../../schemas/index.js'

/** Characters that are written in one step of the main thread. */
const pieceLength = 32 * 1024

/**
 * Writes the list of a share to `path` (0600), replacing what is there. `entries` are in the order of `inListOrder`, and are
 * taken some hundred at a time with pauses in between: whoever reads them from a database must not hold a statement open.
 * Rejects with BadList where they are not in order or not as many as the head says; the system's error; the signal's reason.
 */
export async function packList(
  path: string,
  head: ListHead,
  entries: Iterable<Entry>,
  signal?: AbortSignal,
): Promise<void> {
  await pipeline(
    Readable.from(pieces(writeList(head, entries)), { objectMode: true, highWaterMark: 1 }),
    // Hashes do not shrink, and the rest shrinks well at any level.
    createDeflate({ level: 4 }),
    createWriteStream(path, { mode: 0o600 }),
    ...(signal ? [{ signal }] : []),
  )
}

function* pieces(lines: Iterable<string>): Generator<string, void> {
  let piece = ''
  for (const line of lines) {
    piece += line
    if (piece.length < pieceLength) continue
    yield piece
    piece = ''
  }
  if (piece !== '') yield piece
}
