/**
 * Which paths a search looks at: the newest that have its words, a few at a time. The index is read as far as they are asked for, and no further.
 *
 * What holds: newest first, each once. Where words rarely meet, and far apart in the list of the most frequent one, nearly all of that list is read
 * for few paths: it is said that these are dear. It is told by counting places, not by time, so that the same question has the same answer.
 */

import type { Term } from '../../protocol/catalogue/query.js'
import { aliveAt } from './deadline.js'
import { expansionIn } from './expansion.js'
import type { Db } from './open-catalogue.js'
import type { Sight } from './sight.js'

/** Paths that are looked at together. */
export const together = 256

/** Places of the list of the most frequent word between the newest path and another, from which on this one is dear. */
const longWay = 150_000
/** Dear paths that are looked at together. */
const dearTogether = 128

export interface Piece {
  paths: readonly number[]
  /** Whether others after these are dear, so that a page of results is enough. */
  isDear: boolean
}

export interface Way {
  pieces: Iterable<Piece>
  /** Whether no other path can fit, when all of them were looked at. */
  isWhole: boolean
}

export function pathsWithWordsIn(db: Db): (terms: readonly Term[], eyes: Sight) => Way {
  const expansion = expansionIn(db)
  const byWords = db
    .prepare(`select rowid from words where words match ? and ${aliveAt('rowid')} order by rowid desc`)
    .pluck()
  const newest = db.prepare(`select id from path where ${aliveAt('id')} order by id desc`).pluck()
  return (terms, eyes) => {
    if (terms.length === 0) return { pieces: inPieces(newest.iterate() as Iterable<number>), isWhole: true }
    const apart = terms.length > 1 ? expansion.apart(terms) : undefined
    const { match, isWhole } = expansion.expression(terms, eyes, apart)
    const paths = match === undefined ? [] : (byWords.iterate(match) as Iterable<number>)
    return { pieces: inPieces(paths, apart && Math.min(...apart)), isWhole }
  }
}

/** @param apart how far apart paths with the most frequent word are, if that is known */
function* inPieces(paths: Iterable<number>, apart = Number.POSITIVE_INFINITY): Generator<Piece> {
  let newest: number | undefined
  let some: number[] = []
  let isDear = false
  for (const path of paths) {
    newest ??= path
    some.push(path)
    isDear = (newest - path) / apart > longWay
    if (some.length === together || (isDear && some.length >= dearTogether)) {
      yield { paths: some, isDear }
      some = []
    }
  }
  if (some.length > 0) yield { paths: some, isDear }
}
