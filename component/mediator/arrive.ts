/** A device comes: what it has missed is made ready for it, and those who wait for it are told. */

import { parseJid, quota, retry } from '../../schemas/index.js'
import { Refused } from '../../wire/index.js'
import type { Session } from '../attendance/logins.js'
import type { Transaction } from '../store/batches.js'
import { deliver, isFor } from './delivering.js'
import type { Mediation } from './mediation.js'
import { move, sumUp } from './moves.js'

/** Open offers that are looked at in one go; the rest comes right after it. */
const mostAtOnce = 256
/** Of those, what the logins of one batch may bring with it: whoever comes beyond that gets his right after it. */
const mostInBatch = 512
/** What the logins of a batch have brought. */
const inBatch = new WeakMap<object, number>()

/** Binds a device to a full JID, and makes ready what waits for it. */
export function logIn(
  transaction: Transaction,
  mediation: Mediation,
  jid: string,
  device: string,
): Session | Refused {
  const parsed = parseJid(jid)
  if (parsed?.resource === undefined) return Refused.by('jid-malformed')
  if (!mediation.logins.hasPlaceFor(jid)) return Refused.by('busy', retry({ afterSeconds: 60 }))
  const { devices } = transaction.store
  const peer = parsed.bare
  if (!devices.isKnown(peer, device)) {
    const known = devices.count(peer)
    const { devicesPerPeer } = mediation.limits
    if (known >= devicesPerPeer && !devices.forgetOne(peer)) {
      return Refused.by('quota', quota(known, devicesPerPeer))
    }
  }
  const row = devices.logIn(peer, device, jid, transaction.now)
  const session: Session = { row, party: { peer, device }, jid, heard: transaction.now }
  arrive(transaction, mediation, session)
  return session
}

/** A peer says whom he blocks. What those offered whom he does not block any more comes to his devices that are here. */
export function block(
  transaction: Transaction,
  mediation: Mediation,
  peer: string,
  blocked: readonly string[],
): void {
  const { store, afterCommit } = transaction
  store.blocks.set(peer, blocked)
  // Who comes in this batch is here by then, or comes after this was said.
  afterCommit(() => mediation.catchUp(mediation.logins.ofPeer(peer, {})))
}

/**
 * Brings what is open for this device and has not reached it, of the offers after row `after`.
 * @returns how many were looked at, and after which one to go on, if there may be more
 */
export function bring(
  transaction: Transaction,
  mediation: Mediation,
  session: Session,
  after = 0,
): { looked: number; rest: number | undefined } {
  const { store } = transaction
  const offers = store.offers.undelivered(session.party.peer, session.row, after, mostAtOnce)
  for (const offer of offers) {
    if (!isFor(store, offer, session)) continue
    sumUp(transaction, mediation, offer, { what: 'delivered' })
    deliver(transaction, mediation, offer, session)
  }
  return { looked: offers.length, rest: offers[mostAtOnce - 1]?.id }
}

/** The device of this session is here now. */
export function arrive(transaction: Transaction, mediation: Mediation, session: Session): void {
  const { store, batch, afterCommit } = transaction
  mediation.logins.comes(session, batch)
  const before = inBatch.get(batch) ?? 0
  let isTooMuch = before >= mostInBatch
  if (!isTooMuch) {
    const { looked, rest } = bring(transaction, mediation, session)
    inBatch.set(batch, before + looked)
    isTooMuch = rest !== undefined
  }
  for (const row of store.transfers.awaiting(session.row)) {
    const offer = store.offers.find(row.offer)
    if (offer === undefined) throw new Error('a transfer without an offer')
    move(transaction, mediation, offer, row, { say: 'back', from: 'component' })
  }
  afterCommit(() => {
    const { session: current, ended } = mediation.logins.add(session)
    for (const { row } of ended) mediation.deliveries.close(row)
    mediation.deliveries.open(current)
    if (isTooMuch) mediation.catchUp([current])
  })
}
