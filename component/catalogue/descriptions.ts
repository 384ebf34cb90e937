/**
 * What is shown of a content that was found, and who has it. It is looked up when a page is asked for, and for
 * whoever asks: what has gone or is hidden since the result was frozen is left out.
 */

import { aliveAt } from './deadline.js'
import { countedSources, maxFrozen } from './limits.js'
import type { Db } from './open-catalogue.js'
import type { Found } from './search.js'
import { type Sight, sightOf, visible } from './sight.js'
import type { Hit, Root, Seen, Source } from './values.js'

/** One source of a content: numbers of a share and a path. */
export interface FoundSource {
  share: number
  path: number
}

export interface Descriptions {
  hits(asker: string, found: readonly Found[]): (Hit | undefined)[]
  /** Those who have it, most useful first: online, then seen last. At most `maxFrozen`. */
  findSources(asker: string, root: Root): FoundSource[]
  sources(asker: string, root: Root, found: readonly FoundSource[]): (Source | undefined)[]
  /** An entry of a peer with this content: online ones first. */
  entryOf(asker: string, peer: string, root: Root, device?: string): Seen | undefined
}

export function descriptionsIn(db: Db): Descriptions {
  const sight = sightOf(db)
  // Rows as arrays: a page takes two of them for each of its items, and naming their columns costs as much as finding them.
  const hit = db
    .prepare(
      `select lower(hex(c.root)), c.size, f.path, p.name, m.name, e.modified, q.jid, d.name, s.name
     from path p cross join entry e on e.share = @share and e.folder = p.folder and e.path = p.id
       cross join share s on s.id = e.share cross join device d on d.id = s.device cross join peer q on q.id = s.peer
       cross join content c on c.id = e.content cross join folder f on f.id = p.folder
       left join media_type m on m.id = e.media_type
     where p.id = @path and e.content = @content and ${visible}`,
    )
    .raw()
  const other = db.prepare(
    `select e.content, e.path, e.share from content_path cp cross join entry e on e.path = cp.path and e.content = cp.content
       cross join share s on s.id = e.share where cp.content = @content and ${visible} and ${aliveAt('e.path')} limit 1`,
  )
  const counts = db
    .prepare(
      `select count(*) as sources, coalesce(sum(online), 0) as online from (
       select max(online) as online from (
         select s.peer, s.online from content_path cp cross join entry e on e.path = cp.path and e.content = cp.content
           cross join share s on s.id = e.share where cp.content = @content and ${visible} and ${aliveAt('e.path')} limit ${countedSources})
       group by peer)`,
    )
    .raw()
  const keyed = 'substr(c.root, 1, 6) = @key and c.root = @root'
  const find = db.prepare(
    `select s.id as share, e.path from content c cross join content_path cp on cp.content = c.id
       cross join entry e on e.path = cp.path and e.content = cp.content
       cross join share s on s.id = e.share cross join device d on d.id = s.device
     where ${keyed} and ${aliveAt('e.path')} and ${visible}
     order by s.online desc, d.seen desc, s.id, e.path limit ${maxFrozen}`,
  )
  const source = db.prepare(
    `select q.jid as peer, d.name as device, s.name as share, s.online, e.modified, f.path as folder, p.name
     from path p cross join entry e on e.share = @share and e.folder = p.folder and e.path = p.id
       cross join share s on s.id = e.share cross join device d on d.id = s.device cross join peer q on q.id = s.peer
       cross join folder f on f.id = p.folder cross join content c on c.id = e.content
     where p.id = @path and c.root = @root and ${visible}`,
  )
  const ofPeer = db.prepare(
    `select q.jid as peer, d.name as device, s.name as share, f.path as folder, p.name, lower(hex(c.root)) as root, c.size
     from content c cross join content_path cp on cp.content = c.id
       cross join entry e on e.path = cp.path and e.content = cp.content cross join share s on s.id = e.share
       cross join device d on d.id = s.device cross join peer q on q.id = s.peer
       cross join path p on p.id = e.path cross join folder f on f.id = p.folder
     where ${keyed} and q.jid = @peer and d.name = coalesce(@device, d.name) and ${visible} and ${aliveAt('e.path')}
     order by s.online desc, s.id, e.path limit 1`,
  )

  const hitOf = (found: Found, eyes: Sight): Hit | undefined => {
    const values = { content: found.content, path: found.path, share: found.share, asker: eyes.asker }
    let row = hit.get(values) as HitRow | undefined
    if (row === undefined) {
      // Not there any more; perhaps somewhere else.
      const elsewhere = other.get(values) as Found | undefined
      if (elsewhere !== undefined) row = hit.get({ ...elsewhere, ...eyes }) as HitRow | undefined
    }
    if (row === undefined) return undefined
    const [root, size, folder, name, mediaType, modified, peer, device, share] = row
    const [sources, online] = counts.get(values) as [sources: number, online: number]
    return {
      peer,
      device,
      share,
      root,
      size,
      path: joinPath({ folder, name }),
      modified: modified ?? 0,
      ...optionalType(mediaType),
      sources,
      online,
    }
  }

  return {
    hits(asker, found) {
      if (found.length === 0) return []
      const eyes = sight(asker)
      return found.map((one) => hitOf(one, eyes))
    },
    findSources: (asker, root) => find.all({ ...keysOf(root), ...sight(asker) }) as FoundSource[],
    sources(asker, root, found) {
      const eyes = { root: Buffer.from(root, 'hex'), ...sight(asker) }
      return found.map((one) => {
        const row = source.get({ share: one.share, path: one.path, ...eyes }) as SourceRow | undefined
        if (row === undefined) return undefined
        const { peer, device, share, modified } = row
        return {
          peer,
          device,
          share,
          path: joinPath(row),
          isOnline: row.online === 1,
          modified: modified ?? 0,
        }
      })
    },
    entryOf(asker, peer, root, device) {
      const row = ofPeer.get({ ...keysOf(root), peer, device: device ?? null, ...sight(asker) })
      return row === undefined ? undefined : seenOf(row as SeenRow)
    },
  }
}

function keysOf(root: Root): { root: Buffer; key: Buffer } {
  const bytes = Buffer.from(root, 'hex')
  return { root: bytes, key: bytes.subarray(0, 6) }
}

type HitRow = [
  root: string,
  size: number,
  folder: string,
  name: string,
  mediaType: string | null,
  modified: number | null,
  peer: string,
  device: string,
  share: string,
]
interface SourceRow {
  peer: string
  device: string
  share: string
  online: number
  folder: string
  name: string
  modified: number | null
}
export type SeenRow = Omit<Seen, 'path'> & { folder: string; name: string }

export function seenOf({ folder, name, ...row }: SeenRow): Seen {
  return { ...row, path: joinPath({ folder, name }) }
}

export const joinPath = ({ folder, name }: { folder: string; name: string }) =>
  folder === '' ? name : `${folder}/${name}`

export const optionalType = (mediaType: string | null) => (mediaType === null ? {} : { mediaType })
