/** What an entity has: XEP-0030, items. What strangers answer is read leniently, and bounded. */

import { foldJid } from '../jid.js'
import { Malformed } from '../malformed.js'
import { nsDiscoItems } from '../names.js'
import { childElements, type Element, isElement, xml } from '../xml.js'
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

/** Servers list a handful; what comes after so many is not looked at. */
const maxItems = 256

/**
 * Reads the addresses of the items in an answer; a node is none.
 * @throws Malformed when it is another element
 */
export function readDiscoItems(query: Element): string[] {
  if (!isElement(query, 'query', nsDiscoItems)) throw new Malformed('query', 'not this element')
  const jids: string[] = []
  for (const item of childElements(query).slice(0, maxItems)) {
    if (!isElement(item, 'item', nsDiscoItems) || item.attrs.node !== undefined) continue
    const jid = foldJid(String(item.attrs.jid ?? ''))
    if (jid !== undefined) jids.push(jid)
  }
  return jids
}
