/**
 * Names of files that come from a peer, made safe to create and to show (docs/protocol.md, "Names").
 *
 * Rules: pure. A safe name is one component on every system: no separator of any of them and nothing that
 * looks like one, nothing that cannot be seen, nothing a system reserves, not hidden, not an option of a
 * command, in NFC, at most 255 bytes of UTF-8, with its extension kept (P13, P14). Made safe twice, it
 * stays what it is.
 */

export type SafeName = { ok: true; name: string } | { ok: false; reason: 'bad-name' }

/** The longest name that file systems take, in bytes of UTF-8. */
export const maxNameBytes = 255

/** Longer than this, in bytes, what follows the last dot is no extension. */
const maxExtensionBytes = 64

/** Longer than this, in UTF-16 units, no name is even looked at. */
const maxPeerNameLength = 4096

/** Separators, drives and streams, wildcards and redirections of all systems. */
const forbidden = /[/\\:*?"<>|]/gu

/** What looks like a separator or like a dot of its own: slashes, backslashes, one- and two-dot leaders, full-width dots. */
const lookalikes =
  /[\u2024\u2025\u2044\u2215\u2216\u2571\u2572\u29f5\u29f8\u29f9\ufe52\ufe68\uff0e\uff0f\uff3c]/gu

/** Escapes that somebody may undo later: of a dot, of separators, of NUL and other controls, of `%` itself. */
const escapes = /%(?=2e|2f|5c|3a|25|[01][0-9a-f]|7f|u[0-9a-f]{4}|c0|c1|e0|f0)/giu

/**
 * What is not seen: controls, what turns the direction of text, what has no width, fillers, tags,
 * separators of lines and paragraphs, unpaired surrogates, what is no character.
 */
const invisible =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}\p{Default_Ignorable_Code_Point}\u2800\ufffc]/gu

const spaces = /\p{Zs}+/gu

/** Devices of Windows: also with an extension, whatever it is. */
const reserved = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$|clock\$)(?=[. ]|$)/iu

/** Makes a peer's name safe to create in a folder. Refused where nothing of it would be left. */
export function safeName(peerName: string, maxBytes: number = maxNameBytes): SafeName {
  if (peerName.length === 0 || peerName.length > maxPeerNameLength) return { ok: false, reason: 'bad-name' }
  let name = peerName
    .normalize('NFC')
    .replace(invisible, '')
    .replace(spaces, ' ')
    .replace(lookalikes, '_')
    .replace(escapes, '_')
    .replace(forbidden, '_')
    .normalize('NFC')
  name = trimmed(name)
  // Nothing but dots, spaces and what stood for a separator names nothing.
  if (!/[^._ ]/u.test(name)) return { ok: false, reason: 'bad-name' }
  if (reserved.test(name) || /^[.\-~]/u.test(name)) name = `_${name}`
  return { ok: true, name: trimmed(shortened(name, '', maxBytes)) }
}

/** The `n`th name to try where a name is taken: `name (n).ext`; for 0 the name itself. Stays within `maxBytes`. */
export function freeName(name: string, n: number, maxBytes: number = maxNameBytes): string {
  return n === 0 ? name : shortened(name, ` (${n})`, maxBytes)
}

/** Where the extension begins, its dot included; the length of the name where there is none. */
export function extensionAt(name: string): number {
  const match = /(?:\.tar)?\.[^. ]{1,32}$/iu.exec(name)
  if (match === null || match.index === 0 || bytesOf(match[0]) > maxExtensionBytes) return name.length
  return match.index
}

/**
 * A peer's text for a terminal or a log: one line, at most `max` columns (counting generously), everything
 * that is not plainly visible as an escape such as `\x1b` or `\u202e`, the end (a file's extension) always
 * there: what is too long loses its middle. (P14, cases 87 and 106)
 */
export function showable(text: string, max = 200): string {
  // Of a very long text only both ends are looked at: nothing of the middle would be shown.
  const ends = text.length > 4 * max + 8 ? `${text.slice(0, 2 * max)}${text.slice(-2 * max)}` : text
  const cut = ends !== text
  const shown: string[] = []
  for (const character of ends) shown.push(escaped(character))
  const columns = shown.reduce((sum, one) => sum + columnsOf(one), 0)
  if (!cut && columns <= max) return shown.join('')
  const forTail = Math.max(1, Math.min(48, Math.floor((max - 1) / 2)))
  const tail = takeWhileFits(shown.toReversed(), forTail).toReversed()
  const head = takeWhileFits(shown.slice(0, shown.length - tail.length), max - 1 - columnsOf(tail.join('')))
  return `${head.join('')}…${tail.join('')}`
}

const plain = /^[^\p{C}\p{Z}\p{Default_Ignorable_Code_Point}\u2800\ufffc]$/u

function escaped(character: string): string {
  if (character === ' ' || plain.test(character)) return character
  const code = character.codePointAt(0)!
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, '0')}`
  if (code < 0x10000) return `\\u${code.toString(16).padStart(4, '0')}`
  return `\\u{${code.toString(16)}}`
}

/** Columns a text takes at most: nobody can know which characters a terminal draws wide, so most count twice. */
function columnsOf(shown: string): number {
  let columns = 0
  for (const character of shown) columns += character.codePointAt(0)! < 0x1100 || character === '…' ? 1 : 2
  return columns
}

function takeWhileFits(shown: readonly string[], columns: number): string[] {
  const taken: string[] = []
  let left = columns
  for (const one of shown) {
    left -= columnsOf(one)
    if (left < 0) break
    taken.push(one)
  }
  return taken
}

function trimmed(name: string): string {
  return name.replace(/^ +/u, '').replace(/[. ]+$/u, '')
}

/** The name with `suffix` before its extension, its stem cut so that all of it fits. */
function shortened(name: string, suffix: string, maxBytes: number): string {
  if (bytesOf(name) + bytesOf(suffix) <= maxBytes && suffix === '') return name
  const dot = extensionAt(name)
  const end = suffix + name.slice(dot)
  let room = maxBytes - bytesOf(end)
  let stem = ''
  for (const character of name.slice(0, dot)) {
    room -= bytesOf(character)
    if (room < 0) break
    stem += character
  }
  // A space before the suffix's own would be two, which no safe name has.
  if (suffix !== '') stem = stem.replace(/ +$/u, '')
  return `${stem}${end}`
}

/** Bytes of a text in UTF-8. */
function bytesOf(text: string): number {
  let bytes = 0
  for (const character of text) {
    const code = character.codePointAt(0)!
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
  }
  return bytes
}
