/**
 * What is shown of a content that was found, and who has it. It is looked up when a page is asked for, and for
 * whoever asks: what has gone or is hidden since the result was frozen is left out.
 */

import { countedSources, maxFrozen } from './limits.js'
import type { Db } from './open-catalogue.js'
import type { Found } from './search.js'
import { sightOf, visible } from './sight.js'
import type { Hit, Root, Source } from './values.js'

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
}

export function descriptionsIn(db: Db): Descriptions {
  const sight = sightOf(db)
  const hit = db.prepare(
    `select lower(hex(c.root)) as root, c.size, f.path as folder, p.name, m.name as mediaType, e.modified
     from entry e cross join share s on s.id = e.share cross join content c on c.id = e.content
       cross join path p on p.id = e.path cross join folder f on f.id = p.folder
       left join media_type m on m.id = e.media_type
     where e.content = @content and e.path = @path and ${visible} limit 1`,
  )
  const anyPath = db
    .prepare(
      `select e.path from entry e cross join share s on s.id = e.share
       where e.content = @content and ${visible} limit 1`,
    )
    .pluck()
  const counts = db.prepare(
    `select count(*) as sources, coalesce(sum(online), 0) as online from (
       select max(online) as online from (
         select s.device, s.online from entry e cross join share s on s.id = e.share
         where e.content = @content and ${visible} limit ${countedSources})
       group by device)`,
  )
  const find = db.prepare(
    `select s.id as share, e.path from content c cross join entry e on e.content = c.id
       cross join share s on s.id = e.share cross join device d on d.id = s.device
     where c.root = @root and alive(e.path) and ${visible}
     order by s.online desc, d.seen desc, s.id, e.path limit ${maxFrozen}`,
  )
  const source = db.prepare(
    `select q.jid as peer, d.name as device, s.name as share, s.online, e.modified, f.path as folder, p.name
     from entry e cross join share s on s.id = e.share cross join device d on d.id = s.device
       cross join peer q on q.id = s.peer cross join path p on p.id = e.path cross join folder f on f.id = p.folder
       cross join content c on c.id = e.content
     where e.share = @share and e.folder = p.folder and e.path = @path and c.root = @root and ${visible}`,
  )

  return {
    hits(asker, found) {
      const eyes = sight(asker)
      return found.map(({ content, path }) => {
        let row = hit.get({ content, path, ...eyes }) as HitRow | undefined
        if (row === undefined) {
          // Not under that path any more; perhaps under another.
          const other = anyPath.get({ content, ...eyes })
          if (other !== undefined) row = hit.get({ content, path: other, ...eyes }) as HitRow | undefined
        }
        if (row === undefined) return undefined
        const counted = counts.get({ content, ...eyes }) as { sources: number; online: number }
        return { root: row.root, size: row.size, path: joinPath(row), ...optional(row), ...counted }
      })
    },
    findSources: (asker, root) =>
      find.all({ root: Buffer.from(root, 'hex'), ...sight(asker) }) as FoundSource[],
    sources(asker, root, found) {
      const eyes = { root: Buffer.from(root, 'hex'), ...sight(asker) }
      return found.map((one) => {
        const row = source.get({ share: one.share, path: one.path, ...eyes }) as SourceRow | undefined
        if (row === undefined) return undefined
        const { peer, device, share } = row
        return { peer, device, share, path: joinPath(row), isOnline: row.online === 1, ...optional(row) }
      })
    },
  }
}

interface HitRow {
  root: Root
  size: number
  folder: string
  name: string
  mediaType: string | null
  modified: number | null
}
interface SourceRow {
  peer: string
  device: string
  share: string
  online: number
  folder: string
  name: string
  modified: number | null
}

export const joinPath = ({ folder, name }: { folder: string; name: string }) =>
  folder === '' ? name : `${folder}/${name}`

/** What of a row may be absent. */
export function optional(row: { mediaType?: string | null; modified: number | null }) {
  return {
    ...(row.mediaType != null && { mediaType: row.mediaType }),
    ...(row.modified !== null && { modified: row.modified }),
  }
}
