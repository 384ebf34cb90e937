/** What an offer or request becomes for one device of its recipient: a transfer, and a row of its outbox. */

import { type Party, propose as proposed } from '../../protocol/mediation/index.js'
import { type Action, type Element, parseXml, readAction, writeAction, xml } from '../../schemas/index.js'
import type { Session } from '../attendance/logins.js'
import type { Transaction } from '../store/batches.js'
import type { NewOffer, OfferRow } from '../store/offers.js'
import type { OutboxRow } from '../store/outbox.js'
import type { Store } from '../store/store.js'
import type { Mediation } from './mediation.js'
import { moment } from './post.js'

export type Proposal = Extract<Action, { action: 'offer' | 'request' }>

/** Longer words are not held in memory for each device, but made of what is stored when they are brought. */
export const largestAtHand = 4_096

/**
 * Whether an offer is for this session: its author's own device is not among the recipients, and to whom blocks its author it is
 * not brought. To the author that looks as if nobody were there; it is looked up for each alike (P23).
 */
export function isFor(
  store: Store,
  offer: Pick<NewOffer, 'author' | 'authorPeer' | 'resource' | 'state'>,
  session: Session,
): boolean {
  const isBlocked = store.blocks.has(session.party.peer, offer.authorPeer)
  if (session.row === offer.author || isBlocked) return false
  const { only } = offer.state
  if (only !== undefined && only !== session.party.device) return false
  return offer.resource === null || session.jid === `${session.party.peer}/${offer.resource}`
}

/**
 * Makes the transfer of an offer for one device; the sum must have counted it. The words are not stored once for each
 * device: they are made of the offer when they are brought, unless they are at hand.
 */
export function deliver(
  { store, afterCommit }: Transaction,
  mediation: Mediation,
  offer: OfferRow,
  to: Session,
  atHand?: Element,
): void {
  const author = authorOf(store, offer)
  const { kind, state: offered } = offer
  const root = offered.root !== undefined && { root: offered.root }
  const state = proposed({ sid: mediation.newSid(), kind, author, recipient: to.party, ...root })
  const { sid } = state
  store.transfers.add({ state, offer: offer.id, recipient: to.row })
  const row = store.outbox.add({ device: to.row, offer: offer.id, sid, payload: '' })
  afterCommit(() => {
    const { deliveries } = mediation
    if (atHand === undefined) deliveries.storedFor(to.row)
    else {
      const payload = asDelivered(atHand, offer, author, sid)
      deliveries.push(to.row, { row, payload, weight: largestAtHand })
    }
  })
}

/** What is in a row of the outbox, as the device gets it. @throws when it is not there any more, which is a bug */
export function delivered(store: Store, row: OutboxRow): Element {
  if (row.payload !== '') return parseXml(row.payload)
  const offer = store.offers.find(row.offer)
  const payload = store.offers.payload(row.offer)
  if (offer === undefined || payload === undefined || row.sid === null) throw new Error('no such offer')
  const words = writeAction(readAction(parseXml(payload)))
  return asDelivered(words, offer, authorOf(store, offer), row.sid)
}

/** The words as they were checked and written once, with our routing instead of theirs; what is in them is not copied. */
function asDelivered(words: Element, offer: OfferRow, author: Party, sid: string): Element {
  const { peer, device } = author
  const expires = offer.kind === 'offer' ? { expires: moment(offer.ends) } : undefined
  const stamp = moment(offer.made)
  const element = xml(words.name, { ...words.attrs, sid, id: offer.name, peer, device, stamp, ...expires })
  element.children = words.children
  return element
}

function authorOf(store: Store, offer: OfferRow): Party {
  const author = store.devices.find(offer.author)
  if (author === undefined) throw new Error('an offer without an author')
  return { peer: author.peer, device: author.device }
}
