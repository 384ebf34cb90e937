/**
 * What is said to a device: stamped with who the other party is, stored without addresses and tokens, and brought with
 * them while they are at hand (docs/protocol.md, "Outbox"; P22).
 */

import type { Side, Transfer } from '../../protocol/mediation/index.js'
import { otherSide, receivingSide } from '../../protocol/mediation/index.js'
import { type Action, type Routing, writeAction } from '../../schemas/index.js'
import { serialise } from '../../wire/index.js'
import type { Transaction } from '../store/batches.js'
import type { OfferRow } from '../store/offers.js'
import type { NewOutboxRow } from '../store/outbox.js'
import type { TransferRow } from '../store/transfers.js'
import type { Mediation } from './mediation.js'

/** What is not stored is small: at most four candidates. */
const weightNow = 1_024

/** All of a batch has one time. */
let last = { at: 0, moment: new Date(0).toISOString() }

/** UTC as XEP-0082 writes it. */
export function moment(at: number): string {
  if (at !== last.at) last = { at, moment: new Date(at).toISOString() }
  return last.moment
}

/** Who an action about a transfer is about, as seen by the side that gets it. */
export function stamped(offer: OfferRow, state: Transfer, to: Side, now: number): Routing {
  const other = state[otherSide(to)]
  return { sid: state.sid, id: offer.name, peer: other.peer, device: other.device, stamp: moment(now) }
}

/** The row of the device on one side of a transfer. */
export function deviceOn(side: Side, offer: OfferRow, row: TransferRow): number {
  return side === 'author' ? offer.author : row.recipient
}

/** Stores an action for a device, and brings it once that is durable. */
export function postKept(
  { store, afterCommit }: Transaction,
  mediation: Mediation,
  to: { device: number; offer: OfferRow; sid: string | null },
  action: Action,
): void {
  const stored = withoutSecrets(action)
  const payload = writeAction(stored)
  const text = serialise(payload)
  const { device, offer, sid } = to
  const row = store.outbox.add({
    device,
    offer: offer.id,
    sid,
    payload: text,
    ...supersededBy(action),
  })
  // Whoever comes in this very batch gets it from the store.
  if (!mediation.logins.ofDevice(device)) return
  const full = stored === action ? payload : writeAction(action)
  afterCommit(() => mediation.deliveries.push(device, { row, payload: full, weight: text.length }))
}

/** Brings an action to a device if it is logged in, and forgets it. */
export function postNow(
  { afterCommit }: Transaction,
  mediation: Mediation,
  device: number,
  action: Action,
): void {
  if (!mediation.logins.ofDevice(device)) return
  const payload = writeAction(action)
  afterCommit(() => mediation.deliveries.push(device, { payload, weight: weightNow }))
}

/**
 * What a side said, as the other side gets it: with our routing instead of theirs, and only with what is theirs to say
 * (a token is the receiving side's, files with an accept are the accepted request's).
 */
export function forwarded(said: Action, from: Side, state: Transfer, routing: Routing): Action {
  const action = { action: said.action, value: { ...said.value, ...routing } } as Action
  if ('token' in action.value && from !== receivingSide(state.kind)) action.value.token = undefined
  if (action.action === 'accept' && !(state.kind === 'request' && from === 'recipient'))
    action.value.files = []
  else if (action.action === 'decline') action.value.over = false
  return action
}

/**
 * What still waits for the device of this transfer and is of no use behind this word: otherwise a device that takes
 * nothing would let it pile up. A row may be on its way already; so the end is said in any case.
 */
function supersededBy({ action }: Action): Pick<NewOutboxRow, 'latest' | 'ends'> {
  switch (action) {
    // A later attempt ends the earlier, and `ready` says the same each time.
    case 'append':
    case 'ready':
      return { latest: action }
    case 'abort':
    case 'decline':
      return { ends: 'all' }
    // The sender is to know that there was an `accept`.
    case 'complete':
      return { ends: 'repeated' }
    default:
      return {}
  }
}

function withoutSecrets(action: Action): Action {
  if (action.action !== 'accept' && action.action !== 'append') return action
  const { way, token, ...value } = action.value
  if (way === undefined && token === undefined) return action
  return { action: action.action, value } as Action
}
