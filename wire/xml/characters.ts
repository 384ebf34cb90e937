/**
 * Which characters XML 1.0 can carry, and the only references a stream may use: the five predefined entities and
 * references to legal characters (RFC 6120 §11.1, XML 1.0 §2.2, §4.1). Nothing else is ever expanded.
 */
import { StreamFault } from './fault.js'

/** Controls and noncharacters that XML 1.0 cannot carry. Lone surrogates cannot come out of UTF-8. */
const forbidden = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/

/** @throws StreamFault when decoded text has characters that XML cannot carry */
export function requireLegal(text: string): void {
  if (forbidden.test(text)) throw new StreamFault('not-well-formed', 'a character that XML cannot carry')
}

const named: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/** Text with its references resolved. @throws StreamFault at an unknown entity or an illegal character */
export function unescaped(text: string): string {
  let at = text.indexOf('&')
  if (at === -1) return text
  let plain = ''
  let from = 0
  while (at !== -1) {
    // The longest legal reference is `&#x10FFFF;`; zeros may lead, but nobody writes more than a few.
    const end = text.indexOf(';', at + 1)
    if (end === -1 || end - at > 16)
      throw new StreamFault('not-well-formed', 'an ampersand that is no reference')
    plain += text.slice(from, at) + resolve(text.slice(at + 1, end))
    from = end + 1
    at = text.indexOf('&', from)
  }
  return plain + text.slice(from)
}

function resolve(reference: string): string {
  if (reference.charCodeAt(0) !== 0x23) {
    const plain = Object.hasOwn(named, reference) ? named[reference] : undefined
    if (plain === undefined)
      throw new StreamFault('restricted-xml', 'an entity other than the five predefined ones')
    return plain
  }
  const hex = /^#x([0-9a-fA-F]+)$/.exec(reference)
  const decimal = hex ? null : /^#([0-9]+)$/.exec(reference)
  const code = hex
    ? Number.parseInt(hex[1] as string, 16)
    : decimal
      ? Number.parseInt(decimal[1] as string, 10)
      : -1
  const legal =
    code === 0x9 ||
    code === 0xa ||
    code === 0xd ||
    (code >= 0x20 && code <= 0xd7ff) ||
    (code >= 0xe000 && code <= 0xfffd) ||
    (code >= 0x10000 && code <= 0x10ffff)
  if (!legal) throw new StreamFault('not-well-formed', 'a reference to a character that XML cannot carry')
  return String.fromCodePoint(code)
}

/**
 * A copy that stands on its own. V8 makes a slice of 13 units or more point into the string it was cut from, so one
 * remembered JID would keep a whole chunk of 64 KiB alive.
 */
export function detached(text: string): string {
  return text.length < 13 ? text : `${text}\0`.slice(0, -1)
}
