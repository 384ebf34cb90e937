/** A person's transfers, whichever of his devices has them: to be shown, and to be stopped, by other means than that device. */

import { type Side, sendingSide } from '../../protocol/mediation/index.js'
import { parseXml, readAction } from '../../schemas/index.js'
import { Refused } from '../../wire/index.js'
import type { Session } from '../attendance/logins.js'
import type { Transaction } from '../store/batches.js'
import type { Store } from '../store/store.js'
import type { TransferRow } from '../store/transfers.js'
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

/** Those of a peer, newest first. */
export function ownTransfers(store: Store, peer: string, most: number): OwnTransfer[] {
  return store.transfers.ofPeer(peer, most).map(({ state, offer }) => {
    const side = sideOfPeer(state, peer)
    return {
      sid: state.sid,
      isReceiving: sendingSide(state.kind) !== side,
      peer: state[side === 'author' ? 'recipient' : 'author'].peer,
      filename: filenameOf(store.offers.payload(offer)),
      phase: state.phase,
    }
  })
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

function filenameOf(payload: string | undefined): string {
  if (payload === undefined) return ''
  const said = readAction(parseXml(payload))
  if (said.action === 'offer') return said.value.files[0]?.filename ?? ''
  return said.action === 'request' ? (said.value.filename ?? '') : ''
}
