/**
 * Looking around: peers, the shares of one, the folders and files of a share, tags. In order of names, page by page
 * after the last name seen, so that pages neither repeat nor skip while entries come and go.
 */

import { parentOf } from '../../protocol/catalogue/paths.js'
import { joinPath, optional } from './descriptions.js'
import type { Db } from './open-catalogue.js'
import { sightOf, visible } from './sight.js'
import type { FileItem, FolderItem, PeerItem, ShareItem, ShareName } from './values.js'

export interface Listing<T> {
  items: T[]
  /** What to ask for `after` for the next page; none at the end. */
  next?: string
}

export interface Browsing {
  /** Peers with something that the asker may see. */
  peers(asker: string, which: 'online' | 'offline' | 'all', after: string, max: number): Listing<PeerItem>
  shares(asker: string, peer: string, after: string, max: number): Listing<ShareItem>
  /** Folders first. `undefined`: there is no such folder, or it is not to be seen. */
  folder(
    asker: string,
    share: ShareName,
    folder: string,
    after: string,
    max: number,
  ): Listing<FolderItem | FileItem> | undefined
  /** Tags and how many entries bear them. */
  tags(asker: string, after: string, max: number): Listing<{ tag: string; entries: number }>
}

export function browsingIn(db: Db): Browsing {
  const sight = sightOf(db)
  const peersSql = (having: string) =>
    db.prepare(
      `select p.jid as peer,
         (select max(s.online) from share s where s.peer = p.id and s.entries > 0 and ${visible}) as online,
         (select sum(s.entries) from share s where s.peer = p.id and ${visible}) as entries
       from peer p where p.jid > @after and alive(p.id) and ${having} order by p.jid limit @max`,
    )
  const peers = {
    all: peersSql('online is not null'),
    online: peersSql('online = 1'),
    offline: peersSql('online = 0'),
  }
  const shares = db.prepare(
    `select s.id, p.jid as peer, d.name as device, s.name as share, s.entries, s.online
     from peer p cross join share s on s.peer = p.id cross join device d on d.id = s.device
     where p.jid = @peer and d.name || ' ' || s.name > @after and ${visible}
     order by d.name || ' ' || s.name limit @max`,
  )
  const shareTags = db
    .prepare(
      'select t.name from share_tag st join tag t on t.id = st.tag where st.share = ? and st.whole order by 1',
    )
    .pluck()
  const findShare = db
    .prepare(
      `select s.id from peer p cross join device d on d.peer = p.id cross join share s on s.device = d.id
       where p.jid = @peer and d.name = @device and s.name = @share and ${visible}`,
    )
    .pluck()
  const findFolder = db
    .prepare(
      `select f.id from folder f where f.path = @folder and (f.path = '' or exists (
         select 1 from folder a join share_folder sf on sf.parent = a.id
         where a.path = @above and sf.share = @share and sf.folder = f.id))`,
    )
    .pluck()
  const folders = db.prepare(
    `select f.path as name, sf.entries from share_folder sf cross join folder f on f.id = sf.folder
     where sf.share = @share and sf.parent = @parent and f.path > @after and alive(f.id) order by f.path limit @max`,
  )
  const files = db.prepare(
    `select p.name, lower(hex(c.root)) as root, c.size, m.name as mediaType, e.modified
     from entry e cross join path p on p.id = e.path cross join content c on c.id = e.content
       left join media_type m on m.id = e.media_type
     where e.share = @share and e.folder = @parent and p.name > @after and alive(p.id) order by p.name limit @max`,
  )
  const tags = db.prepare(
    `select t.name as tag, sum(iif(st.whole, s.entries, st.entries)) as entries
     from tag t cross join share_tag st on st.tag = t.id cross join share s on s.id = st.share
     where t.name > @after and alive(s.id) and ${visible}
     group by t.name having sum(iif(st.whole, s.entries, st.entries)) > 0 order by t.name limit @max`,
  )

  return {
    peers(asker, which, after, max) {
      const rows = peers[which].all({ after, max, ...sight(asker) }) as (PeerItem & { online: number })[]
      const items = rows.map(({ peer, online, entries }) => ({ peer, isOnline: online === 1, entries }))
      return listing(items, max, ({ peer }) => peer)
    },
    shares(asker, peer, after, max) {
      const rows = shares.all({ peer, after, max, ...sight(asker) }) as (ShareName & {
        id: number
        entries: number
        online: number
      })[]
      const items = rows.map(({ id, online, ...row }): ShareItem => {
        return { kind: 'share', ...row, isOnline: online === 1, tags: shareTags.all(id) as string[] }
      })
      return listing(items, max, ({ device, share }) => `${device} ${share}`)
    },
    folder(asker, share, folder, after, max) {
      const id = findShare.get({ ...share, ...sight(asker) }) as number | undefined
      const parent =
        id === undefined ? undefined : findFolder.get({ folder, above: parentOf(folder), share: id })
      // A share without any entry has no folder, but can be looked at.
      if (parent === undefined) return id !== undefined && folder === '' ? { items: [] } : undefined
      const items: (FolderItem | FileItem)[] = []
      if (!after.startsWith('f')) {
        const from = after === '' ? '' : joinPath({ folder, name: after.slice(1) })
        const rows = folders.all({ share: id, parent, after: from, max }) as {
          name: string
          entries: number
        }[]
        for (const { name, entries } of rows) {
          items.push({ kind: 'folder', name: name.slice(name.lastIndexOf('/') + 1), entries })
        }
      }
      if (items.length < max) {
        const from = after.startsWith('f') ? after.slice(1) : ''
        for (const row of files.all({
          share: id,
          parent,
          after: from,
          max: max - items.length,
        }) as FileRow[]) {
          items.push({ kind: 'file', name: row.name, root: row.root, size: row.size, ...optional(row) })
        }
      }
      return listing(items, max, ({ kind, name }) => `${kind === 'folder' ? 'd' : 'f'}${name}`)
    },
    tags(asker, after, max) {
      const items = tags.all({ after, max, ...sight(asker) }) as { tag: string; entries: number }[]
      return listing(items, max, ({ tag }) => tag)
    },
  }
}

interface FileRow {
  name: string
  root: string
  size: number
  mediaType: string | null
  modified: number | null
}

function listing<T>(items: T[], max: number, cursor: (item: T) => string): Listing<T> {
  return items.length < max ? { items } : { items, next: cursor(items.at(-1)!) }
}
