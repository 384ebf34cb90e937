/**
 * Removes what was taken back, a slice at a time: nobody waits longer behind it than a slice takes. It goes on after a
 * restart, for what is to go is what no device has any more.
 *
 * Between times it also forgets words that no path has, and audiences that no share has.
 */

import { audiencesIn } from './audiences.js'
import type { Entries } from './entries.js'
import type { Interning } from './interning.js'
import { removalSlice } from './limits.js'
import type { Db } from './open-catalogue.js'

export interface Removal {
  isNeeded(): boolean
  /** Does one slice. @returns whether there is more to do */
  step(): boolean
  /** Makes one of some parts of the index of words: a search looks into each. @returns whether there may be more to do */
  mergeSome(): boolean
  /** Looks at the next words, and forgets those in no path. @returns whether there are more */
  sweepWords(): boolean
}

export function removalIn(db: Db, entries: Entries, interning: Interning): Removal {
  const next = db.prepare('select id from share where device is null and not filling limit 1').pluck()
  const drop = db.prepare('delete from share where id = ?')
  const dropTags = db.prepare('delete from share_tag where share = ? returning tag').pluck()
  const peerOf = db.prepare('select peer from share where id = ?').pluck()
  db.exec('create virtual table temp.words_there using fts5vocab(main, words, row)')
  const unused = db.prepare(
    `select id, text, exists (select 1 from temp.words_there where term = text) as used from word
     where id > ? order by id limit ${removalSlice}`,
  )
  const dropWord = db.prepare('delete from word where id = ?')
  const unindexWord = db.prepare(`insert into word_part (word_part, rowid, text) values ('delete', ?, ?)`)
  const audiences = audiencesIn(db)
  let swept = 0

  // The second value is in pages.
  const merge = db.prepare(`insert into words (words, rank) values ('merge', 64)`)
  const changes = db.prepare('select total_changes()').pluck()

  return {
    mergeSome() {
      const before = changes.get() as number
      merge.run()
      // FTS5 says so: fewer than two changes, and nothing was merged.
      return (changes.get() as number) - before >= 2
    },
    isNeeded: () => next.get() !== undefined,
    step() {
      const share = next.get() as number | undefined
      if (share === undefined) return false
      if (entries.removeSome(share) > 0) return true
      const peer = peerOf.get(share) as number
      for (const tag of dropTags.all(share) as number[]) interning.dropTag(tag)
      drop.run(share)
      interning.dropPeer(peer)
      return true
    },
    sweepWords() {
      const words = unused.all(swept) as { id: number; text: string; used: number }[]
      for (const { id, text, used } of words) {
        if (used) continue
        dropWord.run(id)
        unindexWord.run(id, text)
      }
      swept = words.at(-1)?.id ?? 0
      if (words.length === 0) audiences.sweep()
      return words.length > 0
    },
  }
}
