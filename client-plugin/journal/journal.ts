/**
 * The journal: every transfer of this device, in SQLite, durable before anything is said about it.
 *
 * Rules: one process holds a state folder, by SQLite's exclusive lock on the journal, which ends with the process however
 * it ends; every change is on the disk when the call returns (`synchronous=FULL`), and none of it when the call throws, but
 * for what would be found out again (`putSoon`); changes become durable in their order; a newer journal is refused.
 */

import { chmodSync, close, fdatasync, open as openFile } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { makeFolder } from '../../bytes/index.js'
import { FileTransferError } from '../errors.js'
import { damage, JournalFailed } from './journal-failed.js'
import { isEnd, type TransferRecord } from './record.js'

const version = 1

const schema = `
create table meta (name text primary key, value text not null) strict, without rowid;
-- One row a transfer; what is looked for has a column, the rest is JSON (record.ts).
create table transfer (
  n integer primary key,
  id text not null,
  sid text unique,
  authored integer not null,
  ended integer not null,
  changed integer not null,
  record text not null
) strict;
create unique index own_id on transfer (id) where authored = 1;
create index unfinished on transfer (ended, n);
`

/** Made where it is not there yet; a journal is as good without it, only slower. */
const laterIndexes = `
create index if not exists by_root on transfer (json_extract(record, '$.root'));
create index if not exists left_in on transfer (json_extract(record, '$.destination.dir'))
  where json_extract(record, '$.part') is not null;
create index if not exists part_of on transfer (json_extract(record, '$.partOf'))
  where json_extract(record, '$.partOf') is not null;
`
/** What was put by `putSoon` is durable after so long at the latest, ms, unless the disk takes nothing. */
const soonMs = 10_000
/** Of what was sent to one peer with the same content, so many are looked at. */
const mostSentTo = 16

/** Ended transfers are remembered as long as the component remembers them, ms; and so many of them at most. */
const memoryMs = 30 * 24 * 3_600_000
const mostEnded = 10_000
/** And of what others proposed that was never taken up so many: anybody can make that without end, and it pushes nothing else out. */
const mostIgnored = 1_000
const ignored = `(authored = 0 and json_extract(record, '$.attempt') = 0)`

/** A transfer that has, or left, a part file. */
export interface PartHolder {
  record: TransferRecord
  /** Whether it, and what it is a part of, has ended. */
  isOver: boolean
  /** When either was noted last, ms since 1970. */
  changed: number
}

export class Journal {
  readonly #db: Database.Database
  readonly #insert: Database.Statement
  readonly #update: Database.Statement
  #leftIn: Database.Statement | undefined
  /** Runs while there is what may not be durable yet. */
  #soon: NodeJS.Timeout | undefined

  constructor(readonly dir: string) {
    this.#db = open(dir)
    this.#insert = this.#db.prepare(
      'insert into transfer (id, sid, authored, ended, changed, record) values (?, ?, ?, ?, ?, ?)',
    )
    this.#update = this.#db.prepare(
      'update transfer set sid = ?, ended = ?, changed = ?, record = ? where n = ?',
    )
  }

  /**
   * Forgets what ended long ago.
   * @param mayGo asked before, of each: what it left is to be seen to while it is still known where that is
   * @returns what is forgotten
   * @throws JournalFailed
   */
  forgetOld(now: number, mayGo: (record: TransferRecord) => boolean = () => true): TransferRecord[] {
    return this.#guarded(() => {
      const beyond = (which: string, most: number): number => {
        const one = this.#db.prepare(
          `select n from transfer where ended = 1 and ${which} order by n desc limit 1 offset ?`,
        )
        return (one.pluck().get(most) ?? 0) as number
      }
      const gone = this.#db
        .prepare(
          `select n, record from transfer
             where ended = 1 and (changed < ? or (n <= ? and not ${ignored}) or (n <= ? and ${ignored})) order by n`,
        )
        .all(now - memoryMs, beyond(`not ${ignored}`, mostEnded), beyond(ignored, mostIgnored))
        .map(read)
        .filter(mayGo)
      const forget = this.#db.prepare('delete from transfer where n = ?')
      this.#db.transaction(() => {
        for (const { n } of gone) forget.run(n)
      })()
      return gone
    })
  }

  /** Every transfer of which a part file is noted, oldest first. @throws JournalFailed */
  partHolders(): PartHolder[] {
    return this.#guarded(() => {
      const rows = this.#db.prepare(
        `select t.n, t.record, t.ended and coalesce(whole.ended, 1) as isOver,
             max(t.changed, coalesce(whole.changed, 0)) as changed
           from transfer t left join transfer whole on whole.n = json_extract(t.record, '$.partOf')
           where json_extract(t.record, '$.part') is not null order by t.n`,
      )
      return (rows.all() as { isOver: number; changed: number }[]).map((row) => ({
        record: read(row),
        isOver: row.isOver === 1,
        changed: row.changed,
      }))
    })
  }

  /** Which account this folder belongs to: the first one that used it. @throws JournalFailed */
  accountIs(bare: string): boolean {
    return this.#guarded(() => {
      const account = this.#db.prepare(`select value from meta where name = 'account'`).pluck()
      // Written once only: later logins need no disk that takes writes.
      if (account.get() === undefined) {
        this.#db.prepare(`insert into meta values ('account', ?)`).run(bare)
      }
      return account.get() === bare
    })
  }

  /** A word that is remembered under this name. @throws JournalFailed */
  recall(name: string): string | undefined {
    return this.#guarded(
      () => this.#db.prepare('select value from meta where name = ?').pluck().get(name) as string | undefined,
    )
  }

  /** @throws JournalFailed */
  remember(name: string, value: string): void {
    if (!this.#db.open) return
    this.#guarded(() => this.#db.prepare('insert or replace into meta values (?, ?)').run(name, value))
    this.#allDurable()
  }

  /** Writes a new transfer and gives it its number, together with `others` as they are now, or none of them. @throws JournalFailed */
  add(record: Omit<TransferRecord, 'n'>, ...others: TransferRecord[]): TransferRecord {
    const write = () => {
      for (const other of others) this.#write(other)
      return this.#insert.run(
        record.id,
        record.sid ?? null,
        record.authored ? 1 : 0,
        isEnd(record.phase) ? 1 : 0,
        Date.now(),
        JSON.stringify(record),
      )
    }
    const { lastInsertRowid } = this.#guarded(() => this.#db.transaction(write)())
    this.#allDurable()
    return { ...record, n: Number(lastInsertRowid) }
  }

  /** Writes transfers as they are now: all, or none. After `close` nothing is written; nothing is said then either. @throws JournalFailed */
  put(...records: TransferRecord[]): void {
    if (!this.#db.open) return
    const write = () => {
      for (const record of records) this.#write(record)
    }
    this.#guarded(() => (records.length > 1 ? this.#db.transaction(write)() : write()))
    this.#allDurable()
  }

  /**
   * Writes a transfer as it is now, without waiting for the disk: durable with the next change that is, or in ten seconds. A
   * process that is killed loses none of it, a machine without power may. So only for what is found out again without it, and on
   * which nothing is said or done.
   * @throws JournalFailed
   */
  putSoon(record: TransferRecord): void {
    if (!this.#db.open) return
    this.#guarded(() => {
      this.#db.exec('pragma synchronous = NORMAL')
      try {
        this.#write(record)
      } finally {
        this.#db.exec('pragma synchronous = FULL')
      }
    })
    this.#soon ??= setTimeout(() => this.#syncNow(), soonMs).unref()
  }

  /**
   * In the thread pool, since bytes may be moving: a disk that writes back a large file lets others wait. SQLite holds no lock on
   * its log, so it may be opened beside it. Where it fails, the next change that can be written does it.
   */
  #syncNow(): void {
    this.#soon = undefined
    openFile(join(this.dir, 'journal.sqlite-wal'), 'r+', (error, log) => {
      if (!error) fdatasync(log, () => close(log, () => undefined))
    })
  }

  #allDurable(): void {
    clearTimeout(this.#soon)
    this.#soon = undefined
  }

  bySid(sid: string): TransferRecord | undefined {
    return this.#one('sid = ?', sid)
  }

  /** One of our own proposals by its id. */
  byOwnId(id: string): TransferRecord | undefined {
    return this.#one('authored = 1 and id = ?', id)
  }

  /** Oldest first. */
  unfinished(): TransferRecord[] {
    return this.#guarded(() => {
      const rows = this.#db.prepare('select n, record from transfer where ended = 0 order by n')
      return rows.all().map(read)
    })
  }

  /** Ended transfers that were begun, or proposed here, and are no part of another, newest first. */
  ended(max = 1_000): TransferRecord[] {
    return this.#guarded(() => {
      const rows = this.#db.prepare(
        `select n, record from transfer where ended = 1 and not ${ignored}
           and json_extract(record, '$.partOf') is null order by n desc limit ?`,
      )
      return rows.all(max).map(read)
    })
  }

  /** Ended transfers that left a part file in this folder, newest first. @throws JournalFailed */
  leftIn(dir: string, max = 1_000): TransferRecord[] {
    return this.#guarded(() => {
      this.#leftIn ??= this.#db.prepare(
        `select n, record from transfer where json_extract(record, '$.destination.dir') = ?
           and json_extract(record, '$.part') is not null and ended = 1 order by n desc limit ?`,
      )
      return this.#leftIn.all(dir, max).map(read)
    })
  }

  /** What belongs to another record, oldest first. */
  partsOf(n: number): TransferRecord[] {
    return this.#guarded(() => {
      const rows = this.#db.prepare(
        `select n, record from transfer where n > ? and json_extract(record, '$.partOf') = ? order by n`,
      )
      return rows.all(n, n).map(read)
    })
  }

  /** What was sent or offered to a peer with this root, newest first. */
  sentTo(peer: string, root: string): TransferRecord[] {
    return this.#guarded(() => {
      const rows = this.#db.prepare(
        `select n, record from transfer where json_extract(record, '$.root') = ?
           and json_extract(record, '$.peer') = ? and json_extract(record, '$.direction') = 'sending'
         order by n desc limit ?`,
      )
      return rows.all(root, peer, mostSentTo).map(read)
    })
  }

  close(): void {
    this.#allDurable()
    this.#db.close()
  }

  #write(record: TransferRecord): void {
    const { n, ...rest } = record
    // An end whose word is not recorded yet is unfinished business.
    const ended = isEnd(record.phase) && record.saying === undefined ? 1 : 0
    this.#update.run(record.sid ?? null, ended, Date.now(), JSON.stringify(rest), n)
  }

  #guarded<T>(work: () => T): T {
    // Whoever still comes while the plugin ends is told that: nothing is wrong with the disk, nor with us.
    if (!this.#db.open) throw new FileTransferError('stopped')
    try {
      return work()
    } catch (error) {
      throw new JournalFailed(this.dir, error)
    }
  }

  #one(where: string, value: string): TransferRecord | undefined {
    return this.#guarded(() => {
      const row = this.#db.prepare(`select n, record from transfer where ${where}`).get(value)
      return row === undefined ? undefined : read(row)
    })
  }
}

function read(row: unknown): TransferRecord {
  const { n, record } = row as { n: number; record: string }
  return { ...JSON.parse(record), n }
}

/** @throws FileTransferError `state-in-use`, `state-unusable`, `state-newer` */
function open(dir: string): Database.Database {
  let db: Database.Database | undefined
  try {
    makeFolder(dir)
    const file = join(dir, 'journal.sqlite')
    db = new Database(file, { timeout: 0 })
    chmodSync(file, 0o600)
    // Before the first access: the lock is then held until the database is closed.
    db.pragma('locking_mode = EXCLUSIVE')
    db.pragma('journal_mode = WAL')
    db.pragma('synchronous = FULL')
    const found = db.pragma('user_version', { simple: true }) as number
    if (found > version) throw new FileTransferError('state-newer', dir)
    if (found === 0) {
      const opened = db
      opened.transaction(() => {
        opened.exec(schema)
        opened.pragma(`user_version = ${version}`)
      })()
    }
    addIndexes(db)
    return db
  } catch (error) {
    db?.close()
    if (error instanceof FileTransferError) throw error
    const code = String((error as { code?: unknown }).code)
    const inUse = code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')
    if (inUse) throw new FileTransferError('state-in-use', dir, { cause: error })
    throw new FileTransferError('state-unusable', damage(dir, error) ?? dir, { cause: error })
  }
}

/** A disk that takes nothing now is no reason to do without the journal. */
function addIndexes(db: Database.Database): void {
  try {
    db.exec(laterIndexes)
  } catch {
    // Next time.
  }
}
