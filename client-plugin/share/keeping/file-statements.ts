/** What the rows of folders and files are asked and told in SQL (files.ts): there alone, since times and inodes are 64-bit integers. */

import type Database from 'better-sqlite3'

/** One row, or many. */
const rows = {
  count: `
    select count(*) filter (where gone is null) as files,
      coalesce(sum(size) filter (where gone is null), 0) as bytes,
      count(*) filter (where gone is null and fresh = 0) as unhashedFiles,
      coalesce(sum(size) filter (where gone is null and fresh = 0), 0) as unhashedBytes,
      coalesce(sum(told), 0) as told, coalesce(sum(dirty), 0) as dirty
    from file where share = ?`,
  folder: 'select n, here from folder where share = ? and path = ?',
  addFolder: 'insert into folder (share, parent, path) values (?, ?, ?)',
  // The one above it may have been forgotten meanwhile, and be another row.
  findFolder: 'update folder set here = 1, parent = coalesce(?, parent) where n = ?',
  loseFolder: 'update folder set here = 0 where n = ?',
  foldersIn: 'select n, path from folder where parent = ? and here = 1',
  foldersBelow: `
    select n, path from folder
    where share = ? and here = 1 and (path = ? or (path >= ? and path < ?))`,
  foldersOf: 'select n, path from folder where share = ? and here = 1',
  filesIn: 'select n, name from file where folder = ? and gone is null',
  isUnhashed: `
    select file.n from folder join file on file.folder = folder.n
    where folder.share = ? and path = ? and name = ? and gone is null and fresh = 0`,
  file: `
    select n, share, gone, size, root, fresh, told, dirty,
      size = :size and mtime_ns = :mtime and dev = :dev and ino = :ino and ctime_ns >= :born as same,
      ctime_ns = :ctime as same_ctime, dev = :dev and ino = :ino as same_ino
    from file where folder = :folder and name = :name`,
  row: 'select n, share, gone, size, root, fresh, told, dirty, mtime_ns / 1000000000 as modified from file where n = ?',
  addFile: `
    insert into file
      (share, folder, name, size, mtime_ns, ctime_ns, dev, ino, root, fresh, type, dirty, changed)
    values (:share, :folder, :name, :size, :mtime, :ctime, :dev, :ino, :root, :fresh, :type, :dirty, :changed)`,
  setFile:
    'update file set gone = :gone, root = :root, fresh = :fresh, dirty = :dirty, changed = :changed where n = :n',
  stamp: `
    update file set size = :size, mtime_ns = :mtime, ctime_ns = :ctime, dev = :dev, ino = :ino where n = :n`,
  sameInode: `
    select file.root, ctime_ns = :ctime as same_ctime, gone, file.share, folder.path, name
    from file join folder on folder.n = file.folder
    where ino = :ino and dev = :dev and size = :size and mtime_ns = :mtime and ctime_ns >= :born
      and root is not null and fresh = 1 and file.n <> :but
    limit 8`,
  others: `
    select other.share, folder.path, other.name
    from file join file as other on other.ino = file.ino and other.dev = file.dev
      join folder on folder.n = other.folder
    where file.n = :n and other.n <> :n and other.gone is null limit 64`,
  unhashed: `
    select file.n, file.share, folder.n as folderNumber, folder.path as folder, name, size
    from file join folder on folder.n = file.folder
    where fresh = 0 and gone is null and size >= :from and size <= :to
      and (mtime_ns < :before or mtime_ns > :after)
      and file.share not in (select share from place where away = 1)
    order by size limit :max`,
  renumber: 'update file set dev = :to where share = :share and dev = :from',
  leftOutIn: 'select name, why from left_out where folder = ?',
  clearLeftOut: 'delete from left_out where folder = ?',
  leaveOut: 'insert or replace into left_out values (?, ?, ?)',
  keepIn: 'delete from left_out where folder = ? and name = ?',
  leftOutAs: `
    select path, name from left_out cross join folder on folder.n = folder
    where share = ? and here = 1 and why = ? limit 256`,
  endFolders: 'update folder set share = ?, here = 0 where share = ?',
  endFiles:
    'update file set share = :ended, gone = coalesce(gone, :now), told = 0, dirty = 0 where share = :share',
}

/** One value, or none. */
const values = {
  lastChanged: 'select max(changed) from file',
  fileNamed: 'select n from file where folder = ? and name = ? and gone is null',
  leftOutOne: 'select why from left_out where folder = ? and name = ?',
  countLeftOut: 'select count(*) from folder join left_out on folder = n where share = ? and here = 1',
}

type Name = keyof typeof rows | keyof typeof values

export function prepare(db: Database.Database): Record<Name, Database.Statement> {
  const prepared = Object.entries(rows).map(([name, text]) => [name, db.prepare(text)])
  const plucked = Object.entries(values).map(([name, text]) => [name, db.prepare(text).pluck()])
  return Object.fromEntries([...prepared, ...plucked])
}
