/** A person's transfers, whichever of his devices has them: to be shown, and to be stopped, by other means than that device. */

import { setImmediate as turn } from 'node:timers/promises'
import { type Side, sendingSide } from '../../protocol/mediation/index.js'
import { Refused } from '../../wire/index.js'
import type { Session } from '../attendance/logins.js'
import type { Transaction } from '../store/batches.js'
import type { Store } from '../store/store.js'
import type { TransferKey, TransferRow } from '../store/transfers.js'
import { deviceOn } from './post.js'

/** A transfer that has not ended, as seen by one of the two. */
export interface OwnTransfer {
  sid: string
  /** Whether he is to get the file. */
  isReceiving: boolean
  /** The other one's bare JID. */
  peer: string
  filename: string
  phase: string
}

/** Transfers whose phase is looked at, and those that are read whole, before others have their turn. */
const lookedAt = 1_024
const readAtOnce = 8

/** Those of a peer, newest first. The others have their turn in between, so what ends meanwhile may be missing. */
export async function ownTransfers(storeOf: () => Store, peer: string, most: number): Promise<OwnTransfer[]> {
  const keys = new Map<string, TransferKey>()
  const add = (found: readonly TransferKey[]) => {
    for (const key of found) keys.set(`${key.offer} ${key.recipient}`, key)
  }
  add(storeOf().transfers.unfinishedBy(peer, most))
  for (const device of storeOf().devices.ofPeer(peer)) {
    let rest: number | undefined = Number.MAX_SAFE_INTEGER
    for (let count = 0; rest !== undefined && count < most; ) {
      const looked = storeOf().transfers.unfinishedTo(device, rest, lookedAt)
      add(looked.found)
      count += looked.found.length
      rest = looked.rest
      if (rest !== undefined) await turn()
    }
  }
  const newest = [...keys.values()].sort((one, other) => other.offer - one.offer).slice(0, most)
  const own: OwnTransfer[] = []
  for (const [number, key] of newest.entries()) {
    if (number % readAtOnce === 0) await turn()
    const { transfers, offers } = storeOf()
    const row = transfers.at(key)
    if (row !== undefined) own.push(shown(row, peer, offers.filename(key.offer)))
  }
  return own
}

function shown({ state }: TransferRow, peer: string, filename: string): OwnTransfer {
  const side = sideOfPeer(state, peer)
  return {
    sid: state.sid,
    isReceiving: sendingSide(state.kind) !== side,
    peer: state[side === 'author' ? 'recipient' : 'author'].peer,
    filename,
    phase: state.phase,
  }
}

/** The device of a peer that has a transfer, as if it spoke; refused where he has none of that name. */
export function standIn({ store, now }: Transaction, peer: string, sid: string): Session | Refused {
  const row = store.transfers.find(sid)
  const offer = row && store.offers.find(row.offer)
  if (row === undefined || offer === undefined) return Refused.by('not-found')
  const { author, recipient } = row.state
  if (author.peer !== peer && recipient.peer !== peer) return Refused.by('not-found')
  const side = sideOfPeer(row.state, peer)
  return { row: deviceOn(side, offer, row), party: row.state[side], jid: '', heard: now }
}

/** Between two devices of one peer he is the author. */
function sideOfPeer({ author }: TransferRow['state'], peer: string): Side {
  return author.peer === peer ? 'author' : 'recipient'
}
