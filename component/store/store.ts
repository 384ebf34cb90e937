/** The open database with its tables: everything that a transaction can do. */

import type { Acquaintances } from './acquaintances.js'
import { acquaintancesIn } from './acquaintances.js'
import type { Blocks } from './blocks.js'
import { blocksIn } from './blocks.js'
import type { Devices } from './devices.js'
import { devicesIn } from './devices.js'
import type { Offers } from './offers.js'
import { offersIn } from './offers.js'
import type { Db } from './open.js'
import { openDatabase } from './open.js'
import type { Outbox } from './outbox.js'
import { outboxIn } from './outbox.js'
import type { StoredTimes } from './set-clock.js'
import { timesIn } from './times.js'
import type { Transfers } from './transfers.js'
import { transfersIn } from './transfers.js'
import type { Unseen } from './unseen.js'
import { unseenIn } from './unseen.js'

export interface Store {
  readonly devices: Devices
  readonly offers: Offers
  readonly transfers: Transfers
  readonly outbox: Outbox
  readonly blocks: Blocks
  readonly acquaintances: Acquaintances
  readonly unseen: Unseen
  readonly times: StoredTimes
  begin(): void
  commit(): void
  rollBack(): void
  /** A point inside the transaction that one piece of work can be taken back to. */
  mark(): void
  keep(): void
  takeBack(): void
  /** Writes through to the file, with fsync. @throws when the disk does not take it. */
  probe(): void
  close(): void
}

/** Opens the database at `path`. @throws StoreFailed */
export function openStore(path: string, check = true): Store {
  const db = openDatabase(path, { check })
  return {
    devices: devicesIn(db),
    offers: offersIn(db),
    transfers: transfersIn(db),
    outbox: outboxIn(db),
    blocks: blocksIn(db),
    acquaintances: acquaintancesIn(db),
    unseen: unseenIn(db),
    times: timesIn(db),
    begin: runs(db, 'begin immediate'),
    commit: runs(db, 'commit'),
    rollBack: runs(db, 'rollback'),
    mark: runs(db, 'savepoint work'),
    keep: runs(db, 'release work'),
    takeBack() {
      db.exec('rollback to work; release work')
    },
    probe() {
      db.exec('create table if not exists probe (bytes blob); insert into probe values (zeroblob(65536))')
      db.exec('drop table probe')
      db.pragma('wal_checkpoint(truncate)')
    },
    close() {
      db.close()
    },
  }
}

function runs(db: Db, sql: string): () => void {
  const statement = db.prepare(sql)
  return () => void statement.run()
}
