/** What an entity has: XEP-0030, items. Only what we say ourselves. */

import { nsDiscoItems } from '../names.js'
import { type Element, xml } from '../xml.js'
import { type PageGiven, pageGiven } from './rsm.js'

export interface DiscoItem {
  jid: string
  node?: string
  name?: string
}

/** Writes the answer to `disco#items`, of a node if one was asked for, and which page it is if it is one. */
export function writeDiscoItems(items: readonly DiscoItem[], node?: string, page?: PageGiven): Element {
  return xml(
    'query',
    { xmlns: nsDiscoItems, node },
    ...items.map((item) => xml('item', { ...item })),
    page && pageGiven.write(page),
  )
}

/** The question, of a node if one is given. */
export const askDiscoItems = (node?: string): Element => xml('query', { xmlns: nsDiscoItems, node })
