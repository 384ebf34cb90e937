/**
 * The tree of a share: what is in a folder, and all files below it. Folders come first in a folder's list, files first among all below, each
 * by name.
 */

import { parentOf } from '../../protocol/catalogue/paths.js'
import { aliveAt } from './deadline.js'
import { joinPath, optionalType, type SeenRow, seenOf } from './descriptions.js'
import { filesBelow } from './files-below.js'
import type { Db } from './open-catalogue.js'
import { sightOf, visible } from './sight.js'
import { type Ordered, orderedBy, spanned } from './spans.js'
import type { FileItem, FolderItem, Listing, Seen, ShareAddress, Span } from './values.js'

export interface Folders {
  /** `undefined`: there is no such folder, or it is not to be seen, or its page begins at what is not there any more. */
  list(
    asker: string,
    share: ShareAddress,
    folder: string,
    isDeep: boolean,
    span: Span,
  ): Listing<FolderItem | FileItem> | undefined
  entryAt(asker: string, share: ShareAddress, path: string): Seen | undefined
}

export interface FileRow {
  id: number
  name: string
  root: string
  size: number
  mediaType: string | null
  modified: number | null
}
interface FolderRow {
  id: number
  /** From the share on. */
  path: string
  files: number
}

export function foldersIn(db: Db): Folders {
  const sight = sightOf(db)
  const findShare = db
    .prepare(
      `select s.id from peer p cross join share s on s.peer = p.id
       where p.jid = @peer and s.name = @share and s.device is not null and ${visible}`,
    )
    .pluck()
  const findFolder = db
    .prepare(
      `select f.id from folder f where f.path = @folder and (f.path = '' or exists (
         select 1 from folder a join share_folder sf on sf.parent = a.id
         where a.path = @above and sf.share = @share and sf.folder = f.id))`,
    )
    .pluck()
  const subfolders = orderedBy<FolderRow>(
    db,
    'f.path',
    `select f.id, f.path, sf.entries as files from share_folder sf cross join folder f on f.id = sf.folder
     where sf.share = @share and sf.parent = @parent and f.path /*beyond*/ and ${aliveAt('f.id')}`,
  )
  const files = orderedBy<FileRow>(
    db,
    'p.name',
    `select e.path as id, p.name, lower(hex(c.root)) as root, c.size, m.name as mediaType, e.modified
     from entry e cross join path p on p.id = e.path cross join content c on c.id = e.content
       left join media_type m on m.id = e.media_type
     where e.share = @share and e.folder = @parent and p.name /*beyond*/ and ${aliveAt('p.id')}`,
  )
  const entryTags = db
    .prepare(
      'select t.name from entry_tag et join tag t on t.id = et.tag where et.share = ? and et.path = ? order by 1',
    )
    .pluck()
  const hasTags = db.prepare('select exists (select 1 from entry_tag where share = ?)').pluck()
  const entry = db.prepare(
    `select q.jid as peer, d.name as device, s.name as share, f.path as folder, p.name, lower(hex(c.root)) as root, c.size
     from peer q cross join share s on s.peer = q.id cross join device d on d.id = s.device
       cross join folder f on f.path = @folder cross join path p on p.folder = f.id and p.key = name_key(@file) and p.name = @file
       cross join entry e on e.share = s.id and e.folder = f.id and e.path = p.id cross join content c on c.id = e.content
     where q.jid = @peer and s.name = @share and ${visible}`,
  )

  const fileItem = (share: number, isTagged: boolean, path: string, row: FileRow): FileItem => {
    const { root, size, modified, mediaType } = row
    const tags = isTagged ? (entryTags.all(share, row.id) as string[]) : []
    return { kind: 'file', path, root, size, modified: modified ?? 0, tags, ...optionalType(mediaType) }
  }
  const deep = filesBelow(db, subfolders, files)

  /** Both lists as one: 'd' and 'f' before the names keep folders first. */
  const both = (folder: string): Ordered<{ key: string; row: FolderRow | FileRow }> => {
    const named = (name: string) => joinPath({ folder, name })
    const asFolder = (row: FolderRow) => ({
      key: `d${row.path.slice(folder === '' ? 0 : folder.length + 1)}`,
      row,
    })
    const asFile = (row: FileRow) => ({ key: `f${row.name}`, row })
    return {
      after(values, key, most) {
        const from = key.startsWith('d') ? named(key.slice(1)) : ''
        const first = key.startsWith('f') ? [] : subfolders.after(values, from, most).map(asFolder)
        const then = files.after(values, key.startsWith('f') ? key.slice(1) : '', most - first.length)
        return [...first, ...then.map(asFile)]
      },
      before(values, key, most) {
        const first = key.startsWith('d') ? [] : files.before(values, key.slice(1), most).map(asFile)
        const from = key.startsWith('d') ? named(key.slice(1)) : ''
        const then = subfolders.before(values, from, most - first.length)
        return [...first, ...then.map(asFolder)]
      },
      count: (values) => subfolders.count(values) + files.count(values),
    }
  }

  return {
    list(asker, address, folder, isDeep, span) {
      const share = findShare.get({ ...address, ...sight(asker) }) as number | undefined
      const parent =
        share === undefined ? undefined : findFolder.get({ folder, above: parentOf(folder), share })
      // A share without any entry has no folder, but can be looked at.
      if (share === undefined || parent === undefined) {
        return share !== undefined && folder === '' ? { items: [], isMore: false, count: 0 } : undefined
      }
      // In most shares nothing has a tag of its own: that is asked once, not for each file.
      const isTagged = hasTags.get(share) === 1
      if (isDeep) {
        return deep({ share, parent: parent as number, folder }, span, (path, row) =>
          fileItem(share, isTagged, path, row),
        )
      }
      return spanned(
        both(folder),
        { share, parent },
        span,
        ({ key }) => key,
        ({ key, row }) => {
          const path = key.slice(1)
          return 'files' in row
            ? { kind: 'folder', path, files: row.files }
            : fileItem(share, isTagged, path, row)
        },
      )
    },
    entryAt(asker, address, path) {
      const cut = path.lastIndexOf('/')
      const [folder, file] = cut < 0 ? ['', path] : [path.slice(0, cut), path.slice(cut + 1)]
      const row = entry.get({ ...address, folder, file, ...sight(asker) }) as SeenRow | undefined
      return row && seenOf(row)
    },
  }
}

export type { FolderRow }
