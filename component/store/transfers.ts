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

/** Rows of the offer and of the recipient's device: no two transfers have the same. */
export type TransferKey = Pick<TransferRow, 'offer' | 'recipient'>

export interface Transfers {
  add(row: TransferRow): void
  find(sid: string): TransferRow | undefined
  /** @param due when to give up on it, or null  @param awaits the device whose return is to be told, or null */
  update(row: TransferRow, due: number | null, awaits: number | null): void
  ofOffer(offer: number): TransferRow[]
  /** Those that wait for this device to be back. */
  awaiting(device: number): TransferRow[]
  /** Those that a peer proposed and that have not ended, newest first. */
  unfinishedBy(authorPeer: string, most: number): TransferKey[]
  /**
   * Those brought to a device, newest first, of the `looked` newest before an offer's row: of many that have ended none costs
   * anybody a wait. `rest` is before which row to go on, if there may be more.
   */
  unfinishedTo(
    device: number,
    before: number,
    looked: number,
  ): { found: TransferKey[]; rest: number | undefined }
  /** If it has not ended meanwhile. */
  at(key: TransferKey): TransferRow | undefined
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
  const unfinishedBy = db.prepare(
    `select t.offer, t.recipient from offer o join transfer t on t.offer = o.id
       where o.author_peer = ? and o.unfinished = 1 and t.phase in (${unfinished})
     order by o.id desc ${limited()}`,
  )
  const unfinishedTo = db.prepare(
    `select offer, recipient, phase in (${unfinished}) as goesOn from transfer indexed by transfer_recipient
       where recipient = ? and offer < ? order by offer desc ${limited()}`,
  )
  const at = db.prepare(
    `select ${columns} from transfer where offer = ? and recipient = ? and phase in (${unfinished})`,
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
    unfinishedBy: (authorPeer, most) => unfinishedBy.all(authorPeer, most) as TransferKey[],
    unfinishedTo(device, before, looked) {
      const rows = unfinishedTo.all(device, before, looked) as (TransferKey & { goesOn: number })[]
      return { found: rows.filter(({ goesOn }) => goesOn === 1), rest: rows[looked - 1]?.offer }
    },
    at({ offer, recipient }) {
      const row = at.get(offer, recipient)
      return row === undefined ? undefined : read(row)
    },
    due: (now, most) => due.all(now, most).map(read),
    nextDue: () => (nextDue.get() as number | null) ?? undefined,
  }
}
