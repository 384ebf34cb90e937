/**
 * Devices and their registrations. What holds: everything belongs to (peer, device), so a phone never wipes out a laptop. What is taken
 * back is unseen at once, by one small write; its entries go afterwards, in slices (removal.ts).
 */

import { randomBytes } from 'node:crypto'
import { isName } from './checks.js'
import type { Interning } from './interning.js'
import { type Quotas, timeToLive } from './limits.js'
import type { Db } from './open-catalogue.js'
import { unseen } from './schema.js'
import type { Answer, DeviceName } from './values.js'

export interface Registered {
  /** 32 hex digits, not to be guessed. */
  id: string
  /** Seconds. */
  ttl: number
  /** How far each share of the device is held. */
  held: { share: string; seq: number }[]
}

export interface Devices {
  /**
   * With the id of its registration: another time to live. Without: what it had is dropped, and it has a new one. Where the peer has all
   * that he may have, one that is away gives way.
   */
  register(name: DeviceName, id: string | undefined, now: number): Answer<Registered>
  registration(name: DeviceName): Answer<Registered>
  unregister(name: DeviceName): Answer<object>
  removePeer(peer: string): Answer<object>
  /** Online or not. A login refreshes the time to live. `not-found` if it has no registration. */
  attend(name: DeviceName, isOnline: boolean, now: number): Answer<object>
  allOffline(): void
  /** Takes back what no login has refreshed. @returns whether there may be more */
  expire(now: number): boolean
}

interface Row {
  id: number
  registration: string
}

export function devicesIn(db: Db, interning: Interning, quotas: Quotas): Devices {
  const find = db.prepare(
    'select d.id, d.registration from device d join peer p on p.id = d.peer where p.jid = ? and d.name = ?',
  )
  const ofPeer = db.prepare('select d.id from device d join peer p on p.id = d.peer where p.jid = ?').pluck()
  const countOfPeer = db.prepare('select count(*) from device where peer = ?').pluck()
  const make = db.prepare(
    'insert into device (peer, name, seen, expires, registration) values (?, ?, ?, ?, ?)',
  )
  const refresh = db.prepare('update device set expires = ? where id = ?')
  // Who shares nothing is missed by nobody; of the others, the one that was not here for longest is the likeliest to be gone for good.
  const leastNeeded = db
    .prepare(
      `select id from device d where peer = ? and online = 0
         order by exists (select 1 from share where device = d.id), seen limit 1`,
    )
    .pluck()
  const renew = db.prepare('update device set registration = ? where id = ?')
  const drop = db.prepare('delete from device where id = ?')
  const held = db.prepare('select name as share, seq from share where device = ? order by name')
  const takeBack = db.prepare(
    `update share set device = null, online = 0, audience = ${unseen} where device = ?`,
  )
  const attend = db.prepare('update device set online = ?, seen = ? where id = ?')
  const attendShares = db.prepare('update share set online = ? where device = ?')
  const devicesOff = db.prepare('update device set online = 0 where online')
  const sharesOff = db.prepare('update share set online = 0 where online')
  const expired = db.prepare('select id from device where expires <= ? limit 16').pluck()

  const rowOf = ({ peer, device }: DeviceName) => find.get(peer, device) as Row | undefined
  const isOk = { kind: 'ok' } as const
  const dropAll = (device: number) => {
    takeBack.run(device)
    drop.run(device)
  }
  /** Takes back a device of a peer that is away. @returns whether there was one */
  const giveWay = (peer: number): boolean => {
    const device = leastNeeded.get(peer) as number | undefined
    if (device !== undefined) dropAll(device)
    return device !== undefined
  }
  const registered = (device: number, id: string): Answer<Registered> => {
    return { kind: 'ok', id, ttl: timeToLive / 1_000, held: held.all(device) as Registered['held'] }
  }

  return {
    register(name, id, now) {
      if (!isName(name.peer) || !isName(name.device)) return { kind: 'bad-value', field: 'device' }
      const expires = now + timeToLive
      const found = rowOf(name)
      if (found !== undefined) {
        refresh.run(expires, found.id)
        if (id !== undefined && id === found.registration) return registered(found.id, id)
        takeBack.run(found.id)
        const fresh = newId()
        renew.run(fresh, found.id)
        return registered(found.id, fresh)
      }
      const peer = interning.peer(name.peer)
      const used = countOfPeer.get(peer) as number
      const max = quotas.devicesPerPeer
      if (used >= max && !giveWay(peer)) return { kind: 'quota', of: 'devices', used, max }
      const fresh = newId()
      const { lastInsertRowid } = make.run(peer, name.device, now, expires, fresh)
      return registered(Number(lastInsertRowid), fresh)
    },
    registration(name) {
      const found = rowOf(name)
      return found === undefined ? { kind: 'not-found' } : registered(found.id, found.registration)
    },
    unregister(name) {
      const found = rowOf(name)
      if (found === undefined) return { kind: 'not-found' }
      dropAll(found.id)
      return isOk
    },
    removePeer(peer) {
      const devices = ofPeer.all(peer) as number[]
      for (const device of devices) dropAll(device)
      return devices.length === 0 ? { kind: 'not-found' } : isOk
    },
    attend(name, isOnline, now) {
      const found = rowOf(name)
      if (found === undefined) return { kind: 'not-found' }
      attend.run(isOnline ? 1 : 0, now, found.id)
      attendShares.run(isOnline ? 1 : 0, found.id)
      if (isOnline) refresh.run(now + timeToLive, found.id)
      return isOk
    },
    allOffline() {
      devicesOff.run()
      sharesOff.run()
    },
    expire(now) {
      const devices = expired.all(now) as number[]
      for (const device of devices) dropAll(device)
      return devices.length > 0
    },
  }
}

const newId = () => randomBytes(16).toString('hex')
