/**
 * Text that others wrote, made fit for a terminal or a log: one line, no control, nothing that moves the
 * cursor, turns the writing round or hides itself, never wider than 200 columns, the end (a file's extension)
 * always in sight. Cases 87 and 106.
 */

/** Columns that a piece of peer's text may take. */
export const maxColumns = 200

/** What is kept of the end when the middle goes. */
const tailColumns = 40

/**
 * Controls (C0, C1, DEL), line and paragraph separators, marks of direction, zero-width and other unseen
 * signs, lone surrogates, tags, private use, non-characters. Written as properties so that new ones are in.
 */
const unseen =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]|\u034f|\u115f|\u1160|\u17b4|\u17b5|\u3164|\uffa0/u

/** Spaces other than the plain one look like it: they are shown as what they are. */
const strangeSpace = /(?! )\p{Zs}/u

/** @returns the text on one line, escaped as `\x1b` or `\u{202e}`, cut in the middle where it is too wide. */
export function showable(text: string, columns: number = maxColumns): string {
  // A megabyte of rubbish is not walked through to show two hundred columns of it.
  const bounded = text.length > 4_096 ? `${text.slice(0, 2_048)}${text.slice(-2_048)}` : text
  const pieces: { text: string; columns: number }[] = []
  let width = 0
  for (const sign of bounded) {
    const piece = shown(sign)
    pieces.push(piece)
    width += piece.columns
  }
  if (width <= columns && bounded === text) return pieces.map((piece) => piece.text).join('')

  const tail: string[] = []
  let tailWidth = 0
  const tailLimit = Math.min(tailColumns, Math.floor(columns / 2))
  while (pieces.length > 0 && tailWidth + pieces.at(-1)!.columns <= tailLimit) {
    const piece = pieces.pop()!
    tail.unshift(piece.text)
    tailWidth += piece.columns
  }
  const head: string[] = []
  let headWidth = 0
  for (const piece of pieces) {
    if (headWidth + piece.columns + 1 + tailWidth > columns) break
    head.push(piece.text)
    headWidth += piece.columns
  }
  return `${head.join('')}…${tail.join('')}`
}

function shown(sign: string): { text: string; columns: number } {
  const code = sign.codePointAt(0)!
  if (sign === '\\') return { text: '\\\\', columns: 2 }
  if (unseen.test(sign) || strangeSpace.test(sign)) {
    const hex = code.toString(16)
    const text = code <= 0xff ? `\\x${hex.padStart(2, '0')}` : `\\u{${hex}}`
    return { text, columns: text.length }
  }
  // A mark that stands on the sign before it counts like any other: heaps of them are cut too.
  return { text: sign, columns: isWide(code) ? 2 : 1 }
}

/** Columns that text takes which showable() made. Marks that stand on the sign before them take none. */
export function columnsOf(shownText: string): number {
  let columns = 0
  for (const sign of shownText) {
    if (!/\p{M}/u.test(sign)) columns += isWide(sign.codePointAt(0)!) ? 2 : 1
  }
  return columns
}

/** East Asian wide signs and emoji take two columns. Generous: counting too much only cuts earlier. */
function isWide(code: number): boolean {
  return (
    (code >= 0x1100 && code <= 0x115f) ||
    (code >= 0x2e80 && code <= 0xa4cf) ||
    (code >= 0xa960 && code <= 0xa97f) ||
    (code >= 0xac00 && code <= 0xd7ff) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0xffe0 && code <= 0xffe6) ||
    code >= 0x1b000
  )
}

/** JSON for a line of output: the same value, with what a terminal might obey written as `\uXXXX`. */
export function jsonLine(value: unknown): string {
  return JSON.stringify(value).replace(/[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}]/gu, (sign) =>
    [...Array(sign.length).keys()]
      .map((at) => `\\u${sign.charCodeAt(at).toString(16).padStart(4, '0')}`)
      .join(''),
  )
}
