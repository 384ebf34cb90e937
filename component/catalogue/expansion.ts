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
  // The numbers alone are in the index by text: what else is known of a word is on a page of its own for nearly each.
  const starting = db
    .prepare(
      `select id from word where text >= @from and text < @to and ${aliveAt('id')} order by id ${limited('@most')}`,
    )
    .pluck()
  const wordAt = db.prepare('select text, path from word where id = ?')
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

  /** The words that a term stands for, those that came first before others; one more than are looked through. */
  function* wordsFor({ kind, text }: Term): Generator<WordRow> {
    const most = read + 1
    if (kind === 'part') {
      yield* having.iterate({ match: trigrams(text), part: text, most }) as Iterable<WordRow>
      return
    }
    for (const id of starting.all({ from: text, to: `${text}\u{10ffff}`, most }))
      yield wordAt.get(id) as WordRow
  }
  const isThere = ({ text, path }: WordRow, sight: Sight) =>
    isPathSeen.get({ path, ...sight }) !== undefined ||
    isSeen.get({ match: quote(text), ...sight }) !== undefined
  const seen = (term: Term, sight: Sight): { words: string[]; isWhole: boolean } => {
    const words: string[] = []
    // While it can stand for all of them it does not matter who sees which.
    const few: WordRow[] = []
    let lookedAt = 0
    for (const row of wordsFor(term)) {
      if (lookedAt++ === read) return { words, isWhole: false }
      few.push(row)
      if (lookedAt <= maxExpansion) continue
      for (const one of few.splice(0)) {
        if (!isThere(one, sight)) continue
        // One more that may be seen: others are not to be told of, not even so.
        if (words.length === maxExpansion) return { words, isWhole: false }
        words.push(one.text)
      }
    }
    return { words: [...words, ...few.map(({ text }) => text)], isWhole: true }
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
