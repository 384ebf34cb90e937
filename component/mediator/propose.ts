/**
 * Offers and requests: recorded once under the id that their author gave them, and delivered to every device of the
 * recipient that is logged in, and later to those that log in before they end.
 *
 * Whether the recipient exists, is here, or wants to hear of it, shows in nothing that is answered (P23).
 */

import { createHash } from 'node:crypto'
import { offered, type Party, proposalEnds, propose as proposed } from '../../protocol/mediation/index.js'
import {
  type Action,
  type Element,
  type FileDescription,
  field,
  type Offer,
  offer as offerCodec,
  parseJid,
  parseXml,
  quota,
  readAction,
  writeAction,
} from '../../schemas/index.js'
import { Refused } from '../../wire/index.js'
import type { Session } from '../attendance/logins.js'
import { refuseTooBig } from '../limits/largest.js'
import type { Transaction } from '../store/batches.js'
import type { NewOffer, OfferRow } from '../store/offers.js'
import type { OutboxRow } from '../store/outbox.js'
import type { Store } from '../store/store.js'
import { usedUp } from './allowance.js'
import type { Mediation, Outcome } from './mediation.js'
import { moment } from './post.js'
import type { Publisher } from './published.js'

export type Proposal = Extract<Action, { action: 'offer' | 'request' }>

/** Longer words are not held in memory for each device, but made of what is stored when they are brought. */
const largestAtHand = 4_096

/** Records an offer or request, and delivers it. The same again is answered the same (case 10). */
export function propose(
  transaction: Transaction,
  mediation: Mediation,
  me: Session,
  said: Proposal,
  /** Of what is requested by share and path. */
  publisher?: Publisher,
): Outcome {
  const { id, peer, sid } = said.value
  if (sid !== undefined) return Refused.by('malformed', field(`${said.action}/@sid`))
  if (id === undefined) return Refused.by('malformed', field(`${said.action}/@id`))
  if (peer === undefined) return Refused.by('malformed', field(`${said.action}/@peer`))
  const unidentified = said.action === 'offer' ? refuseUnidentified(said.value.files) : undefined
  if (unidentified) return unidentified
  const { store, now } = transaction
  const { text, digest } = fixed(said)
  const tooBig = refuseTooBig(text)
  if (tooBig) return tooBig
  const before = store.offers.named(me.party.peer, id)
  if (before) {
    return before.author === me.row && before.digest === digest ? undefined : Refused.by('conflict')
  }
  const jid = parseJid(peer)
  if (jid === undefined) return Refused.by('jid-malformed')
  // Before any bound is looked at: whoever may not see it is to learn nothing else either (P11).
  const isShared = said.action === 'request' && said.value.share !== undefined
  if (isShared && publisher === undefined) return Refused.by('not-found')
  const tooMuch = refuseTooMuch(transaction, mediation, me, jid.bare)
  if (tooMuch) return tooMuch
  // What is remembered of one author is bounded, also for one who makes and takes back without end (P16).
  if (mediation.timeToTrim(me.party.peer)) {
    store.offers.trim(me.party.peer, mediation.limits.finishedPerAuthor)
  }
  const every = said.action === 'offer' && said.value.every
  const asked = said.action === 'offer' ? said.value.expires : undefined
  const made: NewOffer = {
    author: me.row,
    authorPeer: me.party.peer,
    name: id,
    kind: said.action,
    recipient: jid.bare,
    resource: isShared ? null : (jid.resource ?? null),
    digest,
    payload: text,
    made: now,
    ends: proposalEnds(now, asked === undefined ? undefined : Date.parse(asked)),
    state: offered(
      every,
      publisher?.device ?? said.value.device,
      said.action === 'offer' ? rootOf(said.value.files) : undefined,
    ),
  }
  const targets = mediation.logins
    .ofPeer(jid.bare, transaction.batch)
    .filter((session) => isFor(store, made, session))
  made.state = { ...made.state, delivered: targets.length }
  const offer: OfferRow = { ...made, id: store.offers.add(made) }
  store.acquaintances.note(me.party.peer, jid.bare, now)
  const atHand = text.length <= largestAtHand ? said : undefined
  for (const target of targets) deliver(transaction, mediation, offer, target, atHand)
  return undefined
}

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
  atHand?: Proposal,
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
      deliveries.push(to.row, { row, payload, weight: largestAtHand }, true)
    }
  })
}

/** What is in a row of the outbox, as the device gets it. @throws when it is not there any more, which is a bug */
export function delivered(store: Store, row: OutboxRow): Element {
  if (row.payload !== '') return parseXml(row.payload)
  const offer = store.offers.find(row.offer)
  const payload = store.offers.payload(row.offer)
  if (offer === undefined || payload === undefined || row.sid === null) throw new Error('no such offer')
  const said = readAction(parseXml(payload)) as Proposal
  return asDelivered(said, offer, authorOf(store, offer), row.sid)
}

function asDelivered(said: Proposal, offer: OfferRow, author: Party, sid: string): Element {
  const routing = { sid, id: offer.name, ...author, stamp: moment(offer.made) }
  return writeAction(
    said.action === 'offer'
      ? { action: said.action, value: { ...said.value, ...routing, expires: moment(offer.ends) } }
      : { action: said.action, value: { ...said.value, ...routing } },
  )
}

function authorOf(store: Store, offer: OfferRow): Party {
  const author = store.devices.find(offer.author)
  if (author === undefined) throw new Error('an offer without an author')
  return { peer: author.peer, device: author.device }
}

/** What was said, in its one canonical form, without what only we may stamp. */
function fixed(said: Proposal): { text: string; digest: string } {
  const { sid: _, stamp: __, ...value } = said.value
  const action = { action: said.action, value } as Action
  const text = writeAction(action).toString()
  return { text, digest: createHash('sha256').update(text).digest('base64') }
}

/** What is put forward instead of what was requested, told from other things by this. */
export function digestOf(value: Offer): string {
  const { sid: _, id: __, peer: ___, device: ____, stamp: _____, ...content } = value
  return createHash('sha256').update(offerCodec.write(content).toString()).digest('base64')
}

/** The root of a single file, in hex: what the transfer of it has to come to (P1). */
export function rootOf(files: readonly FileDescription[]): string | undefined {
  const root = files.length === 1 ? files[0]!.root : undefined
  return root && Buffer.from(root).toString('hex')
}

/** A file is one thing, known by its root, or by the promise of one (case 99). */
export function refuseUnidentified(files: readonly FileDescription[]): Outcome {
  const missing = files.some((file) => file.root === undefined && !file.rootLater)
  return missing ? Refused.by('not-acceptable', field('file/hash')) : undefined
}

function refuseTooMuch(
  { store: { offers } }: Transaction,
  { limits }: Mediation,
  me: Session,
  recipient: string,
): Outcome {
  const { peer } = me.party
  const isKnown = offers.isKnownTo(recipient, peer)
  const over = usedUp(offers.waitingFor(recipient), peer, recipient, isKnown, limits)
  if (over !== undefined) return Refused.by('quota', over)
  const { pendingPerAuthor: most } = limits
  const unfinished = offers.unfinishedBy(peer, most)
  return unfinished >= most ? Refused.by('quota', quota(unfinished, most)) : undefined
}
