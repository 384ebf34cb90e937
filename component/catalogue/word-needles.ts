/**
 * Whether a path fits the words of a query, quickly: its words are one text, and each term is a piece of text that is in it or not.
 * Where it stands, and so how good a match it is, does not show (protocol/catalogue/ranking.ts).
 */

import type { Term } from '../../protocol/catalogue/query.js'
import type { Words } from '../../protocol/catalogue/ranking.js'

/** The words of a path, with a line feed before and behind each: no word has one. Two part name and folder, so that no run goes across. */
export const textOf = ({ name, folder }: Words) => `\n${name.join('\n')}\n\n${folder.join('\n')}\n`

/** What is in the text of a path where it has all these terms, and only there. */
export const needlesOf = (terms: readonly Term[]): string[] => terms.map(needleOf)

function needleOf(term: Term): string {
  switch (term.kind) {
    case 'word':
      return `\n${term.text}\n`
    case 'prefix':
      return `\n${term.text}`
    case 'part':
      return term.text
    case 'run':
      return `\n${term.pairs.join('\n')}\n`
  }
}

/** The longest whole word that is wanted: the rarest, likely. '' where none is. */
export function longestWord(terms: readonly Term[]): string {
  const words = terms.flatMap((term) =>
    term.kind === 'word' ? [term.text] : term.kind === 'run' ? term.pairs : [],
  )
  return words.reduce((longest, word) => (word.length > longest.length ? word : longest), '')
}
