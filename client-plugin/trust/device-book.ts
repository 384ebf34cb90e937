/**
 * `devices.sqlite`: which devices of which people are known, and which paths were chosen for them, in the state folder, under
 * the journal's lock.
 *
 * Rules: what is written is on the disk when the call returns; a newer file is refused, and one that cannot be read stops the
 * plugin, since without it every device would be the first. It is bounded, and what is forgotten for room is what was used
 * longest ago; what a person verified or revoked goes last.
 */

import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import type { PathPolicy } from '../../link/index.js'
import type { Standing } from '../../protocol/device-trust.js'
import { FileTransferError } from '../errors.js'

/** A device as it is remembered. Times are ms since 1970. */
export interface BookedDevice {
  peer: string
  device: string
  standing: Standing
  first: number
  used: number
}

/** What is remembered, at most. */
export interface BookBounds {
  devicesOfOne: number
  people: number
}

const usual: BookBounds = { devicesOfOne: 32, people: 10_000 }

/** Each brings the file one version further; the first makes it. */
const migrations = [
  `create table device (
    peer text not null,
    device text not null,
    standing text not null,
    -- ms since 1970
    first integer not null,
    used integer not null,
    primary key (peer, device)
  ) strict, without rowid;`,
  `create table path (peer text primary key, policy text not null) strict, without rowid;`,
]

/** Within this time of the last use nothing is written, ms. */
const freshMs = 3_600_000

/** The order in which rows are forgotten: `deliberate` ones last. */
const oldestFirst = `standing in ('verified', 'revoked'), used`

export class DeviceBook {
  readonly #db: Database.Database
  readonly #of: Database.Statement
  readonly #put: Database.Statement

  constructor(
    readonly dir: string,
    readonly bounds: BookBounds = usual,
  ) {
    this.#db = open(join(dir, 'devices.sqlite'))
    this.#of = this.#db.prepare('select * from device where peer = ? order by first, device')
    this.#put = this.#db.prepare(
      `insert into device (peer, device, standing, first, used) values (?, ?, ?, ?, ?)
       on conflict (peer, device) do update set standing = excluded.standing, used = excluded.used`,
    )
  }

  /** What is known of one person, the oldest first. @throws FileTransferError `state-unusable` */
  of(peer: string): BookedDevice[] {
    return this.#guarded(() => this.#of.all(peer) as BookedDevice[])
  }

  /** Everything, person by person. @throws FileTransferError `state-unusable` */
  all(): BookedDevice[] {
    const rows = this.#db.prepare('select * from device order by peer, first, device')
    return this.#guarded(() => rows.all() as BookedDevice[])
  }

  /** Remembers a device under this standing, and makes room for it. @throws FileTransferError `state-unusable` */
  remember(peer: string, device: string, standing: Standing, now: number): void {
    this.#guarded(() =>
      this.#db.transaction(() => {
        this.#put.run(peer, device, standing, now, now)
        this.#makeRoom(peer, device)
      })(),
    )
  }

  /** A known device is used: noted now and then. @throws FileTransferError `state-unusable` */
  used({ peer, device, used, standing }: BookedDevice, now: number): void {
    if (now - used > freshMs) this.remember(peer, device, standing, now)
  }

  /** Forgets a person altogether: the next device is the first one again. @returns whether anything was known */
  forgetAll(peer: string): boolean {
    return this.#guarded(() => this.#db.prepare('delete from device where peer = ?').run(peer).changes > 0)
  }

  /** The paths that were chosen for single people, by bare JID. @throws FileTransferError `state-unusable` */
  paths(): Map<string, PathPolicy> {
    const rows = this.#db.prepare('select peer, policy from path order by peer')
    const all = this.#guarded(() => rows.all() as { peer: string; policy: PathPolicy }[])
    return new Map(all.map(({ peer, policy }) => [peer, policy]))
  }

  /** Chooses paths for a person, or (undefined) leaves it to the options. @throws FileTransferError `quota`, `state-unusable` */
  choosePath(peer: string, policy: PathPolicy | undefined): void {
    const { people } = this.bounds
    const others = [...this.paths().keys()].filter((each) => each !== peer)
    if (policy !== undefined && others.length >= people)
      throw new FileTransferError('quota', `${people} people`)
    const change =
      policy === undefined
        ? this.#db.prepare('delete from path where peer = ?').bind(peer)
        : this.#db.prepare('insert or replace into path values (?, ?)').bind(peer, policy)
    this.#guarded(() => change.run())
  }

  close(): void {
    this.#db.close()
  }

  #makeRoom(peer: string, device: string): void {
    const { devicesOfOne, people } = this.bounds
    const tooMany = this.#db.prepare(
      `delete from device where peer = $peer and device in (
         select device from device where peer = $peer and device <> $device
         order by ${oldestFirst}
         limit max(0, (select count(*) from device where peer = $peer) - $most))`,
    )
    tooMany.run({ peer, device, most: devicesOfOne })
    const { count } = this.#db.prepare('select count(distinct peer) as count from device').get() as {
      count: number
    }
    if (count <= people) return
    const oldest = this.#db.prepare(
      `delete from device where peer in (
         select peer from device where peer <> $peer group by peer
         order by max(standing in ('verified', 'revoked')), max(used)
         limit $over)`,
    )
    oldest.run({ peer, over: count - people })
  }

  #guarded<T>(work: () => T): T {
    try {
      return work()
    } catch (error) {
      throw new FileTransferError('state-unusable', join(this.dir, 'devices.sqlite'), { cause: error })
    }
  }
}

/** @throws FileTransferError `state-unusable`, `state-newer` */
function open(file: string): Database.Database {
  let db: Database.Database | undefined
  try {
    db = new Database(file, { timeout: 5_000 })
    chmodSync(file, 0o600)
    db.pragma('journal_mode = WAL')
    db.pragma('synchronous = FULL')
    const found = db.pragma('user_version', { simple: true }) as number
    if (found > migrations.length) throw new FileTransferError('state-newer', file)
    const opened = db
    opened.transaction(() => {
      for (const migration of migrations.slice(found)) opened.exec(migration)
      opened.pragma(`user_version = ${migrations.length}`)
    })()
    return db
  } catch (error) {
    db?.close()
    if (error instanceof FileTransferError) throw error
    throw new FileTransferError('state-unusable', file, { cause: error })
  }
}
