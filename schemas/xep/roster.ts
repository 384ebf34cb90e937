/** The contacts of an account, as its own server keeps them: RFC 6121, 2. Read leniently, and bounded. */

import { bareJid } from '../jid.js'
import { Malformed } from '../malformed.js'
import { nsRoster } from '../names.js'
import { childElements, type Element, isElement, xml } from '../xml.js'

/** One contact. A push may say that it was removed. */
export interface RosterItem {
  /** Bare JID. */
  jid: string
  subscription: 'none' | 'to' | 'from' | 'both' | 'remove'
}

/** What comes after so many contacts is not looked at. */
export const maxRosterItems = 20_000

const subscriptions: ReadonlySet<string> = new Set(['to', 'from', 'both', 'remove'])

/** The question for all contacts; pushes follow from then on. */
export const askRoster = (): Element => xml('query', { xmlns: nsRoster })

/**
 * Reads an answer or a push. What is no contact is left out; an unknown subscription is none.
 * @throws Malformed when it is another element
 */
export function readRoster(query: Element): RosterItem[] {
  if (!isElement(query, 'query', nsRoster)) throw new Malformed('query', 'not this element')
  const items: RosterItem[] = []
  for (const item of childElements(query).slice(0, maxRosterItems)) {
    if (!isElement(item, 'item', nsRoster)) continue
    const jid = bareJid(String(item.attrs.jid ?? ''))
    if (jid === undefined) continue
    const subscription = String(item.attrs.subscription ?? 'none')
    const isKnown = subscriptions.has(subscription)
    items.push({ jid, subscription: isKnown ? (subscription as RosterItem['subscription']) : 'none' })
  }
  return items
}
