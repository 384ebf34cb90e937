/**
 * Where shared folders lie: the device and inode of each, kept with the books. A disk that is unplugged leaves an empty
 * folder behind, or none, which must not be taken for a folder out of which everything was removed.
 *
 * Rules: a folder that is not there, or is on another device than before and has nothing of what was in it, is *away*:
 * nothing of it is lost while that is so. Another folder at the same path on the same device is the shared folder from
 * then on, since it is the path that somebody shared. Devices get other numbers when a disk is plugged in again or the
 * system starts anew, so a number alone says nothing.
 */

import { lstatSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type Database from 'better-sqlite3'
import type { Batch } from './batch.js'
import type { Files } from './files.js'
import type { ShareRow } from './share-rows.js'

/** As text: 64-bit integers. Undefined while it was never there. */
interface Place {
  dev: string | undefined
  ino: string | undefined
  isAway: boolean
}

/** Names of what was in a folder that are looked for in one that may be another. */
const mostNames = 64

/** What a look at a folder gives: as before, to be watched and walked anew, or away. */
export type Found = 'same' | 'new' | 'away'

export interface PlacesEvents {
  /** Something wanted to lose what is in a folder, and it is another one than it was, or is away. */
  moved(share: ShareRow, found: 'new' | 'away'): void
}

export class Places {
  readonly #noted = new Map<number, Place>()
  readonly #sql

  constructor(
    readonly db: Database.Database,
    readonly batch: Batch,
    readonly files: Files,
    readonly events: PlacesEvents,
  ) {
    this.#sql = {
      put: db.prepare('insert or replace into place (share, dev, ino, away) values (?, ?, ?, ?)'),
      drop: db.prepare('delete from place where share = ?'),
      files: db.prepare('select name from file where folder = ? and gone is null limit ?').pluck(),
      folders: db.prepare('select path from folder where parent = ? and here = 1 limit ?').pluck(),
    }
    const rows = db.prepare('select share, dev, ino, away from place').all() as {
      share: number
      dev: string | null
      ino: string | null
      away: number
    }[]
    for (const { share, dev, ino, away } of rows) {
      this.#noted.set(share, { dev: dev ?? undefined, ino: ino ?? undefined, isAway: away === 1 })
    }
  }

  /** Looks where a share's folder is now, and notes it. */
  look(share: ShareRow): Found {
    const noted = this.#noted.get(share.n)
    const now = placeOf(share.path)
    if (now === undefined || (noted !== undefined && !this.#isIt(share, noted, now))) {
      if (!noted?.isAway) this.#put(share, { dev: noted?.dev, ino: noted?.ino, isAway: true })
      return 'away'
    }
    const isSame = noted?.dev === now.dev && noted.ino === now.ino
    if (isSame && !noted.isAway) return 'same'
    // The same folder of the same disk: nothing of it is to be hashed because the system counts its disks otherwise now.
    if (noted?.dev !== undefined && noted.ino === now.ino && noted.dev !== now.dev) {
      this.files.renumberDevice(share.n, BigInt(noted.dev), BigInt(now.dev))
    }
    this.#put(share, { ...now, isAway: false })
    return 'new'
  }

  /** To be asked after something was found to be gone, before it counts as gone. Away stays away until {@link look}. */
  isHere(share: ShareRow): boolean {
    if (this.#noted.get(share.n)?.isAway) return false
    const found = this.look(share)
    if (found !== 'same') this.events.moved(share, found)
    return found !== 'away'
  }

  isAway({ n }: ShareRow): boolean {
    return this.#noted.get(n)?.isAway === true
  }

  forget({ n }: ShareRow): void {
    this.#noted.delete(n)
    this.batch.begin()
    this.#sql.drop.run(n)
  }

  /** Whether what is there now is the folder that is shared. */
  #isIt(share: ShareRow, noted: Place, now: { dev: string; ino: string }): boolean {
    if (noted.dev === undefined || noted.dev === now.dev) return true
    if (noted.ino === now.ino && !isWholeDisk(share.path, now.dev)) return true
    const folder = this.files.knownFolder(share.n, '')
    if (folder === undefined) return true
    const { files, folders } = this.#sql
    const names = [files, folders].flatMap((sql) => sql.all(folder, mostNames) as string[])
    // Moved to another disk, with what is in it.
    return names.length === 0 || names.some((name) => placeOf(join(share.path, name)) !== undefined)
  }

  #put(share: ShareRow, place: Place): void {
    this.#noted.set(share.n, place)
    this.batch.begin()
    this.#sql.put.run(share.n, place.dev ?? null, place.ino ?? null, place.isAway ? 1 : 0)
  }
}

/** A share's folder is away: what was begun with it is given up, and nothing of it is lost. */
export class Away extends Error {}

/** The first folder of every disk of a kind has the same inode, so that this says nothing of which disk it is. */
function isWholeDisk(path: string, dev: string): boolean {
  return placeOf(dirname(path))?.dev !== dev
}

function placeOf(path: string): { dev: string; ino: string } | undefined {
  try {
    const { dev, ino } = lstatSync(path, { bigint: true })
    return { dev: String(dev), ino: String(ino) }
  } catch {
    // Whatever keeps it from being looked at, it is not here now.
    return undefined
  }
}
