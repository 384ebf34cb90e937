/** `--from`: whose offers are taken. */
import { CommandFailed } from '../failure.js'
import { checkPeer } from './command-line.js'

/** Those in words of their own; `*` was the word for everybody. */
const words: ReadonlyMap<string, string> = new Map([
  ['contacts', 'contacts'],
  ['everybody', 'everybody'],
  ['*', 'everybody'],
])

/** @returns `contacts`, `everybody`, a bare JID or a domain. @throws CommandFailed `usage` */
export function readFrom(word: string): string {
  const known = words.get(word)
  if (known !== undefined) return known
  if (/^[^@/\s]+$/.test(word)) {
    if (/[.:]/.test(word) || word === 'localhost') return word.toLowerCase()
    throw new CommandFailed(
      'usage',
      `--from takes a person or a server, and “${word}” is neither.`,
      'Write name@server, a server’s name, `contacts` or `everybody`.',
    )
  }
  checkPeer(word, '--from takes a person or a server')
  // As servers stamp it.
  return word.replace(/\/.*/s, '').toLowerCase()
}
