/**
 * Carries out what the rules say about a transfer, and what follows for the offer as a whole: the order of effects is
 * store, commit, reply, forward, and everything stored of one action is in one transaction.
 */

import type { Event, OfferEvent, Refusal, Side, Stepped, Transfer } from '../../protocol/mediation/index.js'
import {
  isEnd,
  isRefusal,
  longestSilence,
  memory,
  offerStep,
  sendingSide,
  step,
} from '../../protocol/mediation/index.js'
import type { Action } from '../../schemas/index.js'
import type { Transaction } from '../store/batches.js'
import type { OfferRow } from '../store/offers.js'
import type { TransferRow } from '../store/transfers.js'
import { type Mediation, type Outcome, refusedBy } from './mediation.js'
import { deviceOn, forwarded, moment, postKept, postNow, stamped } from './post.js'

/** Takes one step of a transfer with all that follows. `said` is what is sent on, if a device said it. */
export function move(
  transaction: Transaction,
  mediation: Mediation,
  offer: OfferRow,
  row: TransferRow,
  event: Event,
  said?: { action: Action; by: Side },
): Outcome {
  const stepped = step(row.state, event)
  if (isRefusal(stepped)) return refusedBy(stepped)
  const before = row.state.phase
  const after = stepped.state.phase
  row.state = stepped.state
  const stores = stepped.effects.some((effect) => effect.do === 'store')
  if (stores) storeState(transaction, offer, row)
  const over =
    stores && before !== after
      ? sumUp(transaction, mediation, offer, { what: 'moved', from: before, to: after }, row)
      : false
  // Who declines last says so in the same breath.
  const last = said && over && said.action.action === 'decline'
  const refusal = carryOut(transaction, mediation, offer, row, stepped, said, last === true)
  if (over && !last) tellAuthorItIsOver(transaction, mediation, offer, 'user')
  return refusal === undefined ? undefined : refusedBy(refusal)
}

/** Takes one step of the sum over the devices. @returns whether nobody is left who could accept */
export function sumUp(
  transaction: Transaction,
  mediation: Mediation,
  offer: OfferRow,
  event: OfferEvent,
  moved?: TransferRow,
): boolean {
  const { state, takeOthers, over } = offerStep(offer.state, event)
  offer.state = state
  const { store, now } = transaction
  const settles = !state.open && (moved === undefined || isEnd(moved.state.phase))
  // An offer of one device has no others: the most have one.
  const hasOthers = moved === undefined || state.delivered !== 1
  if (takeOthers && hasOthers) {
    for (const other of store.transfers.ofOffer(offer.id)) {
      const { phase, sid } = other.state
      if (sid !== moved?.state.sid && (phase === 'proposed' || phase === 'countered')) {
        move(transaction, mediation, offer, other, { say: 'take', from: 'component' })
      }
    }
  }
  const isDone =
    settles && (!hasOthers || store.transfers.ofOffer(offer.id).every(({ state: { phase } }) => isEnd(phase)))
  store.offers.update(offer.id, offer.state, dueOf(offer, isDone, now))
  return over
}

/** Tells the author's device once that an offer has ended with nobody having accepted. */
export function tellAuthorItIsOver(
  transaction: Transaction,
  mediation: Mediation,
  offer: OfferRow,
  reason: 'user' | 'expired',
): void {
  const { name: id, recipient: peer } = offer
  const value = { id, peer, stamp: moment(transaction.now), reason }
  postKept(transaction, mediation, { device: offer.author, offer, sid: null }, { action: 'abort', value })
}

/** When to look at an offer again: at its end while it is open, after our memory when all is over. */
function dueOf(offer: OfferRow, isDone: boolean, now: number): number | null {
  if (offer.state.open) return offer.ends
  return isDone ? now + memory : null
}

function storeState({ store, now }: Transaction, offer: OfferRow, row: TransferRow): void {
  const { state } = row
  const runs = state.phase === 'running' || state.phase === 'aborting'
  const awaits =
    state.phase === 'running' && state.owesReady ? deviceOn(sendingSide(state.kind), offer, row) : null
  store.transfers.update(row, runs ? now + longestSilence : null, awaits)
}

/** The effects, in their order. @returns the refusal that is said although something was stored */
function carryOut(
  transaction: Transaction,
  mediation: Mediation,
  offer: OfferRow,
  row: TransferRow,
  { effects }: Stepped<Transfer>,
  said: { action: Action; by: Side } | undefined,
  over: boolean,
): Refusal | undefined {
  let refusal: Refusal | undefined
  for (const effect of effects) {
    if (effect.do === 'refuse') refusal = effect.with
    else if (effect.do === 'forward') {
      if (said === undefined) throw new Error('nothing to forward')
      const routing = stamped(offer, row.state, effect.to, transaction.now)
      const action = forwarded(said.action, said.by, row.state, routing)
      if (action.action === 'decline') action.value.over = over
      const device = deviceOn(effect.to, offer, row)
      if (effect.kept) postKept(transaction, mediation, { device, offer, sid: row.state.sid }, action)
      else postNow(transaction, mediation, device, action)
    } else if (effect.do === 'tell') {
      tell(transaction, mediation, offer, row, effect.to, effect.what)
    }
  }
  return refusal
}

/** What the component itself has to say to one side. */
function tell(
  transaction: Transaction,
  mediation: Mediation,
  offer: OfferRow,
  row: TransferRow,
  to: Side,
  what: 'taken' | 'expired' | 'ready',
): void {
  const { sid } = row.state
  const device = deviceOn(to, offer, row)
  const routing = stamped(offer, row.state, to, transaction.now)
  const action: Action =
    what === 'ready'
      ? { action: 'ready', value: routing }
      : { action: 'abort', value: { ...routing, reason: what } }
  postKept(transaction, mediation, { device, offer, sid }, action)
}
