/**
 * Reads a list that was received: inflated and parsed as it is read, in small steps, so that the event loop stays free and
 * memory holds some hundred lines, however long the list is (docs/catalogue.md, "The whole list").
 */

import { createReadStream, statSync } from 'node:fs'
import { pipeline } from 'node:stream'
import { createInflate } from 'node:zlib'
import { BadList, type ListHead, ListReader, UnpackedSize } from '../../protocol/catalogue-list/index.js'
import type { Entry } from '../catalogue/values.js'
import { entryOf } from '../desk/publish.js'

/** One step of the main thread: some 150 lines, which take a millisecond. */
const chunkBytes = 16 * 1024
/** Entries that are handed over at once. */
const batchEntries = 500

/** A list that is being read: its first line, and its entries in batches, which throw BadList where it is none. */
export interface ListBeingRead {
  head: ListHead
  batches: AsyncGenerator<Entry[], void>
}

/** Opens a list and reads its first line. @throws BadList; the system's error */
export async function readList(path: string): Promise<ListBeingRead> {
  const reader = new ListReader()
  const chunks = unpacked(path)
  const first: Entry[] = []
  try {
    while (reader.head === undefined) {
      const { value, done } = await chunks.next()
      if (done === true) reader.end()
      else first.push(...reader.push(value!).map(entryOf))
    }
  } catch (error) {
    await chunks.return()
    throw error
  }
  return { head: reader.head, batches: batchesOf(reader, chunks, first) }
}

async function* batchesOf(
  reader: ListReader,
  chunks: AsyncGenerator<Uint8Array, void>,
  first: Entry[],
): AsyncGenerator<Entry[], void> {
  let batch = first
  try {
    for await (const chunk of chunks) {
      for (const entry of reader.push(chunk)) batch.push(entryOf(entry))
      if (batch.length < batchEntries) continue
      yield batch
      batch = []
    }
    reader.end()
    if (batch.length > 0) yield batch
  } finally {
    await chunks.return()
  }
}

async function* unpacked(path: string): AsyncGenerator<Uint8Array, void> {
  const size = new UnpackedSize()
  const inflate = createInflate({ chunkSize: chunkBytes })
  const packedBytes = statSync(path).size
  async function* counted(packed: AsyncIterable<Uint8Array>) {
    for await (const chunk of packed) {
      size.tookPacked(chunk.length)
      yield chunk
    }
  }
  // What goes wrong shows where the inflater is read.
  pipeline(createReadStream(path, { highWaterMark: chunkBytes }), counted, inflate, () => {})
  try {
    for await (const chunk of inflate) {
      size.gaveUnpacked((chunk as Uint8Array).length)
      yield chunk as Uint8Array
    }
  } catch (error) {
    throw isZlibs(error) ? new BadList('not one zlib stream') : error
  }
  if (inflate.bytesWritten !== packedBytes) throw new BadList('something behind its end')
}

function isZlibs(error: unknown): boolean {
  const { code } = error as { code?: unknown }
  return typeof code === 'string' && code.startsWith('Z_')
}
