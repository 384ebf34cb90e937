/** Devices of peers, and under which full JID each is logged in as far as we know. */

import type { Db } from './open.js'
import { isReferredTo } from './unseen.js'

export interface DeviceRow {
  id: number
  /** Bare JID. */
  peer: string
  device: string
  /** Full JID, or null when it has logged out. */
  jid: string | null
}

export interface Devices {
  /** The row of this device, made if there is none. */
  logIn(peer: string, device: string, jid: string, now: number): number
  /** Nobody is logged in under this full JID any more. */
  logOut(jid: string, now: number): void
  find(id: number): DeviceRow | undefined
  /** How many devices of a peer are known. */
  count(peer: string): number
  /** Rows of all devices of a peer. */
  ofPeer(peer: string): number[]
  isKnown(peer: string, device: string): boolean
  /**
   * Forgets a peer's device that is away and has nothing under way, the one unseen for longest: one that nothing refers to, else one of
   * which only what has ended is remembered, with that. @returns whether there was one
   */
  forgetOne(peer: string): boolean
  /** All that are logged in as far as we know, the latest first: they are the likeliest to be there. */
  loggedIn(): DeviceRow[]
}

/** What is remembered of one device is forgotten while others wait: no more than so much. */
const mostForgotten = 1_000
const few = (table: string, column: string) =>
  `(select count(*) from (select 1 from ${table} where ${column} = d.id limit ${mostForgotten + 1})) <= ${mostForgotten}`

export function devicesIn(db: Db): Devices {
  const moveOut = db.prepare(
    'update device set jid = null, seen = ? where jid = ? and not (peer = ? and device = ?)',
  )
  const upsert = db
    .prepare(
      `insert into device (peer, device, jid, seen) values (?, ?, ?, ?)
       on conflict (peer, device) do update set jid = excluded.jid, seen = excluded.seen returning id`,
    )
    .pluck()
  const out = db.prepare('update device set jid = null, seen = ? where jid = ?')
  const find = db.prepare('select id, peer, device, jid from device where id = ?')
  const count = db.prepare('select count(*) from device where peer = ?').pluck()
  const ofPeer = db.prepare('select id from device where peer = ?').pluck()
  const known = db.prepare('select 1 from device where peer = ? and device = ?').pluck()
  const forget = db.prepare(
    `delete from device where id = (
       select id from device d where peer = ? and jid is null and not ${isReferredTo}
       order by seen limit 1)`,
  )
  const leastNeeded = db
    .prepare(
      `select id from device d where peer = ? and jid is null
         and not exists (select 1 from outbox where device = d.id)
         and not exists (select 1 from transfer where awaits = d.id)
         and ${few('offer', 'author')} and ${few('transfer', 'recipient')}
         and not exists (select 1 from offer o where author = d.id
           and (unfinished = 1 or exists (select 1 from outbox where offer = o.id)))
         and not exists (select 1 from transfer t join offer o on o.id = t.offer where t.recipient = d.id
           and (o.unfinished = 1 or exists (select 1 from outbox where offer = o.id)))
       order by seen limit 1`,
    )
    .pluck()
  const forgetWhole = [
    'delete from transfer where recipient = ?',
    'delete from offer where author = ?',
    'delete from device where id = ?',
  ].map((sql) => db.prepare(sql))
  const loggedIn = db.prepare(
    'select id, peer, device, jid from device where jid is not null order by seen desc',
  )
  return {
    logIn(peer, device, jid, now) {
      moveOut.run(now, jid, peer, device)
      return upsert.get(peer, device, jid, now) as number
    },
    logOut: (jid, now) => void out.run(now, jid),
    find: (id) => find.get(id) as DeviceRow | undefined,
    count: (peer) => count.get(peer) as number,
    ofPeer: (peer) => ofPeer.all(peer) as number[],
    isKnown: (peer, device) => known.get(peer, device) !== undefined,
    forgetOne(peer) {
      if (forget.run(peer).changes > 0) return true
      const device = leastNeeded.get(peer) as number | undefined
      if (device === undefined) return false
      for (const each of forgetWhole) each.run(device)
      return true
    },
    loggedIn: () => loggedIn.all() as DeviceRow[],
  }
}
