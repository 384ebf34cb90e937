/** Transfers: the state of each is the JSON of the rules; the columns beside it are for finding it. */

import type { Transfer } from '../../protocol/mediation/index.js'
import { type Db, limited } from './open.js'

export interface TransferRow {
  state: Transfer
  /** Row of the offer. */
  offer: number
  /** Row of the recipient's device. */
  recipient: number
}

export interface Transfers {
  add(row: TransferRow): void
  find(sid: string): TransferRow | undefined
  /** @param due when to give up on it, or null  @param awaits the device whose return is to be told, or null */
  update(row: TransferRow, due: number | null, awaits: number | null): void
  ofOffer(offer: number): TransferRow[]
  /** Those that wait for this device to be back. */
  awaiting(device: number): TransferRow[]
  /** Those of a peer, on either side, that have not ended. */
  ofPeer(peer: string, most: number): TransferRow[]
  due(now: number, most: number): TransferRow[]
  nextDue(): number | undefined
}

const columns = 'state, offer, recipient'
/** Phases from which there is a way on. */
const unfinished = "'proposed', 'countered', 'running', 'aborting'"

function read(row: unknown): TransferRow {
  const read = row as Omit<TransferRow, 'state'> & { state: unknown }
  read.state = JSON.parse(read.state as string)
  return read as TransferRow
}

export function transfersIn(db: Db): Transfers {
  const insert = db.prepare(
    'insert into transfer (sid, offer, recipient, phase, state) values (?, ?, ?, ?, ?)',
  )
  const find = db.prepare(`select ${columns} from transfer where sid = ?`)
  const update = db.prepare(
    'update transfer set phase = ?, due = ?, awaits = ?, state = ? where offer = ? and recipient = ?',
  )
  const ofOffer = db.prepare(`select ${columns} from transfer where offer = ?`)
  const awaiting = db.prepare(`select ${columns} from transfer where awaits = ?`)
  const due = db.prepare(
    `select ${columns} from transfer where due is not null and due <= ? order by due ${limited()}`,
  )
  const ofPeer = db.prepare(
    `with mine as (select id from device where peer = @peer)
     select ${columns} from transfer where recipient in mine and phase in (${unfinished})
     union select t.state, t.offer, t.recipient from offer o join transfer t on t.offer = o.id
       where o.author in mine and t.phase in (${unfinished})
     order by 2 desc ${limited('@most')}`,
  )
  const nextDue = db.prepare('select min(due) from transfer where due is not null').pluck()
  return {
    add: ({ state, offer, recipient }) =>
      void insert.run(state.sid, offer, recipient, state.phase, JSON.stringify(state)),
    find(sid) {
      const row = find.get(sid)
      return row === undefined ? undefined : read(row)
    },
    update: ({ state, offer, recipient }, dueAt, awaits) =>
      void update.run(state.phase, dueAt, awaits, JSON.stringify(state), offer, recipient),
    ofOffer: (offer) => ofOffer.all(offer).map(read),
    awaiting: (device) => awaiting.all(device).map(read),
    ofPeer: (peer, most) => ofPeer.all({ peer, most }).map(read),
    due: (now, most) => due.all(now, most).map(read),
    nextDue: () => (nextDue.get() as number | null) ?? undefined,
  }
}
