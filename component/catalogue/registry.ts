/**
 * The shares of devices: made, changed, taken back, and filled anew by a whole list (filling.ts).
 *
 * What holds: a share's id is unique for its peer. What is taken back is unseen at once; its entries go afterwards (removal.ts).
 */

import { audiencesIn } from './audiences.js'
import { faultOfSettings, isName } from './checks.js'
import type { Interning } from './interning.js'
import type { Quotas } from './limits.js'
import type { Db } from './open-catalogue.js'
import { everybody, unseen } from './schema.js'
import type { Answer, DeviceName, ShareName, ShareSettings } from './values.js'

export interface ShareRow {
  id: number
  seq: number
  entries: number
}

export interface Registry {
  /** Makes the share, or changes its settings. */
  openShare(name: ShareName, settings: ShareSettings): Answer<{ held: number }>
  closeShare(name: ShareName): Answer<object>
  findShare(name: ShareName): ShareRow | undefined
  isRegistered(name: DeviceName): boolean
  block(peer: string, blocked: readonly string[]): void
  blocked(peer: string): string[]
  keepOut(who: string, isKeptOut: boolean): void
  keptOut(): string[]
}

export function registryIn(db: Db, interning: Interning, quotas: Quotas): Registry {
  const audiences = audiencesIn(db)
  const findDevice = db
    .prepare('select d.id from device d join peer p on p.id = d.peer where p.jid = ? and d.name = ?')
    .pluck()
  const ofPeer = db.prepare(
    `select s.id, s.seq, s.entries, d.name as device from share s join device d on d.id = s.device
     where s.peer = (select id from peer where jid = ?) and s.name = ? and s.device is not null`,
  )
  const count = db.prepare('select count(*) from share where device = ?').pluck()
  // Of those whom the component serves no more they are negative.
  const audiencesOfOthers = db
    .prepare(
      `select distinct abs(audience) from share where peer = (select id from peer where jid = @peer)
         and name <> @share and device is not null and abs(audience) > ${everybody}`,
    )
    .pluck()
  const make = db.prepare(
    `insert into share (device, peer, name, title, audience, online, seq, entries, bytes, filling)
     select id, peer, ?, ?, ?, online, 0, 0, 0, 0 from device where id = ? returning id, seq, entries`,
  )
  const change = db.prepare('update share set title = ?, audience = ? where id = ?')
  const takeBack = db.prepare(`update share set device = null, online = 0, audience = ${unseen} where id = ?`)
  const clearWhole = db.prepare('update share_tag set whole = 0 where share = ? and whole')
  const dropUnused = db.prepare('delete from share_tag where share = ? and not whole and entries = 0')
  const setWhole = db.prepare(
    `insert into share_tag (share, tag, whole, entries) values (?, ?, 1, 0) on conflict do update set whole = 1`,
  )
  const unblock = db.prepare('delete from block where peer = ?')
  const block = db.prepare('insert into block (blocked, peer) values (?, ?) on conflict do nothing')
  const blocked = db
    .prepare('select blocked from block join peer on peer.id = peer where jid = ? order by 1')
    .pluck()
  const keepOut = db.prepare('insert into kept_out values (?) on conflict do nothing')
  const letIn = db.prepare('delete from kept_out where who = ?')
  const keptOut = db.prepare('select who from kept_out order by 1').pluck()

  const findShare = ({ peer, device, share }: ShareName) => {
    const found = ofPeer.get(peer, share) as (ShareRow & { device: string }) | undefined
    return found?.device === device ? found : undefined
  }

  return {
    openShare(name, settings) {
      if (!isName(name.share)) return { kind: 'bad-value', field: 'share' }
      const fault = faultOfSettings(settings)
      if (fault !== undefined) return fault
      const device = findDevice.get(name.peer, name.device) as number | undefined
      if (device === undefined) return { kind: 'unregistered' }
      let share = ofPeer.get(name.peer, name.share) as (ShareRow & { device?: string }) | undefined
      if (share !== undefined && share.device !== name.device) return { kind: 'conflict' }
      const audience = audiences.idOf(settings.visibleTo)
      const others = audience === everybody ? [] : (audiencesOfOthers.all(name) as number[])
      const mostAudiences = quotas.audiencesPerPeer
      if (others.length >= mostAudiences && !others.includes(audience)) {
        return { kind: 'quota', of: 'audiences', used: others.length, max: mostAudiences }
      }
      if (share === undefined) {
        const used = count.get(device) as number
        const max = quotas.sharesPerDevice
        if (used >= max) return { kind: 'quota', of: 'shares', used, max }
        share = make.get(name.share, settings.name, audience, device) as ShareRow
      } else {
        change.run(settings.name, audience, share.id)
      }
      clearWhole.run(share.id)
      for (const tag of settings.tags) setWhole.run(share.id, interning.tag(tag))
      dropUnused.run(share.id)
      return { kind: 'ok', held: share.seq }
    },
    closeShare(name) {
      const share = findShare(name)
      if (share === undefined) return { kind: 'not-found' }
      takeBack.run(share.id)
      return { kind: 'ok' }
    },
    findShare,
    isRegistered: ({ peer, device }) => findDevice.get(peer, device) !== undefined,
    block(peer, who) {
      const id = interning.peer(peer)
      unblock.run(id)
      for (const jid of who) block.run(jid, id)
    },
    blocked: (peer) => blocked.all(peer) as string[],
    keepOut: (who, isKeptOut) => void (isKeptOut ? keepOut : letIn).run(who),
    keptOut: () => keptOut.all() as string[],
  }
}
