/**
 * A whole list in place of all that a share has (docs/catalogue.md, "The whole list"). It is written into a share of its own that nobody
 * sees, a slice at a time, and takes the place of the other in one small write; what was there goes afterwards (removal.ts).
 *
 * What holds: others see the old entries or the new ones; one that is not finished leaves the old ones, and goes with the next opening
 * or the next list; each share has one at a time.
 */

import { faultOfEntries, isSeq } from './checks.js'
import type { Entries } from './entries.js'
import type { Foresight } from './foresight.js'
import { maxListEntries } from './limits.js'
import type { Db } from './open-catalogue.js'
import type { News, Published, Publishing } from './publishing.js'
import type { Registry } from './registry.js'
import { unseen } from './schema.js'
import type { Answer, Entry, ShareName } from './values.js'

export interface Filling {
  /** @returns the number that the next calls name, or what is held if there is nothing to do */
  begin(name: ShareName, seq: number): Answer<{ filling: number } | Published>
  /** `onNew` is told of entries that the share has not had. */
  put(
    filling: number,
    entries: readonly Entry[],
    onNew: (news: readonly News[], instead: number) => void,
  ): Answer<object>
  /** The new entries take the place of the old ones. */
  finish(filling: number): Answer<Published>
  drop(filling: number): void
}

interface Under {
  name: ShareName
  seq: number
}

export function fillingIn(
  db: Db,
  registry: Registry,
  publishing: Publishing,
  entries: Entries,
  foresight: Foresight,
): Filling {
  const make = db
    .prepare(
      `insert into share (device, peer, name, title, audience, online, seq, entries, bytes, filling)
       select null, peer, name, title, ${unseen}, 0, ?, 0, 0, 1 from share where id = ? returning id`,
    )
    .pluck()
  const giveUpOthers = db.prepare(
    `update share set filling = 0 where filling and peer = (select peer from share where id = @id)
       and name = (select name from share where id = @id)`,
  )
  const giveUp = db.prepare('update share set filling = 0 where id = ? and filling')
  const isFilling = db.prepare('select 1 from share where id = ? and filling')
  const countOf = db.prepare('select entries from share where id = ?').pluck()
  const old = db.prepare('select device, audience, online, title from share where id = ?')
  const takeBack = db.prepare(`update share set device = null, online = 0, audience = ${unseen} where id = ?`)
  const takePlace = db.prepare(
    `update share set device = @device, audience = @audience, online = @online, title = @title, filling = 0 where id = @id`,
  )
  const tagsOf = db.prepare('select tag from share_tag where share = ? and whole').pluck()
  const tag = db.prepare(
    `insert into share_tag (share, tag, whole, entries) values (?, ?, 1, 0) on conflict do update set whole = 1`,
  )
  /** Forgotten with the process: so are the lists themselves. */
  const under = new Map<number, Under>()

  const drop = (filling: number) => {
    under.delete(filling)
    giveUp.run(filling)
  }

  return {
    begin(name, seq) {
      if (!isSeq(seq)) return { kind: 'bad-value', field: 'seq' }
      const share = registry.findShare(name)
      if (share === undefined)
        return registry.isRegistered(name) ? { kind: 'not-found' } : { kind: 'unregistered' }
      if (seq <= share.seq) return { kind: 'ok', held: share.seq, isApplied: false }
      giveUpOthers.run({ id: share.id })
      const filling = make.get(seq, share.id) as number
      under.set(filling, { name, seq })
      return { kind: 'ok', filling }
    },
    put(filling, some, onNew) {
      const fault = faultOfEntries(some)
      if (fault !== undefined) return fault
      const { name } = under.get(filling) ?? {}
      const share = name && registry.findShare(name)
      if (name === undefined || share === undefined || isFilling.get(filling) === undefined)
        return { kind: 'not-found' }
      const used = countOf.get(filling) as number
      if (used + some.length > maxListEntries)
        return { kind: 'quota', of: 'entries', used, max: maxListEntries }
      const refused = publishing.room(name.peer, some.length, share.entries)
      if (refused !== undefined) return refused
      const news = some.map((entry, index) => {
        return { share: filling, entry, put: entries.put(filling, entry, foresight.at(index)) }
      })
      entries.count(filling)
      onNew(news, share.id)
      return { kind: 'ok' }
    },
    finish(filling) {
      const { name, seq } = under.get(filling) ?? {}
      const share = name && registry.findShare(name)
      if (seq === undefined || share === undefined || isFilling.get(filling) === undefined)
        return { kind: 'not-found' }
      // In the meantime a change may have come that is greater.
      if (share.seq >= seq) {
        drop(filling)
        return { kind: 'ok', held: share.seq, isApplied: false }
      }
      const settings = old.get(share.id) as object
      for (const one of tagsOf.all(share.id) as number[]) tag.run(filling, one)
      takeBack.run(share.id)
      takePlace.run({ ...settings, id: filling })
      under.delete(filling)
      return { kind: 'ok', held: seq, isApplied: true }
    },
    drop,
  }
}
