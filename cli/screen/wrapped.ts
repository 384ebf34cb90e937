/** Long sentences in the width of a terminal. */
import { columnsOf } from '../showable.js'

/**
 * Breaks between words.
 * @param text fit for a terminal already
 * @param columns of the terminal; undefined in a pipe: nothing is broken there
 * @param indent spaces before each line but the first, which stands beside something of that width
 */
export function wrapped(text: string, columns: number | undefined, indent: number): string {
  if (columns === undefined) return text
  const room = Math.max(20, columns - 1 - indent)
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`
    if (line === '' || columnsOf(longer) <= room) line = longer
    else {
      lines.push(line)
      line = word
    }
  }
  return [...lines, line].join(`\n${' '.repeat(indent)}`)
}
