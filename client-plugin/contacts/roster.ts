/** Our person's contacts: those with a subscription in either direction (RFC 6121, 2). */

import {
  askRoster,
  type Element,
  isElement,
  maxRosterItems,
  nsRoster,
  readRoster,
} from '../../schemas/index.js'
import { OwnList } from './own-list.js'

export class Roster extends OwnList {
  #contacts = new Set<string>()

  /** Whether a peer, bare, is a contact; undefined while that is not known. */
  has(peer: string): boolean | undefined {
    return this.isKnown ? this.#contacts.has(peer) : undefined
  }

  protected question(): Element {
    return askRoster()
  }

  protected take(answer: Element | undefined): void {
    const items = answer === undefined ? [] : readRoster(answer)
    this.#contacts = new Set(
      items.filter(({ subscription }) => isSubscribed(subscription)).map(({ jid }) => jid),
    )
  }

  protected push(child: Element): boolean {
    if (!isElement(child, 'query', nsRoster)) return false
    // What comes before the whole is in it.
    if (!this.isKnown) return true
    for (const { jid, subscription } of readRoster(child)) {
      if (!isSubscribed(subscription)) this.#contacts.delete(jid)
      else if (this.#contacts.size < maxRosterItems) this.#contacts.add(jid)
    }
    this.changed()
    return true
  }
}

const isSubscribed = (subscription: string): boolean =>
  subscription === 'both' || subscription === 'to' || subscription === 'from'
