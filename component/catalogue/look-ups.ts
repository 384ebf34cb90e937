/** How folders, paths and contents are found that are there: by the writer, and by the thread that looks ahead for it (foresight.ts). */

import { nameKey } from './name-key.js'
import type { Db } from './open-catalogue.js'

export interface LookUps {
  folder(path: string): number | undefined
  path(folder: number, name: string): number | undefined
  /** The content, if it is the first of those that are under this path. @param root hexadecimal */
  contentUnder(path: number, root: string, size: number): number | undefined
}

export function lookUpsIn(db: Db): LookUps {
  const folder = db.prepare('select id from folder where path = ?').pluck()
  const path = db.prepare('select id from path where folder = ? and key = ? and name = ?').pluck()
  const contentUnder = db
    .prepare(
      'select id from content where id = (select content from entry where path = ? limit 1) and root = ? and size = ?',
    )
    .pluck()
  return {
    folder: (text) => folder.get(text) as number | undefined,
    path: (of, name) => path.get(of, nameKey(name), name) as number | undefined,
    contentUnder: (under, root, size) =>
      contentUnder.get(under, Buffer.from(root, 'hex'), size) as number | undefined,
  }
}
