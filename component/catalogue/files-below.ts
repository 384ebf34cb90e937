/**
 * All files in and below a folder, page by page: those of a folder by name, then those below it, folder by folder. What holds: a cursor is the
 * number of a path, which never stands for another; where that path is gone, nobody knows where the page began.
 */

import { parentOf } from '../../protocol/catalogue/paths.js'
import { joinPath } from './descriptions.js'
import type { FileRow, FolderRow } from './folders.js'
import type { Db } from './open-catalogue.js'
import type { Ordered } from './spans.js'
import type { FileItem, Listing, Span } from './values.js'

interface Top {
  share: number
  parent: number
  folder: string
}
interface Place {
  id: number
  path: string
}
interface Found {
  path: string
  row: FileRow
}

/** Files and folders that are fetched at once, at most. */
const mostAtOnce = 101

export function filesBelow(db: Db, subfolders: Ordered<FolderRow>, files: Ordered<FileRow>) {
  const placeOf = db.prepare(
    'select f.id, f.path, p.name from path p join folder f on f.id = p.folder where p.id = ?',
  )
  const folderId = db.prepare('select id from folder where path = ?').pluck()
  const countIn = db
    .prepare('select coalesce(sum(entries), 0) from share_folder where share = @share and parent = @parent')
    .pluck()

  /** No more than the page that is being made, and one that tells whether there is more. */
  let atOnce = mostAtOnce
  /** The rows of one folder after or before a key, fetched as they are needed. */
  function* rowsOf<Row>(
    ordered: Ordered<Row>,
    way: 'after' | 'before',
    values: object,
    from: string,
    keyOf: (row: Row) => string,
  ) {
    for (let key = from; ; ) {
      const rows = ordered[way](values, key, atOnce)
      yield* rows
      if (rows.length < atOnce) return
      key = keyOf(rows.at(-1)!)
    }
  }
  function* filesIn(
    share: number,
    { id, path }: Place,
    way: 'after' | 'before',
    from = '',
  ): Generator<Found> {
    for (const row of rowsOf(files, way, { share, parent: id }, from, ({ name }) => name)) {
      yield { path: joinPath({ folder: path, name: row.name }), row }
    }
  }
  function* foldersIn(share: number, { id }: Place, way: 'after' | 'before', from = ''): Generator<Found> {
    for (const row of rowsOf(subfolders, way, { share, parent: id }, from, ({ path }) => path)) {
      yield* way === 'after' ? onward(share, row) : backward(share, row)
    }
  }
  function* onward(share: number, place: Place): Generator<Found> {
    yield* filesIn(share, place, 'after')
    yield* foldersIn(share, place, 'after')
  }
  function* backward(share: number, place: Place): Generator<Found> {
    yield* foldersIn(share, place, 'before')
    yield* filesIn(share, place, 'before')
  }
  /** From a file on, up to the folder that was asked for. */
  function* from(top: Top, place: Place & { name: string }, way: 'after' | 'before'): Generator<Found> {
    yield* filesIn(top.share, place, way, place.name)
    if (way === 'after') yield* foldersIn(top.share, place, way)
    for (let below = place.path; below !== top.folder; below = parentOf(below)) {
      const path = parentOf(below)
      const above = { id: folderId.get(path) as number, path }
      yield* foldersIn(top.share, above, way, below)
      if (way === 'before') yield* filesIn(top.share, above, way)
    }
  }

  return (
    top: Top,
    { after = '', before, max }: Span,
    itemOf: (path: string, row: FileRow) => FileItem,
  ): Listing<FileItem> | undefined => {
    const place = { id: top.parent, path: top.folder }
    if (max === 0) {
      const values = { share: top.share, parent: top.parent }
      return { items: [], isMore: false, count: (countIn.get(values) as number) + files.count(values) }
    }
    atOnce = Math.min(mostAtOnce, max + 1)
    const way = before === undefined ? 'after' : 'before'
    const cursor = before ?? after
    let rows: Iterable<Found>
    if (cursor === '') rows = way === 'after' ? onward(top.share, place) : backward(top.share, place)
    else {
      const begin = placeOf.get(/^\d{1,15}$/.test(cursor) ? Number(cursor) : -1) as
        | (Place & { name: string })
        | undefined
      const isBelow =
        begin && (begin.path === top.folder || top.folder === '' || begin.path.startsWith(`${top.folder}/`))
      if (begin === undefined || !isBelow) return undefined
      rows = from(top, begin, way)
    }
    const shown: { cursor: string; value: FileItem }[] = []
    let isMore = false
    for (const { path, row } of rows) {
      isMore = shown.length === max
      if (isMore) break
      const below = top.folder === '' ? path : path.slice(top.folder.length + 1)
      shown.push({ cursor: String(row.id), value: itemOf(below, row) })
    }
    return { items: way === 'after' ? shown : shown.reverse(), isMore }
  }
}
