/**
 * Which paths a search looks at: the newest that have its words, a few at a time. The index is read hardly further than they are asked for.
 *
 * What holds: newest first, each once. Where words rarely meet, and far apart in the list of the most frequent one, nearly all of that list is read
 * for few paths: it is said that these are dear. It is told by counting places, not by time, so that the same question has the same answer.
 */

import type { Term } from '../../protocol/catalogue/query.js'
import { limited } from '../store/open.js'
import { columnsOf } from './columns.js'
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

/**
 * Paths that the index is asked for in one go: to open it again costs more than they do. The first are taken one by one, since mostly fewer are
 * enough.
 */
const inOneGo = 1_024

export function pathsWithWordsIn(db: Db): (terms: readonly Term[], eyes: Sight) => Way {
  const expansion = expansionIn(db)
  const having = (from: string, id: string, match: string) => {
    const newestOf = `from ${from} where ${match}${id} < @below and ${aliveAt(id, 64)} order by ${id} desc ${limited('@most')}`
    return {
      oneByOne: db.prepare(`select ${id} ${newestOf}`).pluck(),
      atOnce: columnsOf<[number[]]>((sql) => db.prepare(sql), [id], newestOf),
    }
  }
  const byWords = having('words', 'rowid', 'words match @match and ')
  const newest = having('path', 'id', '')

  /** @param apart how far apart paths with the most frequent word are, if that is known */
  function* pieces(match: string | undefined, apart = Number.POSITIVE_INFINITY): Generator<Piece> {
    const query = match === undefined ? newest : byWords
    const asked = { ...(match !== undefined && { match }), below: Number.MAX_SAFE_INTEGER, most: inOneGo }
    let top: number | undefined
    let some: number[] = []
    let isDear = false
    let taken = 0
    for (const path of query.oneByOne.iterate(asked) as Iterable<number>) {
      top ??= path
      some.push(path)
      taken++
      isDear = (top - path) / apart > longWay
      if (some.length === together || (isDear && some.length >= dearTogether)) {
        yield { paths: some, isDear }
        asked.below = path
        some = []
      }
    }
    if (some.length > 0) {
      yield { paths: some, isDear }
      asked.below = some.at(-1)!
    }
    while (taken === inOneGo) {
      const [others] = query.atOnce(asked)
      for (let at = 0; at < others.length; at += together) {
        const paths = others.slice(at, at + together)
        yield { paths, isDear: (top! - paths.at(-1)!) / apart > longWay }
      }
      if (others.length < inOneGo) return
      asked.below = others.at(-1)!
    }
  }

  return (terms, eyes) => {
    if (terms.length === 0) return { pieces: pieces(undefined), isWhole: true }
    const apart = terms.length > 1 ? expansion.apart(terms) : undefined
    const { match, isWhole } = expansion.expression(terms, eyes, apart)
    if (match === undefined) return { pieces: [], isWhole }
    return { pieces: pieces(match, apart && Math.min(...apart)), isWhole }
  }
}
