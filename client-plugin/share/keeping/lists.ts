/** Writing a whole list to a file, packed, as docs/catalogue.md, "The whole list", has it. */

import { createWriteStream, readdirSync, rmSync } from 'node:fs'
import { open, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createDeflate } from 'node:zlib'
import { type ListHead, writeList } from '../../../protocol/catalogue-list/index.js'
import type { Entry } from '../../../schemas/index.js'

/** Lists of ours, and what became of one that was not finished. */
const listName = /^list-[A-Za-z0-9_-]{8,32}\.z(?:\.draft)?$/
/** Characters that are packed at a time. */
const pieceLength = 65_536

/** Removes those that an earlier process left. */
export function removeLists(dir: string): void {
  for (const name of readdirSync(dir)) if (listName.test(name)) rmSync(join(dir, name), { force: true })
}

/** Whole or not there: it gets its name when it is on the disk. */
export async function writeListFile(file: string, head: ListHead, entries: Iterable<Entry>): Promise<void> {
  const draft = `${file}.draft`
  const pieces = Readable.from(inPieces(writeList(head, entries)), { objectMode: true, highWaterMark: 4 })
  // Most of it are hashes, which do not shrink: little effort gives almost all there is.
  await pipeline(pieces, createDeflate({ level: 3 }), createWriteStream(draft, { mode: 0o600 }))
  const handle = await open(draft, 'r')
  await handle.sync().finally(() => handle.close())
  await rename(draft, file)
}

function* inPieces(lines: Iterable<string>): Generator<Buffer> {
  let piece = ''
  for (const line of lines) {
    piece += line
    if (piece.length < pieceLength) continue
    yield Buffer.from(piece)
    piece = ''
  }
  if (piece !== '') yield Buffer.from(piece)
}
