/** Whom an account blocks on its own server: XEP-0191. Read leniently, and bounded. */

import { parseJid } from '../jid.js'
import { Malformed } from '../malformed.js'
import { nsBlocking } from '../names.js'
import { childElements, type Element, isElement, xml } from '../xml.js'

export interface BlockList {
  domains: string[]
  /** Bare JIDs. */
  peers: string[]
}

/** What comes after so many is not looked at. */
const maxBlocked = 20_000

/** The question for the whole list; pushes follow from then on. */
export const askBlockList = (): Element => xml('blocklist', { xmlns: nsBlocking })

/** Reads the whole list. @throws Malformed when it is another element */
export function readBlockList(list: Element): BlockList {
  if (!isElement(list, 'blocklist', nsBlocking)) throw new Malformed('blocklist', 'not this element')
  return blockedBy(
    childElements(list)
      .slice(0, maxBlocked)
      .map((item) => String(item.attrs.jid ?? '')),
  )
}

/** Whether this child of an IQ says that the list has changed. */
export const isBlockPush = (child: Element): boolean =>
  isElement(child, 'block', nsBlocking) || isElement(child, 'unblock', nsBlocking)

/** The domains and the people of a list; single resources, and what is no address, are left out. */
export function blockedBy(jids: readonly string[]): BlockList {
  const domains = new Set<string>()
  const peers = new Set<string>()
  for (const each of jids) {
    const jid = parseJid(each)
    if (jid === undefined || jid.resource !== undefined) continue
    if (jid.local === undefined) domains.add(jid.domain)
    else peers.add(jid.bare)
  }
  return { domains: [...domains], peers: [...peers] }
}
