/** The words of `get`, made into wishes: numbers of the last list, hashes, `JID PATH`, `JID NAME`. */
import { CommandFailed } from '../failure.js'
import type { FoundBefore } from '../last-list.js'
import type { Wish } from '../words.js'
import { checkPeer } from './command-line.js'
import { readRoot } from './filters.js'

const isNumber = (word: string): boolean => /^\d{1,7}$/.test(word)

/**
 * What `get WORDS…` asks for.
 * @param found what the last list found, under its number
 * @throws CommandFailed `usage`
 */
export function parseWishes(words: string[], found: (no: number) => FoundBefore): Wish[] {
  const [first, ...rest] = words
  if (first !== undefined && (isNumber(first) || readRoot(first) !== undefined)) {
    return words.map((word) => wishOf(word, found))
  }
  if (first === undefined) {
    throw new CommandFailed('usage', 'What to get is not said.', 'See `jabberfs get --help`.')
  }
  checkPeer(first, 'The first word is the person to ask, a number of the last list, or a hash')
  if (rest.length === 0) {
    throw new CommandFailed(
      'usage',
      'What is to be got from there is not said.',
      `\`jabberfs browse ${first}\` shows what there is.`,
    )
  }
  const peer = first.replace(/\/.*/s, '')
  // A person's device may be named for a plain name, as ever; a path is of the person.
  return rest.map((word) =>
    word.includes('/') ? { by: 'path', peer, path: word } : { by: 'name', peer: first, name: word },
  )
}

function wishOf(word: string, found: (no: number) => FoundBefore): Wish {
  const root = readRoot(word)
  if (root !== undefined) return { by: 'root', root }
  if (isNumber(word)) {
    const { root, path } = found(Number(word))
    return { by: 'root', root, filename: path.slice(path.lastIndexOf('/') + 1) }
  }
  throw new CommandFailed(
    'usage',
    `“${word}” is neither a number of the last list nor a hash.`,
    'Correct it.',
  )
}
