/**
 * Tells of some searches that they will find nothing, by looking at little: for a thread that does nothing else, so that somebody who misspells
 * a word does not wait behind the searches of others.
 *
 * What holds: a word that only others may see is told of like one that nobody has (docs/catalogue.md, "Visibility"), and as
 * quickly. What it cannot tell by a few paths of each word, it does not.
 */

import { parseQuery } from '../../protocol/catalogue/query.js'
import { aliveAt } from './deadline.js'
import type { Db } from './open-catalogue.js'
import { sightOf, visible } from './sight.js'
import type { Query } from './values.js'

/** Paths of one word that are looked at. */
const most = 64

/** @returns whether a search surely finds nothing; false where that is not known */
export function inVainIn(db: Db): (asker: string, query: Query) => boolean {
  const sight = sightOf(db)
  const paths = db
    .prepare(
      `select rowid from words where words match ? and ${aliveAt('rowid')} order by rowid desc limit ${most}`,
    )
    .pluck()
  const seen = db.prepare(
    `select 1 from json_each(@paths) j cross join entry e cross join share s on s.id = e.share
     where e.path = j.value and ${aliveAt('s.id')} and ${visible} limit 1`,
  )
  return (asker, { words }) => {
    if (words === undefined) return false
    const eyes = sight(asker)
    return parseQuery(words).some((term) => {
      if (term.kind !== 'word') return false
      const some = paths.all(`"${term.text.replaceAll('"', '')}"`) as number[]
      if (some.length === most) return false
      return seen.get({ ...eyes, paths: `[${some.join()}]` }) === undefined
    })
  }
}
