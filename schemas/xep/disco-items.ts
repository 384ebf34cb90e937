/** What an entity has: XEP-0030, items. Only what we say ourselves. */

import { nsDiscoItems } from '../names.js'
import { type Element, xml } from '../xml.js'

export interface DiscoItem {
  jid: string
  node?: string
  name?: string
}

/** Writes the answer to `disco#items`. */
export function writeDiscoItems(items: readonly DiscoItem[]): Element {
  return xml('query', { xmlns: nsDiscoItems }, ...items.map((item) => xml('item', { ...item })))
}

/** The question. */
export const askDiscoItems = (): Element => xml('query', { xmlns: nsDiscoItems })
