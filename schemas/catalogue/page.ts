/**
 * How much goes into a page (docs/catalogue.md, "Pages"). A stock server takes forty times as long for 13 KB as for
 * 7.5 KB, so a page is full by bytes before it is full by count.
 */

import type { Codec } from '../codec.js'
import { type Element, escapeText } from '../xml.js'

/** Bytes of a page as it is written, without the stanza around it. */
export const pageBytes = 7_500
/** What the page's own element and its marks may take of that. */
const frameBytes = 500

/** Bytes of an element as the stream carries it. */
export function bytesOf(element: Element): number {
  return Buffer.byteLength(element.toString())
}

/** Bytes of an item inside an element of its own namespace, which it then does not say again. */
export function bytesWithin<T>(codec: Codec<T>, item: T): number {
  const element = codec.write(item)
  if (element.attrs.xmlns === codec.ns) delete element.attrs.xmlns
  return bytesOf(element)
}

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
  codec: Codec<T>,
  max: number,
  { budget = pageBytes, markOf }: Fit<T> = {},
): T[] {
  const markBytes = (item: T) => (markOf ? Buffer.byteLength(escapeText(markOf(item))) : 0)
  let left = budget - frameBytes
  if (items.length > 0) left -= markBytes(items[0]!)
  const fit: T[] = []
  for (const item of items) {
    if (fit.length >= max) break
    left -= bytesWithin(codec, item)
    if (left - markBytes(item) < 0 && fit.length > 0) break
    fit.push(item)
  }
  return fit
}
