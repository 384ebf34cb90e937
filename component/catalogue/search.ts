/**
 * Finds contents. What holds:
 * - Visibility and filters stand inside of every query, before anything is cut or counted.
 * - What is found is at most `maxFrozen` contents: those of the newest paths that fit, ranked by our own rule. The order is total.
 * - Where few of many paths fit, or they lie far apart, it stops as soon as there is a page and enough were looked at. Where there is less
 *   than a page it looks at all entries of those who are online, or of a tag, if these are few; else at more paths, until enough were
 *   looked at in all or its time is over. It says whether it has looked at all that there is.
 * - Terms are checked once more against the words themselves: the index knows words, not where they stand.
 */

import { parseQuery, type Term } from '../../protocol/catalogue/query.js'
import { compareStanding, rankOf, type Standing } from '../../protocol/catalogue/ranking.js'
import { wordsOf } from '../../protocol/catalogue/words.js'
import { candidatesIn, together } from './candidates.js'
import { aliveAt, type Deadline } from './deadline.js'
import { expansionIn } from './expansion.js'
import { filtersIn } from './filters.js'
import { folderWordsIn } from './folder-words.js'
import type { Results } from './frozen-results.js'
import {
  apartLookedAt,
  entriesLookedAt,
  entriesOfShares,
  maxFrozen,
  maxPage,
  neighbours,
  pathsAtMost,
  pathsLookedAt,
  searchBudget,
} from './limits.js'
import type { Db } from './open-catalogue.js'
import { type Sight, sightOf } from './sight.js'
import type { Query } from './values.js'

/** A content, and the path and the share it is shown in. */
export interface Found {
  content: number
  path: number
  share: number
}

/** Found contents as numbers in a row: a thousand objects take a millisecond from thread to thread, these take none. */
export function packed(found: readonly Found[]): Float64Array {
  const numbers = new Float64Array(3 * found.length)
  let at = 0
  for (const { content, path, share } of found) {
    numbers[at++] = content
    numbers[at++] = path
    numbers[at++] = share
  }
  return numbers
}
/** The same, of which a page is looked at now and then: only that is made into objects. */
export function unpacking(numbers: Float64Array): Results<Found> {
  return {
    length: numbers.length / 3,
    slice: (from, to) => unpacked(numbers.subarray(3 * from, 3 * to)),
  }
}
function unpacked(numbers: Float64Array): Found[] {
  return Array.from({ length: numbers.length / 3 }, (_, at) => {
    return { content: numbers[3 * at]!, path: numbers[3 * at + 1]!, share: numbers[3 * at + 2]! }
  })
}

type Row = [path: number, content: number, share: number, online: number, folder: number, name: string]

/** Paths that are asked of the index of words at once, at most. */
const window = 1_024

/** Paths with all words but the most frequent: if there are fewer, their names are looked at, and the list of that word is not read at all. */
const fewOfRarer = 512
/** Places of that list between the first and the last of them, from which on what fits is so rare that each
 * costs as much as several elsewhere; and how many are asked for first then. */
const longWay = 150_000
const someOfLong = 160

interface Way {
  paths: Iterable<readonly number[]>
  /** Whether each path is far to look for. */
  isLong: boolean
  /** Whether no other path can fit. */
  isWhole: boolean
}

/** The same paths, as many together as are looked at together. */
function* pieces(windows: Iterable<readonly number[]>): Generator<readonly number[]> {
  for (const paths of windows) {
    for (let at = 0; at < paths.length; at += together) yield paths.slice(at, at + together)
  }
}

export interface Search {
  found: Found[]
  /** Whether there may be more, beside what is cut at `maxFrozen`. */
  isPartial: boolean
}

const nothing: Search = { found: [], isPartial: false }

export function searchIn(db: Db, deadline: Deadline): (asker: string, query: Query) => Search {
  const sight = sightOf(db)
  const expansion = expansionIn(db)
  const filters = filtersIn(db)
  const folderWords = folderWordsIn(db)
  const statements = new Map<string, ReturnType<Db['prepare']>>()
  const prepared = (sql: string) => {
    let statement = statements.get(sql)
    if (statement === undefined) {
      statement = db.prepare(sql)
      statements.set(sql, statement)
    }
    return statement
  }
  const byWords = db
    .prepare(
      `select rowid from words where words match @match and rowid < @below and ${aliveAt('rowid')}
       order by rowid desc limit @window`,
    )
    .pluck()
  const newest = db
    .prepare(`select id from path where id < @below and ${aliveAt('id')} order by id desc limit @window`)
    .pluck()
  /** The newest paths that have the words, a window at a time: `first` of them, then more and more at once. */
  function* windows(match: string | undefined, first: number): Generator<number[]> {
    let below = Number.MAX_SAFE_INTEGER
    for (let limit = first; ; limit = Math.min(window, 2 * limit)) {
      const paths = (match === undefined ? newest : byWords).all({
        ...(match !== undefined && { match }),
        below,
        window: limit,
      }) as number[]
      if (paths.length > 0) yield paths
      if (paths.length < limit) return
      below = paths.at(-1)!
    }
  }

  /** Paths that have the terms, or all but one of them: they are checked against the names anyway. */
  const pathsWith = (terms: readonly Term[], eyes: Sight): Way => {
    const rarer = expansion.rarer(terms)
    let isLong = false
    if (rarer !== undefined) {
      const { match } = expansion.expression(rarer.terms, eyes)
      const some = byWords.all({ match, below: Number.MAX_SAFE_INTEGER, window: fewOfRarer }) as number[]
      if (some.length < fewOfRarer) return { paths: [some], isLong, isWhole: true }
      isLong = (some[0]! - some.at(-1)!) / rarer.apart > longWay
    }
    const first = isLong ? someOfLong : together
    if (terms.length === 0) return { paths: windows(undefined, first), isLong, isWhole: true }
    const { match, isWhole } = expansion.expression(terms, eyes)
    return { paths: match === undefined ? [] : windows(match, first), isLong, isWhole }
  }
  /** The words of the folder are looked up only if a term is not in the name: for a frequent word that is half the work. */
  const rankAt = (terms: readonly Term[], folder: number, name: string) =>
    rankOf(terms, {
      get folder() {
        return folderWords(folder)
      },
      name: wordsOf(name),
    })

  return (asker, query) => {
    const terms = parseQuery(query.words ?? '')
    // Words were meant, and there are none in it.
    if (query.words !== undefined && terms.length === 0) return nothing
    const eyes = sight(asker)
    const filter = filters(query)
    if (filter === undefined) return nothing

    const best = new Map<number, Standing & Found>()
    const add = (content: number, share: number, online: number, path: number, rank: number) => {
      const before = best.get(content)
      if (before === undefined) {
        best.set(content, { content, path, share, rank, online, sources: 1, age: path })
        return
      }
      if (rank > before.rank) Object.assign(before, { path, share, rank, age: path })
      else if (online > before.online && path === before.path) before.share = share
      before.online += online
      before.sources++
    }
    const values = { ...eyes, ...filter.values }
    /** @returns whether all were looked at */
    const lookAtEntries = (sql: string): boolean => {
      let rows = 0
      const found = prepared(sql).raw().iterate(values)
      for (const [path, content, share, online, folder, name] of found as IterableIterator<Row>) {
        if (++rows % 64 === 0) deadline.check()
        if (rows > entriesLookedAt && (terms.length === 0 || query.root !== undefined)) return false
        const rank = rankAt(terms, folder, name)
        if (rank !== undefined) add(content, share, online, path, rank)
        if (best.size >= maxFrozen) return true
      }
      return true
    }
    const { ofShares } = filter
    /** Whether those shares that can have any have so few entries that all of them can be looked at. */
    const areSharesSmall = () =>
      ofShares !== undefined && (prepared(ofShares.countSql).pluck().get(values) as number) <= entriesOfShares
    const lookAtPaths = (): boolean => {
      const candidates = candidatesIn(prepared, filter, eyes)
      let [lookedAt, apart, before] = [0, 0, 0]
      let hasAskedShares = false
      const { paths, isLong, isWhole } = pathsWith(terms, eyes)
      for (const some of pieces(paths)) {
        const ranks = new Map<number, number>()
        const fitting = candidates.named(some).filter(([path, folder, name]) => {
          deadline.check()
          const rank = rankAt(terms, folder, name)
          if (rank !== undefined) ranks.set(path, rank)
          return rank !== undefined
        })
        let last = 0
        for (const [path, content, share, online] of candidates.entries(fitting)) {
          // All of one path, or none.
          if (best.size >= maxFrozen && path !== last) break
          last = path
          add(content, share, online, path, ranks.get(path)!)
        }
        lookedAt += some.length
        for (const [path] of fitting) {
          if (before - path > neighbours) apart++
          before = path
        }
        if (best.size >= maxFrozen) return true
        const isEnough = isLong || lookedAt >= pathsLookedAt || apart >= apartLookedAt
        if (isEnough && best.size >= maxPage) return false
        if (isEnough && !hasAskedShares) {
          hasAskedShares = true
          if (areSharesSmall()) {
            best.clear()
            return lookAtEntries(ofShares!.entriesSql)
          }
        }
        if (lookedAt >= pathsAtMost) return false
      }
      return isWhole
    }

    let isWhole = false
    const hadTime = deadline.briefly(searchBudget, () => {
      isWhole = filter.entriesSql === undefined ? lookAtPaths() : lookAtEntries(filter.entriesSql)
    })
    const found = [...best.values()]
      .sort(compareStanding)
      .slice(0, maxFrozen)
      .map(({ content, path, share }) => ({ content, path, share }))
    return { found, isPartial: !(hadTime && isWhole) }
  }
}
