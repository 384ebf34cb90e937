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
import { candidatesIn } from './candidates.js'
import type { Deadline } from './deadline.js'
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
import { pathsWithWordsIn } from './paths-with-words.js'
import { sightOf } from './sight.js'
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

export interface Search {
  found: Found[]
  /** Whether there may be more, beside what is cut at `maxFrozen`. */
  isPartial: boolean
}

const nothing: Search = { found: [], isPartial: false }

export function searchIn(db: Db, deadline: Deadline): (asker: string, query: Query) => Search {
  const sight = sightOf(db)
  const pathsWithWords = pathsWithWordsIn(db)
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
  /** The words of the folder are looked up only if a term is not in the name: for a frequent word that is half the work. */
  const place = {
    of: 0,
    name: [] as readonly string[],
    get folder() {
      return folderWords(this.of)
    },
  }
  const rankAt = (terms: readonly Term[], folder: number, name: string) => {
    place.of = folder
    place.name = wordsOf(name)
    return rankOf(terms, place)
  }

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
      const { pieces, isWhole } = pathsWithWords(terms, eyes)
      for (const { paths, isDear } of pieces) {
        const [pathOf, contentOf, shareOf, onlineOf] = candidates.entries(paths)
        const fitting = [...new Set(pathOf)]
        const [folders, names] = candidates.named(fitting)
        const ranks = new Map<number, number>()
        for (const [at, path] of fitting.entries()) {
          deadline.check()
          const name = names[at] ?? null
          const rank = name === null ? undefined : rankAt(terms, folders[at]!, name)
          if (rank !== undefined) ranks.set(path, rank)
        }
        let last = 0
        for (const [at, path] of pathOf.entries()) {
          const rank = ranks.get(path)
          if (rank === undefined) continue
          // All of one path, or none.
          if (best.size >= maxFrozen && path !== last) break
          last = path
          add(contentOf[at]!, shareOf[at]!, onlineOf[at]!, path, rank)
        }
        lookedAt += paths.length
        for (const path of ranks.keys()) {
          if (before - path > neighbours) apart++
          before = path
        }
        if (best.size >= maxFrozen) return true
        const isEnough = isDear || lookedAt >= pathsLookedAt || apart >= apartLookedAt
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
      return isWhole && !candidates.hasMissed
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
