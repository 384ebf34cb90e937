/**
 * Cuts an XML stream from a server we trust into its stanzas, as text, and reads attributes out of that text.
 * No parser: the load and the echo must cost far less than what is measured. It relies on what Prosody writes:
 * `>` is escaped in text and attributes, and no stanza holds an element of its own name.
 */

/** Takes text as it arrives and gives each whole stanza; the stream's own header is passed over. */
export class StanzaCutter {
  #rest = ''

  constructor(private readonly onStanza: (stanza: string) => void) {}

  push(text: string): void {
    const all = this.#rest + text
    let at = 0
    for (;;) {
      const end = endOfNext(all, at)
      if (end === undefined) break
      const piece = all.slice(at, end)
      at = end
      if (!/^\s*<(\?xml|stream:stream|\/stream)/.test(piece.slice(0, 40))) this.onStanza(piece)
    }
    this.#rest = all.slice(at)
  }
}

/** The first value of an attribute in the text of an element, or undefined. Values are not unescaped. */
export function attributeOf(text: string, name: string): string | undefined {
  const at = text.indexOf(` ${name}=`)
  if (at < 0) return undefined
  const start = at + name.length + 3
  return text.slice(start, text.indexOf(text[start - 1]!, start))
}

/** The stanza's own opening tag. */
export function openingTag(stanza: string): string {
  return stanza.slice(0, stanza.indexOf('>') + 1)
}

function endOfNext(all: string, from: number): number | undefined {
  const open = all.indexOf('<', from)
  if (open < 0) return undefined
  const close = all.indexOf('>', open)
  if (close < 0) return undefined
  if (all.startsWith('<?', open) || all.startsWith('<stream:stream', open) || all[open + 1] === '/')
    return close + 1
  if (all[close - 1] === '/') return close + 1
  let nameEnd = open + 1
  while (!' />'.includes(all[nameEnd]!)) nameEnd++
  const ending = `</${all.slice(open + 1, nameEnd)}>`
  const end = all.indexOf(ending, close)
  return end < 0 ? undefined : end + ending.length
}
