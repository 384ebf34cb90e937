/**
 * The entries of a share: put and taken away, with all that is counted of them.
 *
 * What holds: `share.entries` and its bytes, the entries of each folder, of each tag and of the whole are what counting
 * would give.
 */

import { parentOf, splitPath } from '../../protocol/catalogue/paths.js'
import { type Foreseen, nothingForeseen } from './foresight-memory.js'
import type { Interning } from './interning.js'
import { maxTagsOfPeer, removalSlice } from './limits.js'
import type { Db } from './open-catalogue.js'
import type { Entry } from './values.js'

interface Row {
  folder: number
  path: number
  content: number
  size: number
}

/** Entries that came or went in a folder; numbers are 0 where they are not known. */
interface Uncounted {
  by: number
  id: number
  /** The folder that it is in. */
  above: number
}

/** What came of putting an entry. */
export interface Put {
  /** Whether there was none under this path before, or one of another content. */
  isNew: boolean
  content: number
  path: number
  /** Whether it is there without its media type, or without some of its tags: its peer has too many. */
  isLess: boolean
}

export interface Entries {
  /** @param seen what is known of it already */
  put(share: number, entry: Entry, seen?: Readonly<Foreseen>): Put
  /** @returns the content that it had, if there was one */
  remove(share: number, path: string): number | undefined
  has(share: number, path: string): boolean
  /** Counts what was put and removed since the last time, all of one share. Ends every change. */
  count(share: number): void
  /** Forgets what was to be counted: it was taken back. */
  forget(): void
  /** Takes away some of what a share has. @returns how many; 0 when nothing is left */
  removeSome(share: number): number
}

/** Entries between two looks at whether somebody searches: they take half a millisecond. */
const unaware = 8

/** @param giveWay called now and then, also while a transaction is open: it may wait */
export function entriesIn(db: Db, interning: Interning, giveWay = () => {}): Entries {
  const find = db.prepare(
    `select e.folder, e.path, e.content, c.size from entry e cross join content c on c.id = e.content
     where e.share = ? and e.folder = ? and e.path = ?`,
  )
  const some = db.prepare(
    `select e.folder, e.path, e.content, c.size from entry e cross join content c on c.id = e.content
     where e.share = ? limit ${removalSlice}`,
  )
  const putNew = db.prepare(
    `insert into entry (share, folder, path, content, modified, media_type) values (?, ?, ?, ?, ?, ?)
     on conflict do nothing`,
  )
  const change = db.prepare(
    `update entry set content = @content, modified = @modified, media_type = @type
     where share = @share and folder = @folder and path = @path`,
  )
  const remove = db.prepare('delete from entry where share = ? and folder = ? and path = ?')
  const putTag = db.prepare(
    'insert into entry_tag (share, path, tag) values (?, ?, ?) on conflict do nothing',
  )
  const tagsOf = db.prepare('select tag from entry_tag where share = ? and path = ?').pluck()
  const removeTags = db.prepare('delete from entry_tag where share = ? and path = ?')
  const countTag = db.prepare(
    `insert into share_tag (share, tag, whole, entries) values (?, ?, 0, 1)
     on conflict do update set entries = entries + 1`,
  )
  const countShare = db.prepare(
    'update share set entries = entries + ?, bytes = max(0, bytes + ?) where id = ?',
  )
  // One row by its number: else SQLite wants to be able to take back just this statement, and the index of words is written out for that.
  const countAll = db.prepare('update total set entries = entries + ? where rowid = 1')
  const countFolder = db.prepare(
    `insert into share_folder (share, parent, folder, entries) values (?, ?, ?, ?)
     on conflict do update set entries = entries + excluded.entries`,
  )
  const dropFolder = db.prepare(
    'delete from share_folder where share = ? and parent = ? and folder = ? and entries = 0',
  )
  const bearsTag = db.prepare('select 1 from share_tag where share = ? and tag = ?').pluck()
  // What a share takes the place of does not count, nor what is being removed.
  const tagsOfPeer = db
    .prepare(
      `select count(*) from (
         select 1 from share own cross join share s on s.peer = own.peer cross join share_tag st on st.share = s.id
         where own.id = @share and (s.id = own.id or s.name <> own.name and (s.device is not null or s.filling))
         limit ${maxTagsOfPeer})`,
    )
    .pluck()
  const uncountTag = db
    .prepare(
      'update share_tag set entries = entries - 1 where share = ? and tag = ? returning entries = 0 and not whole',
    )
    .pluck()
  const dropTag = db.prepare(
    'delete from share_tag where share = ? and tag = ? and entries = 0 and not whole',
  )
  const folderPath = db.prepare('select path from folder where id = ?').pluck()

  /** What is to be counted at the end of a change: most of its entries are in few folders. */
  const uncounted = new Map<string, Uncounted>()
  let bytes = 0
  /** Entries that are not there any more: perhaps nobody has their paths and contents. Looked at when the change is done: what was renamed is needed again at once. */
  const loose: { path: number; content: number }[] = []
  /** Tags that perhaps no entry of the share bears, by the same rule. */
  const looseTags = new Set<number>()
  const count = (folder: string, by: 1 | -1, id: number, above: number) => {
    const before = uncounted.get(folder)
    if (before === undefined) uncounted.set(folder, { by, id, above })
    else before.by += by
  }
  const countAllOf = (share: number) => {
    let sum = 0
    const below = new Map<string, { by: number; id: number }>()
    for (const [path, { by, id, above }] of uncounted) {
      sum += by
      let known = id
      let next = above
      for (let folder = path; folder !== ''; folder = parentOf(folder)) {
        const before = below.get(folder)
        if (before === undefined) below.set(folder, { by, id: known })
        else before.by += by
        known = next
        next = 0
      }
    }
    uncounted.clear()
    for (const { path, content } of loose) interning.drop(path, content)
    loose.length = 0
    for (const tag of looseTags) {
      dropTag.run(share, tag)
      interning.dropTag(tag)
    }
    looseTags.clear()
    borne = undefined
    countShare.run(sum, bytes, share)
    countAll.run(sum)
    bytes = 0
    // Folders before those they are in, so that none is forgotten while one below it is to be counted.
    const innermostFirst = [...below].sort(([a], [b]) => b.length - a.length)
    for (const [folder, { by, id }] of innermostFirst) {
      if (by === 0) continue
      const parent = parentOf(folder)
      const above = below.get(parent)?.id || interning.folder(parent)
      const self = id || interning.folder(folder)
      countFolder.run(share, above, self, by)
      if (by < 0 && dropFolder.run(share, above, self).changes > 0) interning.dropFolder(self)
    }
  }
  const untag = (share: number, path: number) => {
    const tags = tagsOf.all(share, path) as number[]
    if (tags.length === 0) return
    for (const tag of tags) if (uncountTag.get(share, tag) === 1) looseTags.add(tag)
    removeTags.run(share, path)
  }
  /** Tags of the peer: counted once in a change, so that nobody makes them be counted again and again. */
  let borne: number | undefined
  const mayBear = (share: number, tag: number) => {
    if (bearsTag.get(share, tag) !== undefined) return true
    borne ??= tagsOfPeer.get({ share }) as number
    return borne++ < maxTagsOfPeer
  }
  let touched = 0
  const touch = () => {
    if (++touched % unaware === 0) giveWay()
  }
  const take = (share: number, row: Row) => {
    touch()
    remove.run(share, row.folder, row.path)
    untag(share, row.path)
    loose.push(row)
    count(folderPath.get(row.folder) as string, -1, row.folder, 0)
    bytes -= row.size
  }

  const rowAt = (share: number, path: string): Row | undefined => {
    const split = splitPath(path)
    const folder = split && interning.findFolder(split.folder)
    const id = folder === undefined ? undefined : interning.findPath(folder, split!.name)
    return id === undefined ? undefined : (find.get(share, folder, id) as Row | undefined)
  }

  return {
    put(share, entry, seen = nothingForeseen) {
      touch()
      const { root, size, modified } = entry
      // It is known to be a path.
      const folder = parentOf(entry.path)
      const name = entry.path.slice(entry.path.lastIndexOf('/') + 1)
      const folderId = seen.folder || interning.folder(folder)
      const known = seen.path || interning.findPath(folderId, name)
      // Most of what people have is what others have under the same path.
      const same =
        seen.content || (known === undefined ? undefined : interning.contentUnder(known, root, size))
      const path = known ?? interning.makePath(folderId, folder, name)
      const content = same ?? interning.content(root, size)
      if (same === undefined) interning.pair(content, path)
      const type = (entry.mediaType !== undefined && interning.mediaType(entry.mediaType, share)) || null
      let isLess = entry.mediaType !== undefined && type === null
      const isThere = putNew.run(share, folderId, path, content, modified, type).changes === 0
      const before = isThere ? (find.get(share, folderId, path) as Row) : undefined
      bytes += size - (before?.size ?? 0)
      if (before === undefined) count(folder, 1, folderId, seen.above)
      else {
        change.run({ share, folder: folderId, path, content, modified, type })
        untag(share, path)
        if (before.content !== content) loose.push(before)
      }
      for (const tag of entry.tags === undefined ? [] : new Set(entry.tags)) {
        const id = interning.tag(tag)
        if (!mayBear(share, id)) {
          isLess = true
          looseTags.add(id)
        } else if (putTag.run(share, path, id).changes > 0) countTag.run(share, id)
      }
      return { isNew: before?.content !== content, content, path, isLess }
    },
    remove(share, path) {
      const row = rowAt(share, path)
      if (row !== undefined) take(share, row)
      return row?.content
    },
    has: (share, path) => rowAt(share, path) !== undefined,
    count: countAllOf,
    forget() {
      uncounted.clear()
      loose.length = 0
      looseTags.clear()
      borne = undefined
      bytes = 0
    },
    removeSome(share) {
      const rows = some.all(share) as Row[]
      for (const row of rows) take(share, row)
      countAllOf(share)
      return rows.length
    },
  }
}
