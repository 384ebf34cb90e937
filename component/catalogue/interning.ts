/**
 * Contents, folders, paths, words, tags and media types are kept once: this gives the number of each, making it if needed,
 * and forgets those that no entry needs any more.
 *
 * What holds: numbers that are remembered here are forgotten with what they stand for, and with a transaction that is taken back
 * (`forgetAll`).
 */

import type { Foresight } from './foresight.js'
import { indexedWords, unindexingIn } from './indexed-words.js'
import { lookUpsIn } from './look-ups.js'
import { nameKey } from './name-key.js'
import type { Db } from './open-catalogue.js'
import { typeMakersIn } from './type-makers.js'

/** Numbers remembered of each kind, and words: most of these come again and again. */
const remembered = 50_000
const rememberedWords = 200_000
/** Media types that are kept at most: people have some thousand, and who makes up others is not to fill the disk with them. */
const mostTypes = 16_384

export interface Interning {
  content(root: string, size: number): number
  /** The content, if it is the first of those that are under this path. */
  contentUnder(path: number, root: string, size: number): number | undefined
  folder(path: string): number
  /** One that is not there yet, with its words in the index. */
  makePath(folder: number, folderPath: string, name: string): number
  tag(name: string): number
  /** Nothing where it is another one than those that are there, and these are too many, or the peer of this share has brought too many of them. */
  mediaType(name: string, share: number): number | undefined
  peer(jid: string): number
  /** As the functions above, but only if it is there. */
  findFolder(path: string): number | undefined
  findPath(folder: number, name: string): number | undefined
  /** The content is under this path. */
  pair(content: number, path: number): void
  /** Forgets a path, and a content under it, if no entry has them. */
  drop(path: number, content: number): void
  dropFolder(id: number): void
  /** Forgets a peer who has nothing any more, and has blocked nobody. */
  dropPeer(id: number): void
  /** Forgets a tag that no share has. */
  dropTag(id: number): void
  /** Forgets all media types but these. */
  keepTypes(ids: ReadonlySet<number>): void
  /** Media types that are given out from now on are added here. */
  noteTypes(into: Set<number> | undefined): void
  forgetAll(): void
}

/** @param foresight told of what is dropped */
export function interningIn(db: Db, foresight: Foresight): Interning {
  const lookUps = lookUpsIn(db)
  /** Counts up the ids of a table. */
  const nextOf = (table: string) => {
    let last = db.prepare(`select coalesce(max(id), 0) from ${table}`).pluck().get() as number
    return () => ++last
  }
  const intern = (table: string, column: string) => {
    const find = db.prepare(`select id from ${table} where ${column} = ?`).pluck()
    const make = db.prepare(`insert into ${table} (id, ${column}) values (?, ?)`)
    const next = nextOf(table)
    const known = new Map<string, number>()
    return {
      find: (text: string) => known.get(text) ?? (find.get(text) as number | undefined),
      get(text: string): number {
        let id = known.get(text)
        if (id === undefined) {
          id = find.get(text) as number | undefined
          if (id === undefined) {
            id = next()
            make.run(id, text)
          }
          if (known.size >= remembered) known.clear()
          known.set(text, id)
        }
        return id
      },
      clear: () => known.clear(),
      forget: (text: string) => known.delete(text),
    }
  }
  const folders = intern('folder', 'path')
  const tags = intern('tag', 'name')
  const mediaTypes = intern('media_type', 'name')
  const allTypes = db.prepare('select id from media_type').pluck()
  const dropType = db.prepare('delete from media_type where id = ?')
  /** Counted when it is first asked for, and after what was taken back. */
  let types: number | undefined
  const makers = typeMakersIn(db)
  const countTypes = () => {
    const there = new Set(allTypes.all() as number[])
    makers.keep(there)
    return there.size
  }
  let noted: Set<number> | undefined
  const peers = intern('peer', 'jid')

  const findContent = db
    .prepare('select id from content where substr(root, 1, 6) = ? and root = ? and size = ?')
    .pluck()
  const makeContent = db.prepare('insert into content (id, root, size) values (?, ?, ?)')
  const makePath = db.prepare('insert into path (id, folder, key, name) values (?, ?, ?, ?)')
  const index = db.prepare('insert into words (rowid, text) values (?, ?)')
  const [nextContent, nextPath] = [nextOf('content'), nextOf('path')]
  const pair = db.prepare('insert into content_path (content, path) values (?, ?) on conflict do nothing')
  const unpair = db.prepare(
    `delete from content_path where content = @content and path = @path
       and not exists (select 1 from entry where path = @path and content = @content)`,
  )
  const makeWord = db.prepare('insert into word (text, path) values (?, ?) on conflict do nothing')
  const indexWord = db.prepare('insert into word_part (rowid, text) values (?, ?)')
  const knownWords = new Set<string>()

  const unneeded = db.prepare(
    `select f.path as folder, p.name from path p cross join folder f on f.id = p.folder
     where p.id = ? and not exists (select 1 from entry where path = p.id)`,
  )
  const dropPath = db.prepare('delete from path where id = ?')
  const unindex = unindexingIn(db)
  const dropContent = db.prepare(
    'delete from content where id = ? and not exists (select 1 from content_path where content = ?)',
  )
  // A share has a folder only while it has a path in or below it: no index is needed to see that nobody has it. '0' follows '/'.
  const dropFolder = db.prepare(
    `delete from folder where id = @id and path <> '' and not exists (select 1 from path p where p.folder = @id)
       and not exists (select 1 from folder f where f.path >= folder.path || '/' and f.path < folder.path || '0')`,
  )

  const dropPeer = db.prepare(
    `delete from peer where id = @id and not exists (select 1 from device where peer = @id)
       and not exists (select 1 from share where peer = @id) and not exists (select 1 from block where peer = @id)`,
  )

  const dropTag = db
    .prepare(
      'delete from tag where id = @id and not exists (select 1 from share_tag where tag = @id) returning name',
    )
    .pluck()

  const learn = (word: string, path: number) => {
    if (knownWords.has(word)) return
    const made = makeWord.run(word, path)
    if (made.changes > 0) indexWord.run(made.lastInsertRowid, word)
    if (knownWords.size >= rememberedWords) knownWords.clear()
    knownWords.add(word)
  }

  return {
    content(root, size) {
      const bytes = Buffer.from(root, 'hex')
      const found = findContent.get(bytes.subarray(0, 6), bytes, size) as number | undefined
      if (found !== undefined) return found
      const id = nextContent()
      makeContent.run(id, bytes, size)
      return id
    },
    contentUnder: lookUps.contentUnder,
    folder: folders.get,
    makePath(folderId, folder, name) {
      const id = nextPath()
      makePath.run(id, folderId, nameKey(name), name)
      const words = indexedWords(folder, name)
      for (const word of words) learn(word, id)
      index.run(id, words.join(' '))
      return id
    },
    tag: tags.get,
    mediaType(name, share) {
      const isThere = mediaTypes.find(name) !== undefined
      if (!isThere) {
        types ??= countTypes()
        if (types >= mostTypes || !makers.mayMake(share)) return undefined
        types++
      }
      // What is only found is not remembered.
      const id = mediaTypes.get(name)
      if (!isThere) makers.made(id, share)
      noted?.add(id)
      return id
    },
    peer: peers.get,
    findFolder: folders.find,
    findPath: lookUps.path,
    pair: (content, path) => void pair.run(content, path),
    drop(path, content) {
      if (unpair.run({ path, content }).changes === 0) return
      foresight.dropped('path', path)
      dropContent.run(content, content)
      const gone = unneeded.get(path) as { folder: string; name: string } | undefined
      if (gone === undefined) return
      dropPath.run(path)
      unindex(path, gone.folder, gone.name)
    },
    dropFolder(id) {
      if (dropFolder.run({ id }).changes === 0) return
      foresight.dropped('folder', id)
      folders.clear()
    },
    dropPeer(id) {
      if (dropPeer.run({ id }).changes > 0) peers.clear()
    },
    dropTag(id) {
      const name = dropTag.get({ id }) as string | undefined
      if (name !== undefined) tags.forget(name)
    },
    keepTypes(ids) {
      for (const id of allTypes.all() as number[]) if (!ids.has(id)) dropType.run(id)
      mediaTypes.clear()
      types = undefined
    },
    noteTypes(into) {
      noted = into
    },
    forgetAll() {
      types = undefined
      for (const kind of [folders, tags, mediaTypes, peers, knownWords]) kind.clear()
    },
  }
}
