/**
 * Terms as an expression for the index of words: a start or a part of a word becomes the words there are.
 *
 * What holds: every word is quoted and has no syntax in it (case 54). A term stands for at most `maxExpansion` words; where there are more,
 * only words of what the asker may see are counted, so that nobody else's words push them out, as far as a bounded look tells. Where
 * not all were looked at, that is said.
 */

import type { Term } from '../../protocol/catalogue/query.js'
import { limited } from '../store/open.js'
import { aliveAt } from './deadline.js'
import { maxExpansion } from './limits.js'
import type { Db } from './open-catalogue.js'
import { type Sight, visible } from './sight.js'

export interface Expansion {
  /** @param apart how far apart paths with each term are, if the most frequent is to be looked for last */
  expression(terms: readonly Term[], sight: Sight, apart?: readonly number[]): Expression
  /** How far apart the newest paths with each term are; nothing where there are others than words. */
  apart(terms: readonly Term[]): number[] | undefined
}

export interface Expression {
  /** For MATCH; undefined when no path can have all the terms. */
  match: string | undefined
  /** Whether each term stands for all the words that it could. */
  isWhole: boolean
}

interface WordRow {
  text: string
  /** One that has it, or had it. */
  path: number | null
}

/** Words that are looked through for one term at most, until enough are found that may be seen. */
const read = 64 * maxExpansion

/** Paths of a word by which it is told how frequent it is. */
const sample = 64

export function expansionIn(db: Db): Expansion {
  const starting = db.prepare(
    `select text, path from word where text >= @from and text < @to and ${aliveAt('id')} order by id ${limited('@most')}`,
  )
  const having = db.prepare(
    `select w.text, w.path from word_part p cross join word w on w.id = p.rowid
     where p.word_part match @match and instr(w.text, @part) and ${aliveAt('w.id')} order by p.rowid ${limited('@most')}`,
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
      ? having.iterate({ match: trigrams(term.text), part: term.text, most })
      : starting.iterate({
          from: term.text,
          to: `${term.text}\u{10ffff}`,
          most,
        })) as IterableIterator<WordRow>
  const seen = (term: Term, sight: Sight): { words: string[]; isWhole: boolean } => {
    const few = [...wordsFor(term, maxExpansion + 1)]
    if (few.length <= maxExpansion) return { words: few.map(({ text }) => text), isWhole: true }
    const words: string[] = []
    let lookedAt = 0
    for (const { text, path } of wordsFor(term, read + 1)) {
      if (lookedAt++ === read) return { words, isWhole: false }
      const isThere =
        isPathSeen.get({ path, ...sight }) !== undefined ||
        isSeen.get({ match: quote(text), ...sight }) !== undefined
      if (!isThere) continue
      // One more that may be seen: others are not to be told of, not even so.
      if (words.length === maxExpansion) return { words, isWhole: false }
      words.push(text)
    }
    return { words, isWhole: true }
  }

  const spacing = ({ text }: Term): number => {
    const paths = newest.all(quote(text)) as number[]
    return paths.length < sample ? Number.POSITIVE_INFINITY : (paths[0]! - paths.at(-1)!) / sample
  }

  return {
    expression(terms, sight, apart) {
      const parts: string[] = []
      let isWhole = true
      for (const term of terms) {
        if (term.kind === 'word') parts.push(quote(term.text))
        else if (term.kind === 'run') parts.push(...term.pairs.map(quote))
        else {
          const some = seen(term, sight)
          isWhole &&= some.isWhole
          if (some.words.length === 0) return { match: undefined, isWhole }
          parts.push(`(${some.words.map(quote).join(' OR ')})`)
        }
      }
      if (apart === undefined || terms.length < 3) return { match: parts.join(' AND '), isWhole }
      const [longest] = parts.splice(apart.indexOf(Math.min(...apart)), 1)
      return { match: `(${parts.join(' AND ')} OR ${none}) AND ${longest!}`, isWhole }
    },
    apart: (terms) => (terms.every(({ kind }) => kind === 'word') ? terms.map(spacing) : undefined),
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
