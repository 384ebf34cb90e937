/**
 * Who publishes: peers, their devices, and the shares of these.
 *
 * What holds: everything belongs to (peer, device), so a phone never wipes out a laptop. What is taken back is
 * unseen at once, by one small write; its entries go afterwards, in slices (removal.ts).
 */

import type { Audience } from '../../protocol/catalogue/visibility.js'
import { faultOfSettings, isName } from './checks.js'
import type { Interning } from './interning.js'
import { type Quotas, timeToLive } from './limits.js'
import type { Db } from './open-catalogue.js'
import { everybody, nobody } from './schema.js'
import type { Answer, DeviceName, ShareName, ShareSettings } from './values.js'

export interface ShareRow {
  id: number
  seq: number
  entries: number
}

export interface Registry {
  /** Makes the device known, or refreshes its time to live. */
  register(name: DeviceName, now: number): Answer<{ expires: number }>
  unregister(name: DeviceName): Answer<object>
  /** Online or not. Unknown devices are not found. A login refreshes the time to live. */
  attend(name: DeviceName, isOnline: boolean, now: number): Answer<object>
  allOffline(): void
  /** Takes back what no login has refreshed. @returns whether there may be more */
  expire(now: number): boolean
  /** Makes the share, or changes its settings; `restart` takes back what it had. */
  openShare(
    name: ShareName,
    settings: ShareSettings,
    restart: boolean,
  ): Answer<{ held: number; entries: number }>
  closeShare(name: ShareName): Answer<object>
  findShare(name: ShareName): ShareRow | undefined
  block(peer: string, blocked: readonly string[]): void
}

export function registryIn(db: Db, interning: Interning, quotas: Quotas): Registry {
  const findPeer = db.prepare('select id from peer where jid = ?').pluck()
  const findDevice = db
    .prepare('select d.id from device d join peer p on p.id = d.peer where p.jid = ? and d.name = ?')
    .pluck()
  const countDevices = db.prepare('select count(*) from device where peer = ?').pluck()
  const makeDevice = db.prepare('insert into device (peer, name, seen, expires) values (?, ?, ?, ?)')
  const refresh = db.prepare('update device set expires = ? where id = ?')
  const dropDevice = db.prepare('delete from device where id = ?')
  const attendDevice = db.prepare('update device set online = ?, seen = ? where id = ?')
  const attendShares = db.prepare('update share set online = ? where device = ?')
  const allDevicesOff = db.prepare('update device set online = 0 where online')
  const allSharesOff = db.prepare('update share set online = 0 where online')
  const expired = db.prepare('select id from device where expires <= ? limit 16').pluck()

  const findShare = db.prepare(
    `select s.id, s.seq, s.entries from share s join device d on d.id = s.device join peer p on p.id = d.peer
     where p.jid = ? and d.name = ? and s.name = ?`,
  )
  const countShares = db.prepare('select count(*) from share where device = ?').pluck()
  const makeShare = db.prepare(
    `insert into share (device, peer, name, audience, online, seq, entries)
     select id, peer, ?, ?, online, 0, 0 from device where id = ? returning id, seq, entries`,
  )
  const setAudience = db.prepare('update share set audience = ? where id = ?')
  const takeBack = db.prepare(`update share set device = null, online = 0, audience = ${nobody} where id = ?`)
  const takeBackAll = db.prepare(
    `update share set device = null, online = 0, audience = ${nobody} where device = ?`,
  )
  const clearWhole = db.prepare('update share_tag set whole = 0 where share = ? and whole')
  const dropUnused = db.prepare('delete from share_tag where share = ? and not whole and entries = 0')
  const setWhole = db.prepare(
    `insert into share_tag (share, tag, whole, entries) values (?, ?, 1, 0) on conflict do update set whole = 1`,
  )

  const findAudience = db.prepare('select id from audience where kind = ? and value = ?').pluck()
  const makeAudience = db.prepare('insert into audience (kind, value) values (?, ?) returning id').pluck()
  const makeMember = db.prepare('insert into audience_member (jid, audience) values (?, ?)')
  const unblock = db.prepare('delete from block where peer = ?')
  const block = db.prepare('insert into block (blocked, peer) values (?, ?) on conflict do nothing')

  const deviceOf = ({ peer, device }: DeviceName) => findDevice.get(peer, device) as number | undefined
  const dropAll = (device: number) => {
    takeBackAll.run(device)
    dropDevice.run(device)
  }
  const audienceOf = (audience: Audience): number => {
    if (audience.kind === 'everybody') return everybody
    const jids = audience.kind === 'listed' ? [...new Set(audience.jids)].sort() : []
    const value = audience.kind === 'domain' ? audience.domain : jids.join('\n')
    const found = findAudience.get(audience.kind, value) as number | undefined
    const id = found ?? (makeAudience.get(audience.kind, value) as number)
    if (found === undefined) for (const jid of jids) makeMember.run(jid, id)
    return id
  }

  return {
    register(name, now) {
      if (!isName(name.peer) || !isName(name.device)) return { kind: 'bad-value', field: 'device' }
      const expires = now + timeToLive
      const found = deviceOf(name)
      if (found !== undefined) {
        refresh.run(expires, found)
        return { kind: 'ok', expires }
      }
      const peer = interning.peer(name.peer)
      const used = countDevices.get(peer) as number
      if (used >= quotas.devicesPerPeer)
        return { kind: 'quota', of: 'devices', used, max: quotas.devicesPerPeer }
      makeDevice.run(peer, name.device, now, expires)
      return { kind: 'ok', expires }
    },
    unregister(name) {
      const device = deviceOf(name)
      if (device === undefined) return { kind: 'not-found' }
      dropAll(device)
      return { kind: 'ok' }
    },
    attend(name, isOnline, now) {
      const device = deviceOf(name)
      if (device === undefined) return { kind: 'not-found' }
      attendDevice.run(isOnline ? 1 : 0, now, device)
      attendShares.run(isOnline ? 1 : 0, device)
      if (isOnline) refresh.run(now + timeToLive, device)
      return { kind: 'ok' }
    },
    allOffline() {
      allDevicesOff.run()
      allSharesOff.run()
    },
    expire(now) {
      const devices = expired.all(now) as number[]
      for (const device of devices) dropAll(device)
      return devices.length > 0
    },
    openShare(name, settings, restart) {
      const fault = isName(name.share)
        ? faultOfSettings(settings)
        : ({ kind: 'bad-value', field: 'share' } as const)
      if (fault !== undefined) return fault
      const device = deviceOf(name)
      if (device === undefined) return { kind: 'not-found' }
      let share = findShare.get(name.peer, name.device, name.share) as ShareRow | undefined
      if (share !== undefined && restart) {
        takeBack.run(share.id)
        share = undefined
      }
      const audience = audienceOf(settings.audience)
      if (share === undefined) {
        const used = countShares.get(device) as number
        if (used >= quotas.sharesPerDevice)
          return { kind: 'quota', of: 'shares', used, max: quotas.sharesPerDevice }
        share = makeShare.get(name.share, audience, device) as ShareRow
      } else {
        setAudience.run(audience, share.id)
      }
      clearWhole.run(share.id)
      for (const tag of settings.tags) setWhole.run(share.id, interning.tag(tag))
      dropUnused.run(share.id)
      return { kind: 'ok', held: share.seq, entries: share.entries }
    },
    closeShare(name) {
      const share = findShare.get(name.peer, name.device, name.share) as ShareRow | undefined
      if (share === undefined) return { kind: 'not-found' }
      takeBack.run(share.id)
      return { kind: 'ok' }
    },
    findShare: (name) => findShare.get(name.peer, name.device, name.share) as ShareRow | undefined,
    block(peer, blocked) {
      const id = (findPeer.get(peer) as number | undefined) ?? interning.peer(peer)
      unblock.run(id)
      for (const jid of blocked) block.run(jid, id)
    },
  }
}
