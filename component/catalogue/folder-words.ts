/** The words of folders, for ranking: most of what is found is in few folders, so they are remembered, a bounded number. */

import { wordsOf } from '../../protocol/catalogue/words.js'
import type { Db } from './open-catalogue.js'

/** Folders remembered. While one writer has the file a number never stands for another folder; with the next, who reads begins anew (catalogue.ts). */
const remembered = 20_000

export function folderWordsIn(db: Db): (folder: number) => readonly string[] {
  const path = db.prepare('select path from folder where id = ?').pluck()
  const known = new Map<number, readonly string[]>()
  return (folder) => {
    let words = known.get(folder)
    if (words === undefined) {
      words = wordsOf((path.get(folder) as string | undefined) ?? '')
      if (known.size >= remembered) known.clear()
      known.set(folder, words)
    }
    return words
  }
}
