/**
 * What the words of a search mean, as docs/catalogue.md, 5.5, says it, in the simplest way: each is looked for in all words of a path.
 *
 * What holds: of the project only folding and the cutting into words are used. There is no index here, and nothing is counted or cut.
 */

import { fold } from '../../../../protocol/catalogue/folding.js'
import { runsOf, wordsOf } from '../../../../protocol/catalogue/words.js'

/** A path as it is compared. */
export interface Text {
  /** Of folder and name. */
  words: readonly string[]
  folded: string
}

export function textOf(path: string): Text {
  const cut = path.lastIndexOf('/')
  const [folder, name] = [path.slice(0, Math.max(0, cut)), path.slice(cut + 1)]
  return { words: [...wordsOf(folder), ...wordsOf(name)], folded: fold(path) }
}

type Wanted = (text: Text) => boolean

/** What each of the first sixteen words wants; nothing where there is no word in it. */
export function meaningOf(words: string): Wanted[] {
  const wanted = new Map<string, Wanted>()
  for (const piece of words.split(/\s+/u)) {
    const runs = runsOf(piece)
    for (const [at, { text, unspaced }] of runs.entries()) {
      const opens = at === 0 && piece.startsWith('*')
      const ends = at === runs.length - 1 && piece.endsWith('*')
      const [key, want] = unspaced ? anywhere(text) : wordLike(text, opens, ends)
      if (wanted.size < 16) wanted.set(key, want)
    }
  }
  return [...wanted.values()]
}

const anywhere = (run: string): [string, Wanted] => [`run ${run}`, ({ folded }) => folded.includes(run)]

function wordLike(word: string, opens: boolean, ends: boolean): [string, Wanted] {
  const letters = [...word].length
  if (opens && letters >= 3) {
    return [`part ${word}`, ({ words }) => words.some((one) => one.includes(word))]
  }
  if ((opens || ends) && letters >= 2) {
    return [`start ${word}`, ({ words }) => words.some((one) => one.startsWith(word))]
  }
  return [`word ${word}`, ({ words }) => words.includes(word)]
}
