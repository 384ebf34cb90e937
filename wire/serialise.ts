/**
 * Elements to text, the one way we write stanzas.
 *
 * Rules: what XML cannot carry is refused before a byte is sent (ltx would write it raw, and the server would end the stream);
 * white space in attributes survives as references (ltx writes it raw, and parsers make it a space); the size that is capped is the
 * size after escaping, since 250 KB of quotes grow to 1.5 MB.
 */
import { Buffer } from 'node:buffer'
import { type Element, isXmlText } from '../schemas/xml.js'

/** A stanza of ours that may not be written: a bug or an abuse, never sent in part. */
export class Unsendable extends Error {
  override readonly name = 'Unsendable'
  constructor(
    readonly code: 'stanza-too-big' | 'illegal-characters',
    message: string,
  ) {
    super(message)
  }
}

const references: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  '\n': '&#10;',
  '\r': '&#13;',
  '\t': '&#9;',
}
const refer = (sign: string): string => references[sign] as string

/** The element as text. Recursive: what we build is never deeper than the parser's cap. @throws Unsendable */
export function serialise(element: Element): string {
  let text = `<${element.name}`
  const { attrs, children } = element
  for (const name in attrs) {
    const value = attrs[name]
    if (value !== undefined && value !== null) text += ` ${name}="${attribute(String(value))}"`
  }
  if (children.length === 0) return `${text}/>`
  text += '>'
  for (const child of children) {
    if (child === undefined || child === null) continue
    text += typeof child === 'object' ? serialise(child) : content(String(child))
  }
  return `${text}</${element.name}>`
}

const attribute = (value: string): string =>
  /^[ !#-%(-;=?-~]*$/.test(value) ? value : legal(value).replace(/[&<>"'\n\r\t]/g, refer)

const content = (value: string): string =>
  /^[ -%'-;=?-~]*$/.test(value) ? value : legal(value).replace(/[&<>\r]/g, refer)

function legal(value: string): string {
  if (!isXmlText(value))
    throw new Unsendable('illegal-characters', 'a stanza has characters that XML cannot carry')
  return value
}

/** The bytes an element takes on the wire. @throws Unsendable */
export const measure = (element: Element): number => Buffer.byteLength(serialise(element))

/** The element as text, if its bytes stay within the cap. @throws Unsendable */
export function serialiseWithin(element: Element, cap: number): string {
  const text = serialise(element)
  // A UTF-16 unit takes one to three bytes, so most stanzas need no counting.
  if (text.length * 3 > cap && Buffer.byteLength(text) > cap) {
    throw new Unsendable(
      'stanza-too-big',
      `a stanza of ${Buffer.byteLength(text)} bytes is over the cap of ${cap}`,
    )
  }
  return text
}
