/**
 * `shares.sqlite`: what this device shares, in the state folder, under the journal's lock.
 *
 * Rules: one connection writes, in the keeper's thread, and each commit is on the disk when it returns; the main thread
 * reads by another. A newer file is refused. Times and inodes are 64-bit integers that JavaScript's numbers do not hold:
 * they are compared in SQL.
 */

import { chmodSync } from 'node:fs'
import Database from 'better-sqlite3'

const version = 1

const schema = `
create table meta (name text primary key, value text not null) strict, without rowid;

create table share (
  n integer primary key autoincrement,
  id text not null unique,
  -- As its owner named it, absolute.
  path text not null unique,
  -- JSON: name, tags, visibleTo.
  settings text not null,
  -- What the component has been told of them; null while it does not know the share.
  told_settings text,
  -- The greatest number that was ever said, and the one the component is known to hold.
  said integer not null default 0,
  held integer not null default 0,
  -- The publication on its way, word for word, JSON (changes.ts).
  saying text,
  -- The whole list on its way, JSON.
  listing text,
  files integer not null default 0,
  bytes integer not null default 0,
  told integer not null default 0,
  left_out integer not null default 0
) strict;

-- Shares that the component is to forget.
create table ended (id text primary key) strict, without rowid;

create table folder (
  n integer primary key,
  share integer not null,
  parent integer,
  -- Below the share; empty for its first.
  path text not null,
  here integer not null default 1
) strict;
create unique index folder_path on folder (share, path);
create index folder_parent on folder (parent) where here = 1;

create table file (
  n integer primary key,
  share integer not null,
  folder integer not null,
  name text not null,
  -- When it was found to be gone, in seconds; null while it is here. What is gone is kept as a memory of its root.
  gone integer,
  size integer not null,
  mtime_ns integer not null,
  ctime_ns integer not null,
  dev integer not null,
  ino integer not null,
  -- Null until it was hashed since its content changed.
  root blob,
  -- 0 while it is to be hashed.
  fresh integer not null,
  type text,
  -- Whether the component has an entry at this path.
  told integer not null default 0,
  -- Whether there is something to tell: an entry to add, or one to take back.
  dirty integer not null default 0,
  -- Grows with each change of the row that matters to others.
  changed integer not null
) strict;
create unique index file_name on file (folder, name);
create index file_ino on file (ino);
create index file_root on file (root) where gone is null and root is not null;
create index file_unhashed on file (size) where fresh = 0 and gone is null;
create index file_to_add on file (share, n) where dirty = 1 and gone is null;
create index file_to_remove on file (share, n) where dirty = 1 and gone is not null;
create index file_gone on file (gone) where gone is not null;

create table left_out (
  folder integer not null,
  name text not null,
  why text not null,
  primary key (folder, name)
) strict, without rowid;
`

/** Where the folders of shares lie (places.ts). Made where it is missing: the books are older than it is. */
const place = `
create table if not exists place (
  share integer primary key,
  dev text,
  ino text,
  away integer not null
) strict`

/**
 * A folder found while the one above it counted as gone was noted as in none by earlier versions, and then never as gone itself.
 * The inner `rtrim` takes the last name off a path.
 */
const mendParents = `
update folder set parent = (
  select above.n from folder as above
  where above.share = folder.share
    and above.path = rtrim(rtrim(folder.path, replace(folder.path, '/', '')), '/')
)
where parent is null and here = 1 and path <> ''`

/** Opens it to write, and makes it where there is none. @throws the system's or SQLite's error; `state-newer` as code */
export function openToKeep(file: string): Database.Database {
  const db = new Database(file, { timeout: 5_000 })
  try {
    chmodSync(file, 0o600)
    db.pragma('journal_mode = WAL')
    db.pragma('synchronous = FULL')
    db.pragma('journal_size_limit = 67108864')
    const found = db.pragma('user_version', { simple: true }) as number
    if (found > version) throw Object.assign(new Error('a newer version wrote it'), { code: 'state-newer' })
    if (found === 0) {
      db.transaction(() => {
        db.exec(schema)
        db.pragma(`user_version = ${version}`)
      })()
    }
    db.exec(place)
    db.exec(mendParents)
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

/** Opens it to read; undefined where there is none yet, or none that can be read. */
export function openToRead(file: string): Database.Database | undefined {
  let db: Database.Database | undefined
  try {
    db = new Database(file, { fileMustExist: true, timeout: 1_000 })
    db.pragma('query_only = ON')
    if (db.pragma('user_version', { simple: true }) === version) return db
  } catch {
    // It is the keeper's business to say so.
  }
  db?.close()
  return undefined
}
