/** Writes a whole list. */

import type { Entry } from '../../schemas/index.js'
import { BadList } from './bounds.js'
import { byCodePoint, parts } from './order.js'

export const firstWords = 'jabberfs-list 1'

/** What the first line says: which share's list, as of which change, and how many entries. */
export interface ListHead {
  share: string
  seq: number
  entries: number
}

/**
 * Writes a list, line by line, from entries that are in the order of {@link inListOrder}.
 * @throws BadList when they are not, or not as many as the head says.
 */
export function* writeList(head: ListHead, entries: Iterable<Entry>): Generator<string, void> {
  yield `${firstWords}\t${head.share}\t${head.seq}\t${head.entries}\n`
  let count = 0
  let before = { folder: '', name: '' }
  for (const entry of entries) {
    const [folder, name] = parts(entry.path)
    if (count > 0 && (byCodePoint(folder, before.folder) || byCodePoint(name, before.name)) <= 0) {
      throw new BadList('not in order')
    }
    const root = Buffer.from(entry.root.buffer, entry.root.byteOffset, entry.root.length)
    const fields = [name, entry.size, entry.modified, root.toString('base64')]
    if (entry.type !== undefined || entry.tags.length > 0) fields.push(entry.type ?? '')
    if (entry.tags.length > 0) fields.push(entry.tags.join(' '))
    yield folder === before.folder ? `${fields.join('\t')}\n` : `/${folder}\n${fields.join('\t')}\n`
    before = { folder, name }
    count++
  }
  if (count !== head.entries) throw new BadList('not as many as said')
}
