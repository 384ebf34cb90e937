/**
 * Terms as an expression for the index of words: a start or a part of a word becomes the words there are.
 *
 * What holds: every word is quoted and has no syntax in it (case 54). A term stands for at most `maxExpansion` words; where there are more,
 * only words of what the asker may see are counted, so that nobody else's words push them out.
 */

import type { Term } from '../../protocol/catalogue/query.js'
import { aliveAt } from './deadline.js'
import { maxExpansion } from './limits.js'
import type { Db } from './open-catalogue.js'
import { type Sight, visible } from './sight.js'

export interface Expansion {
  /** For MATCH; undefined when no path can have all the terms. */
  expression(terms: readonly Term[], sight: Sight): string | undefined
  /**
   * All terms but the word that is probably the most frequent: what has these is a little more, and is found without reading the list of that
   * word, which is the longest. Nothing where there are not two words.
   */
  rarer(terms: readonly Term[]): Rarer | undefined
}

export interface Rarer {
  terms: Term[]
  /** How far apart paths with the left-out word are. */
  apart: number
}

interface WordRow {
  text: string
  /** One that has it, or had it. */
  path: number | null
}

/** Words that are looked through for one term at most, before those seen are counted. */
const read = 8 * maxExpansion

/** Paths of a word by which it is told how frequent it is. */
const sample = 64

export function expansionIn(db: Db): Expansion {
  const starting = db.prepare(
    `select text, path from word where text >= @from and text < @to and ${aliveAt('id')} order by id limit @most`,
  )
  const having = db.prepare(
    `select w.text, w.path from word_part p cross join word w on w.id = p.rowid
     where p.word_part match @match and instr(w.text, @part) and ${aliveAt('w.id')} order by p.rowid limit @most`,
  )
  const isPathSeen = db.prepare(
    `select 1 from entry e cross join share s on s.id = e.share
     where e.path = @path and ${aliveAt('s.id')} and ${visible} limit 1`,
  )
  const isSeen = db.prepare(
    `select 1 from words f where f.words match @match and ${aliveAt('f.rowid')}
       and exists (select 1 from entry e cross join share s on s.id = e.share where e.path = f.rowid and ${visible})
     limit 1`,
  )

  const newest = db
    .prepare(`select rowid from words where words match ? order by rowid desc limit ${sample}`)
    .pluck()

  const wordsFor = (term: Term, most: number) =>
    (term.kind === 'part'
      ? having.all({ match: trigrams(term.text), part: term.text, most })
      : starting.all({ from: term.text, to: `${term.text}\u{10ffff}`, most })) as WordRow[]
  const seen = (term: Term, sight: Sight): string[] => {
    const few = wordsFor(term, maxExpansion + 1)
    if (few.length <= maxExpansion) return few.map(({ text }) => text)
    const found: string[] = []
    for (const { text, path } of wordsFor(term, read)) {
      const isThere =
        isPathSeen.get({ path, ...sight }) !== undefined ||
        isSeen.get({ match: quote(text), ...sight }) !== undefined
      if (isThere) found.push(text)
      if (found.length === maxExpansion) break
    }
    return found
  }

  /** How far apart the newest paths with a word are. */
  const spacing = ({ text }: Term): number => {
    const paths = newest.all(quote(text)) as number[]
    return paths.length < sample ? Number.POSITIVE_INFINITY : paths[0]! - paths.at(-1)!
  }
  /** Where the word stands that is probably the most frequent; nothing where there are others than words. */
  const mostFrequent = (terms: readonly Term[]): { at: number; apart: number } | undefined => {
    if (terms.some(({ kind }) => kind !== 'word')) return undefined
    const spacings = terms.map(spacing)
    const least = Math.min(...spacings)
    return { at: spacings.indexOf(least), apart: least / sample }
  }

  return {
    expression(terms, sight) {
      const parts: string[] = []
      for (const term of terms) {
        if (term.kind === 'word') parts.push(quote(term.text))
        else if (term.kind === 'run') parts.push(...term.pairs.map(quote))
        else {
          const words = seen(term, sight)
          if (words.length === 0) return undefined
          parts.push(`(${words.map(quote).join(' OR ')})`)
        }
      }
      const first = terms.length > 2 ? mostFrequent(terms) : undefined
      if (first === undefined) return parts.join(' AND ')
      const [longest] = parts.splice(first.at, 1)
      return `(${parts.join(' AND ')} OR ${none}) AND ${longest!}`
    },
    rarer(terms) {
      const first = terms.length > 1 ? mostFrequent(terms) : undefined
      return first && { terms: terms.filter((_, at) => at !== first.at), apart: first.apart }
    },
  }
}

/**
 * What nothing has. FTS5 makes one AND of those inside of others, and goes on in each list for each place of any other; in the longest one it is
 * to look only where all others meet, so an OR stands between.
 */
const none = '""'

const quote = (word: string) => `"${word.replaceAll('"', '')}"`

function trigrams(part: string): string {
  const signs = [...part]
  const found = signs.slice(2).map((_, at) => quote(signs.slice(at, at + 3).join('')))
  // Fewer than three signs that are three units or more: there is no such trigram, and no such word.
  return found.length > 0 ? [...new Set(found)].join(' AND ') : '""'
}
