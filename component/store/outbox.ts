/** What is to be delivered to devices, each in its order, until the device answers. */

import type { Db } from './open.js'

export interface OutboxRow {
  id: number
  payload: string
}

export interface Outbox {
  /** @returns the row's id: later ones are greater */
  add(device: number, offer: number, sid: string | null, payload: string): number
  /** What waits for a device after row `after`, in order. */
  waiting(device: number, after: number, most: number): OutboxRow[]
  remove(id: number): void
  count(): number
}

export function outboxIn(db: Db): Outbox {
  const insert = db.prepare('insert into outbox (device, offer, sid, payload) values (?, ?, ?, ?)')
  const waiting = db.prepare('select id, payload from outbox where device = ? and id > ? order by id limit ?')
  const remove = db.prepare('delete from outbox where id = ?')
  const count = db.prepare('select count(*) from outbox').pluck()
  return {
    add: (device, offer, sid, payload) => Number(insert.run(device, offer, sid, payload).lastInsertRowid),
    waiting: (device, after, most) => waiting.all(device, after, most) as OutboxRow[],
    remove: (id) => void remove.run(id),
    count: () => count.get() as number,
  }
}
