/**
 * Forgets, between times and a slice at a time, what entries and people are called by and nobody is called by any more: tags that no share
 * has, peers without anything, media types of no entry.
 *
 * What holds: a media type goes only after all entries were looked at and none has it; what was given out meanwhile stays. Where
 * there are few of them that is not worth the look.
 */

import type { Interning } from './interning.js'
import { removalSlice } from './limits.js'
import type { Db } from './open-catalogue.js'

export interface UnusedNames {
  /** Each does one slice. @returns whether its round goes on */
  sweepTags(): boolean
  sweepPeers(): boolean
  sweepTypes(): boolean
}

/** So many media types people have. */
const fewTypes = 4_096
/** Entries that are looked at in one slice: some milliseconds. */
const entriesSlice = 5_000

interface Place {
  share: number
  folder: number
  path: number
  type: number | null
}

export function unusedNamesIn(db: Db, interning: Interning, fewest = fewTypes): UnusedNames {
  const tags = db.prepare(`select id from tag where id > ? order by id limit ${removalSlice}`).pluck()
  const dropUnborne = db.prepare('delete from share_tag where tag = ? and entries = 0 and not whole')
  const peers = db.prepare(`select id from peer where id > ? order by id limit ${removalSlice}`).pluck()
  const countTypes = db.prepare('select count(*) from media_type').pluck()
  const entries = db.prepare(
    `select share, folder, path, media_type as type from entry where (share, folder, path) > (@share, @folder, @path)
     order by share, folder, path limit ${entriesSlice}`,
  )
  let lastTag = 0
  let lastPeer = 0
  let round: { used: Set<number>; at: Place } | undefined

  return {
    sweepTags() {
      const ids = tags.all(lastTag) as number[]
      for (const id of ids) {
        dropUnborne.run(id)
        interning.dropTag(id)
      }
      lastTag = ids.at(-1) ?? 0
      return ids.length > 0
    },
    sweepPeers() {
      const ids = peers.all(lastPeer) as number[]
      for (const id of ids) interning.dropPeer(id)
      lastPeer = ids.at(-1) ?? 0
      return ids.length > 0
    },
    sweepTypes() {
      if (round === undefined) {
        if ((countTypes.get() as number) <= fewest) return false
        round = { used: new Set(), at: { share: 0, folder: 0, path: 0, type: null } }
        interning.noteTypes(round.used)
      }
      const { used } = round
      const some = entries.all(round.at) as Place[]
      for (const { type } of some) if (type !== null) used.add(type)
      round.at = some.at(-1) ?? round.at
      if (some.length > 0) return true
      interning.noteTypes(undefined)
      round = undefined
      interning.keepTypes(used)
      return false
    },
  }
}
