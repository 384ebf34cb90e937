/** A content that nobody shares with us, asked for by its hash or by the number of an older list. */
import { CommandFailed } from '../failure.js'

/** @param root of the content, 64 hex */
export function nobodyHas(root: string, options: ErrorOptions): CommandFailed {
  return new CommandFailed(
    'no-such-path',
    `Nobody shares a file with the hash ${root.slice(0, 8)}… with you.`,
    'Check the hash, or search again: `jabberfs search WORDS…`.',
    options,
  )
}
