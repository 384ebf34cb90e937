/**
 * Forgetting what went long ago, so that the books do not grow for ever: the roots of files, then the folders of which nothing is left.
 *
 * Rules: a walk holds numbers of folders, so this is done before anything is looked through; what the component is still to
 * be told of stays.
 */

import type Database from 'better-sqlite3'

/** Rows that are forgotten, or folders that are looked at, in one commit. */
const mostFiles = 500
const mostFolders = 20_000

/** @param beforeSeconds when the last of what is forgotten went */
export function forgetGone(db: Database.Database, beforeSeconds: number): void {
  const files = db.prepare(`
    delete from file where n in
      (select n from file where gone < ? and told = 0 and dirty = 0 limit ${mostFiles})`)
  while (files.run(beforeSeconds).changes > 0);
  // One that is here, and is noted in one that is not, would never count as gone with it any more.
  const folders = db.prepare(`
    delete from folder where n > :from and n <= :to and here = 0
      and not exists (select 1 from file where file.folder = folder.n)
      and not exists (select 1 from folder as below where below.parent = folder.n and below.here = 1)`)
  const last = db.prepare('select coalesce(max(n), 0) from folder').pluck().get() as number
  for (let from = 0; from < last; from += mostFolders) folders.run({ from, to: from + mostFolders })
}
