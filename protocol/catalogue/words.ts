/**
 * The words of a name: what the index holds, and what a query is compared with.
 *
 * What holds:
 * - A word is a run of letters, marks and digits of a script that has spaces, cut at 64 units; or two neighbours of a script that is
 *   written without them (Chinese, Japanese, Thai …), and the last sign of such a run by itself, so that each sign
 *   begins some word; or one pictograph.
 * - A word has no white space, no control character and no punctuation: nothing that is syntax to anybody.
 * - A text gives at most 64 words.
 */

import { fold } from './folding.js'

/** Words of one text at most. */
export const maxWords = 64
/** UTF-16 units of a word at most. */
const maxWordLength = 64

const unspaced =
  '\\p{sc=Han}\\p{sc=Hiragana}\\p{sc=Katakana}\\p{sc=Thai}\\p{sc=Lao}\\p{sc=Khmer}\\p{sc=Myanmar}ー'
const runs = new RegExp(
  `((?:(?=[\\p{L}\\p{M}\\p{N}])[${unspaced}])+)|(?:(?![${unspaced}])[\\p{L}\\p{M}\\p{N}])+|(?![0-9#*])\\p{Extended_Pictographic}`,
  'gu',
)
const plain = /^[\x00-\x7f]*$/
const plainRuns = /[a-z0-9]+/g

/** A stretch of text that is looked for as a whole. */
export interface Run {
  /** Folded. */
  text: string
  /** Whether it is of a script without spaces. */
  unspaced: boolean
}

/** The runs of a text, folded, in order. */
export function runsOf(text: string): Run[] {
  const folded = fold(text)
  return plain.test(folded)
    ? plainWords(folded).map((word) => ({ text: word, unspaced: false }))
    : runsIn(folded)
}

/** Most names are plain, and a search looks at a thousand of them. */
function plainWords(folded: string): string[] {
  const words: string[] = folded.match(plainRuns) ?? []
  if (words.length > maxWords) words.length = maxWords
  for (const [at, word] of words.entries()) {
    if (word.length > maxWordLength) words[at] = word.slice(0, maxWordLength)
  }
  return words
}

function runsIn(folded: string): Run[] {
  const found: Run[] = []
  for (const match of folded.matchAll(runs)) {
    const isUnspaced = match[1] !== undefined
    const run = isUnspaced ? match[0] : wellFormed(match[0].slice(0, maxWordLength))
    if (found.push({ text: run, unspaced: isUnspaced }) === maxWords) break
  }
  return found
}

/** The words of a text, folded, in order. */
export function wordsOf(text: string): string[] {
  const folded = fold(text)
  if (plain.test(folded)) return plainWords(folded)
  const words: string[] = []
  for (const run of runsIn(folded)) {
    if (run.unspaced) words.push(...pairsOf(run.text, true))
    else words.push(run.text)
    if (words.length >= maxWords) break
  }
  return words.slice(0, maxWords)
}

/** The pairs of neighbours of a run of an unspaced script, and its last sign if wanted. */
export function pairsOf(run: string, withLast: boolean): string[] {
  const signs = [...run].slice(0, maxWords)
  const pairs = signs.slice(1).map((sign, at) => signs[at]! + sign)
  if (withLast || pairs.length === 0) pairs.push(signs.at(-1)!)
  return pairs
}

/** Without the half of a surrogate pair that cutting left at the end. */
function wellFormed(text: string): string {
  return /[\ud800-\udbff]$/.test(text) ? text.slice(0, -1) : text
}
