/**
 * What a person types into a search, as terms. There is no syntax that can be wrong (case 54): everything that is no word
 * only separates words.
 *
 * What holds: `word` is a whole word, `wor*` the start of one, `*ord` or `*ord*` a part of one (three letters at
 * least; shorter ones are taken as starts of words). A run of an unspaced script is found wherever it stands. At most 16 terms.
 */

import { pairsOf, runsOf } from './words.js'

/** Terms of a query at most. */
export const maxTerms = 16
/** Characters of a query that are looked at. */
const maxQueryLength = 1_024

export type Term =
  /** A word, all of it. */
  | { kind: 'word'; text: string }
  /** The start of a word. */
  | { kind: 'prefix'; text: string }
  /** Any part of a word; three signs or more. */
  | { kind: 'part'; text: string }
  /** A run of a script without spaces; `pairs` are the words it has in the index. */
  | { kind: 'run'; text: string; pairs: readonly string[] }

const pieces = /\S+/g

/** The terms of a query, without repeats; none if there is no word in it. */
export function parseQuery(text: string): Term[] {
  const terms = new Map<string, Term>()
  for (const piece of text.slice(0, maxQueryLength).match(pieces) ?? []) {
    const runs = runsOf(piece)
    runs.forEach((run, at) => {
      const term = termOf(run, {
        opensWithStar: at === 0 && piece.startsWith('*'),
        endsWithStar: at === runs.length - 1 && piece.endsWith('*'),
      })
      if (terms.size < maxTerms) terms.set(`${term.kind} ${term.text}`, term)
    })
  }
  return [...terms.values()]
}

function termOf(
  run: { text: string; unspaced: boolean },
  { opensWithStar, endsWithStar }: { opensWithStar: boolean; endsWithStar: boolean },
): Term {
  const { text } = run
  if (run.unspaced) {
    const pairs = pairsOf(text, false)
    // One sign alone is the start of a pair, or a last sign: both begin with it.
    return [...text].length === 1 ? { kind: 'prefix', text } : { kind: 'run', text, pairs }
  }
  if (!opensWithStar && !endsWithStar) return { kind: 'word', text }
  // A letter may be two units.
  const letters = [...text].length
  if (opensWithStar && letters >= 3) return { kind: 'part', text }
  if (letters >= 2) return { kind: 'prefix', text }
  return { kind: 'word', text }
}
