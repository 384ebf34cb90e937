/** What a device says about a transfer: who may is the rules' business; here it is looked up and carried out. */

import type { Said } from '../../protocol/mediation/index.js'
import { isEnd, sendingSide, sideOf } from '../../protocol/mediation/index.js'
import { type Action, bareJid, field, type Routing, state, writeAction } from '../../schemas/index.js'
import { Refused } from '../../wire/index.js'
import type { Session } from '../attendance/logins.js'
import { refuseTooBig } from '../limits/largest.js'
import type { Transaction } from '../store/batches.js'
import type { OfferRow } from '../store/offers.js'
import type { TransferRow } from '../store/transfers.js'
import { refuseIncomplete } from './incomplete.js'
import type { Mediation, Outcome } from './mediation.js'
import { move, sumUp } from './moves.js'
import { deviceOn } from './post.js'
import { digestOf, refuseUnidentified, rootOf } from './propose.js'

/** Everything but a new proposal, and but what only the component says. */
export type ActionOnTransfer = Exclude<Action, { action: 'request' | 'ready' }>

/** Takes an action about the transfer it names. */
export function act(
  transaction: Transaction,
  mediation: Mediation,
  me: Session,
  said: ActionOnTransfer,
): Outcome {
  const { sid, id } = said.value
  if (sid === undefined) {
    if (said.action === 'abort' && id !== undefined) return withdraw(transaction, mediation, me, id, said)
    return Refused.by('malformed', field(`${said.action}/@sid`))
  }
  const { store } = transaction
  const row = store.transfers.find(sid)
  const by = row && sideOf(row.state, me.party)
  if (row === undefined || by === undefined) return Refused.by('not-found')
  const offer = store.offers.find(row.offer)
  if (offer === undefined) throw new Error('a transfer without an offer')
  const contradiction = refuseContradiction(said.value, said.action, offer, row, me)
  if (contradiction) return contradiction
  const incomplete = refuseIncomplete(said, by, row.state)
  if (incomplete) return incomplete
  const files = said.action === 'offer' || said.action === 'accept' ? said.value.files : []
  const unidentified = refuseUnidentified(files)
  if (unidentified) return unidentified
  // Only with files can an action be long.
  const tooBig = files.length > 0 ? refuseTooBig(writeAction(said).toString()) : undefined
  if (tooBig) return tooBig
  const event = asEvent(said, me, isSenderHere(transaction, mediation, offer, row))
  const outcome = move(transaction, mediation, offer, row, event, { action: said, by })
  if (outcome === undefined && said.action === 'accept' && offer.kind === 'offer')
    store.acquaintances.note(me.party.peer, offer.authorPeer, transaction.now)
  return outcome
}

/** The author takes a whole offer back, by the only name it knows while nobody has answered. */
function withdraw(
  transaction: Transaction,
  mediation: Mediation,
  me: Session,
  id: string,
  said: Extract<Action, { action: 'abort' }>,
): Outcome {
  const { store } = transaction
  const offer = store.offers.named(me.party.peer, id)
  if (offer === undefined || offer.author !== me.row) return Refused.by('not-found')
  const { peer } = said.value
  if (peer !== undefined && bareJid(peer) !== offer.recipient) {
    return Refused.by('wrong-author', field('abort/@peer'))
  }
  let changed = offer.state.open
  let ended: string | undefined
  if (changed) sumUp(transaction, mediation, offer, { what: 'withdrawn' })
  for (const row of store.transfers.ofOffer(offer.id)) {
    const { phase } = row.state
    if (isEnd(phase)) {
      if (phase !== 'aborted' && phase !== 'taken') ended = phase
      continue
    }
    const { attempt: _, ...value } = said.value
    const action: Action = { action: 'abort', value }
    move(transaction, mediation, offer, row, { say: 'abort', from: me.party }, { action, by: 'author' })
    changed = true
  }
  // There was nothing left to take back, and it did not end by our word.
  return ended !== undefined && !changed ? Refused.by('wrong-state', state(ended)) : undefined
}

/** Routing that the sender may leave out, and may not contradict (case 1). */
function refuseContradiction(
  routing: Routing,
  action: string,
  offer: OfferRow,
  row: TransferRow,
  me: Session,
): Outcome {
  const { peer, id } = routing
  if (id !== undefined && id !== offer.name) return Refused.by('wrong-author', field(`${action}/@id`))
  if (peer === undefined) return undefined
  const { author, recipient } = row.state
  const other = sideOf(row.state, me.party) === 'author' ? recipient : author
  return bareJid(peer) === other.peer ? undefined : Refused.by('wrong-author', field(`${action}/@peer`))
}

function isSenderHere(
  { batch }: Transaction,
  { logins }: Mediation,
  offer: OfferRow,
  row: TransferRow,
): boolean {
  return logins.isHere(deviceOn(sendingSide(row.state.kind), offer, row), batch)
}

function asEvent({ action, value }: ActionOnTransfer, me: Session, senderHere: boolean): Said {
  const from = me.party
  switch (action) {
    case 'offer':
      return { say: 'offer', from, digest: digestOf(value), root: rootOf(value.files) }
    case 'accept':
      return { say: 'accept', from, attempt: value.attempt, root: rootOf(value.files) }
    case 'complete':
      return { say: 'complete', from, attempt: value.attempt, root: Buffer.from(value.root).toString('hex') }
    case 'decline':
    case 'queued':
      return { say: action, from }
    case 'append':
      return { say: 'append', from, attempt: value.attempt, senderHere }
    case 'abort':
      return { say: 'abort', from, attempt: value.attempt }
    default:
      return { say: action, from, attempt: value.attempt }
  }
}
