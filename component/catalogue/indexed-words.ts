/**
 * The words that the index has of a path, and taking a path out of the index again.
 *
 * What holds: an index is told what to forget by the words that it was told to learn, which are not kept beside it: they are made once more from
 * the path. Where that gives another number of words than there were (another version of Unicode knows more letters), the path stays in the
 * index, where it is looked up in vain: FTS5 counts its words, and takes the file for damaged if there are fewer than none.
 */

import { maxWords, wordsOf } from '../../protocol/catalogue/words.js'
import type { Db } from './open-catalogue.js'

/** The name first: of what has too many words, those of the name are kept. */
export function indexedWords(folder: string, name: string): string[] {
  return [...new Set([...wordsOf(name), ...wordsOf(folder)])].slice(0, 2 * maxWords)
}

/** @returns what takes a path out of the index; to be called while its folder is there */
export function unindexingIn(db: Db): (path: number, folder: string, name: string) => void {
  const unindex = db.prepare(`insert into words (words, rowid, text) values ('delete', ?, ?)`)
  const sizes = db.prepare('select sz from words_docsize where id = ?').pluck()
  return (path, folder, name) => {
    const size = sizes.get(path) as Uint8Array | undefined
    const words = indexedWords(folder, name)
    if (size !== undefined && firstNumber(size) === words.length) unindex.run(path, words.join(' '))
  }
}

/** The first of numbers as SQLite writes them: seven bits in each byte, the last byte of one has no eighth. */
function firstNumber(bytes: Uint8Array): number {
  let number = 0
  for (const byte of bytes) {
    number = number * 128 + (byte & 0x7f)
    if (byte < 0x80) break
  }
  return number
}
