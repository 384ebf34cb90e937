/** A tag as people write it: one word of letters and digits; a `#` before it, as lists show it, is no part of it. */
import { CommandFailed } from '../failure.js'

/** The component takes no other (docs/catalogue.md, "Entries"). */
const tagPattern = /^[\p{L}\p{N}][\p{L}\p{M}\p{N}_.-]{0,31}$/u

/** As the catalogue folds them, each once. @throws CommandFailed `usage` */
export function readTags(said: string[]): string[] {
  return [...new Set(said.map(readTag))]
}

function readTag(said: string): string {
  const tag = said.replace(/^#/, '').normalize().toLowerCase().normalize()
  if (tagPattern.test(tag)) return tag
  throw new CommandFailed(
    'usage',
    `--tag: “${said}” is no tag.`,
    'A tag is one word of at most 32 letters and digits (and - _ . after the first).',
  )
}
