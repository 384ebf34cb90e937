/** What is to be delivered to devices, each in its order, until the device answers. */

import { type Db, limited } from './open.js'

export interface OutboxRow {
  id: number
  offer: number
  sid: string | null
  /** The element; empty for a proposal, which is made of the offer when it is brought, not kept once a device. */
  payload: string
}

export interface NewOutboxRow {
  device: number
  offer: number
  sid: string | null
  payload: string
  /** A word of which only the latest of a transfer is worth bringing: it takes the place of earlier ones. */
  latest?: 'append' | 'ready'
  /** An end: nothing that waits of the transfer is worth bringing before it, or only what cannot come twice. */
  ends?: 'all' | 'repeated'
}

export interface Outbox {
  /** @returns the row's id: later ones are greater */
  add(row: NewOutboxRow): number
  /** What waits for a device after row `after`, in order. */
  waiting(device: number, after: number, most: number): OutboxRow[]
  remove(id: number): void
  count(): number
}

export function outboxIn(db: Db): Outbox {
  const insert = db.prepare('insert into outbox (device, offer, sid, payload, latest) values (?, ?, ?, ?, ?)')
  const replace = db.prepare('delete from outbox where device = ? and sid = ? and latest = ?')
  const endRepeated = db.prepare('delete from outbox where device = ? and sid = ? and latest is not null')
  // By the offer: a device may have many rows, an offer has few.
  const endAll = db.prepare(
    'delete from outbox indexed by outbox_offer where offer = ? and device = ? and sid = ?',
  )
  const waiting = db.prepare(
    `select id, offer, sid, payload from outbox where device = ? and id > ? order by id ${limited()}`,
  )
  const remove = db.prepare('delete from outbox where id = ?')
  const count = db.prepare('select count(*) from outbox').pluck()
  return {
    add({ device, offer, sid, payload, latest, ends }) {
      if (latest !== undefined) replace.run(device, sid, latest)
      if (ends === 'all') endAll.run(offer, device, sid)
      else if (ends === 'repeated') endRepeated.run(device, sid)
      return Number(insert.run(device, offer, sid, payload, latest ?? null).lastInsertRowid)
    },
    waiting: (device, after, most) => waiting.all(device, after, most) as OutboxRow[],
    remove: (id) => void remove.run(id),
    count: () => count.get() as number,
  }
}
