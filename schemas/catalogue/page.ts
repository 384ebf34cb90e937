/**
 * How much goes into a page (docs/catalogue.md, "Pages"). A stock server takes forty times as long for 13 KB as for
 * 7.5 KB, so a page is full by bytes before it is full by count.
 */

import type { Codec } from '../codec.js'
import type { Value } from '../values.js'
import { type Element, escapeAttribute, escapeText } from '../xml.js'
import { lineAhead } from './lines.js'

/** Bytes of a page as it is written, without the stanza around it. */
export const pageBytes = 7_500
/**
 * Bytes of a page in lines, with the stanza around it: a stock server reads 4,096 at a time, and rests for a millisecond before it reads what is
 * left of a stanza.
 */
export const pageBytesInLines = 4_096
/** What the page's own element and its marks may take of that. */
const frameBytes = 500

/** Bytes of an element as the stream carries it. */
export function bytesOf(element: Element): number {
  const { name, attrs, children } = element
  const nameBytes = Buffer.byteLength(name)
  let bytes = nameBytes + '</>'.length
  for (const key in attrs) {
    const value = attrs[key]
    if (value === undefined || value === null) continue
    bytes += Buffer.byteLength(key) + ' =""'.length + escapedBytes(String(value), escapeAttribute)
  }
  if (children.length === 0) return bytes
  bytes += nameBytes + '<>'.length
  for (const child of children) {
    bytes += typeof child === 'object' ? bytesOf(child) : escapedBytes(String(child), escapeText)
  }
  return bytes
}

/** What most texts are like: a byte for each character, and nothing to escape. */
const asItIs = /^[ !#-%(-;=?-~]*$/

const escapedBytes = (text: string, escaped: (text: string) => string): number =>
  asItIs.test(text) ? text.length : Buffer.byteLength(escaped(text))

/** Bytes of an item inside an element of its own namespace, which it then does not say again. */
export function bytesWithin<T>(codec: Codec<T>, item: T): number {
  const element = codec.write(item)
  return bytesOf(element) - (element.attrs.xmlns === codec.ns ? declaring(codec.ns) : 0)
}

const declaring = (ns: string): number => ` xmlns="${ns}"`.length

/** What was written to be measured, until it is put into a page. */
const measuredElements = new WeakMap<object, Element>()

/** The element of a value, written now to be measured; a list of it by {@link once} is given the same, and does not write it again. */
export function writtenAhead<T extends object>(codec: Codec<T>, value: T): Element {
  const element = codec.write(value)
  measuredElements.set(value, element)
  return element
}

/** The codec as one of a list's items: what is written already is taken as it is, once. */
export function once<T extends object>(codec: Codec<T>): Codec<T> {
  return {
    ...codec,
    write: (value) => {
      const element = measuredElements.get(value)
      if (element === undefined) return codec.write(value)
      measuredElements.delete(value)
      return element
    },
  }
}

/** Bytes of an item of a page, which is written now: a page of elements, or of lines, is given the same. */
export type Measure<T> = (item: T) => number

/** Items that are elements. */
export const asElements =
  <T extends object>(codec: Codec<T>): Measure<T> =>
  (item) => {
    const element = writtenAhead(codec, item)
    return bytesOf(element) - (element.attrs.xmlns === codec.ns ? declaring(codec.ns) : 0)
  }

/** Items that are lines, with the line end. */
export const asLines =
  <T extends object>(line: Value<T>): Measure<T> =>
  (item) =>
    escapedBytes(lineAhead(line, item), escapeText) + 1

interface Fit<T> {
  /** Bytes of the page, if not those of a page. */
  budget?: number
  /** The mark of an item, where marks are longer than a number or two. */
  markOf?: (item: T) => string
}

/**
 * The items that fit into one page, from the first: at least one where there is any, at most `max`, and else as many
 * as `budget` bytes hold. An item is never more than {@link pageBytes} by much: its parts are bounded.
 */
export function fitting<T>(
  items: readonly T[],
  measure: Measure<T>,
  max: number,
  { budget = pageBytes, markOf }: Fit<T> = {},
): T[] {
  const markBytes = (item: T) => (markOf ? Buffer.byteLength(escapeText(markOf(item))) : 0)
  let left = budget - frameBytes
  if (items.length > 0) left -= markBytes(items[0]!)
  const fit: T[] = []
  for (const item of items) {
    if (fit.length >= max) break
    left -= measure(item)
    if (left - markBytes(item) < 0 && fit.length > 0) break
    fit.push(item)
  }
  return fit
}
