/**
 * Finds contents. What holds:
 * - Visibility and filters stand inside of every query, before anything is cut or counted.
 * - What is found is at most `maxFrozen` contents: the newest paths first, as far as they fit, ranked by our own rule. The order is total.
 * - Terms are checked once more against the words themselves: the index knows words, not where they stand.
 */

import { parseQuery } from '../../protocol/catalogue/query.js'
import { compareStanding, rankOf, type Standing, wordsOfPath } from '../../protocol/catalogue/ranking.js'
import type { Deadline } from './deadline.js'
import { expansionIn } from './expansion.js'
import { maxFrozen, rankedSources } from './limits.js'
import type { Db } from './open-catalogue.js'
import { type Sight, sightOf, visible } from './sight.js'
import type { Filters, Query } from './values.js'

/** A content, and the path it is shown under. */
export interface Found {
  content: number
  path: number
}

interface Candidate extends Found {
  folder: string
  name: string
  /** The highest content of the path, seen or not: where to stop looking for others. */
  last?: number
}

export type Search = (asker: string, query: Query) => Found[]

/** Entries of one content that are looked at for the best path, if it is asked for by its hash. */
const lookedAt = 2_000

export function searchIn(db: Db, deadline: Deadline): Search {
  const sight = sightOf(db)
  const expansion = expansionIn(db)
  const statements = new Map<string, ReturnType<Db['prepare']>>()
  const prepared = (sql: string) => {
    let statement = statements.get(sql)
    if (statement === undefined) {
      statement = db.prepare(sql)
      statements.set(sql, statement)
    }
    return statement
  }
  const availability = db.prepare(
    `select count(*) as sources, coalesce(sum(online), 0) as online from (
       select s.online from entry e cross join share s on s.id = e.share
       where e.content = @content and ${visible} limit ${rankedSources})`,
  )
  const idOf = {
    tag: db.prepare('select id from tag where name = ?').pluck(),
    peer: db.prepare('select id from peer where jid = ?').pluck(),
  }

  return (asker, query) => {
    const terms = parseQuery(query.words)
    // Words were meant, and there are none in it.
    if (terms.length === 0 && query.words.trim() !== '') return []
    const eyes = sight(asker)
    const values: Values = { ...eyes, ...numbersOf(query) }
    if (query.tag !== undefined) values.tag = idOf.tag.get(query.tag) as number | undefined
    if (query.peer !== undefined) values.peer = idOf.peer.get(query.peer) as number | undefined
    if ((query.tag !== undefined && values.tag === undefined) || (query.peer && values.peer === undefined))
      return []

    const byEntry = query.root !== undefined || query.peer !== undefined
    if (!byEntry && terms.length > 0) {
      values.match = expansion.expression(terms, eyes)
      if (values.match === undefined) return []
    }
    const sql = byEntry ? entriesSql(query) : pathsSql(query, terms.length > 0)
    const more = byEntry ? undefined : prepared(contentsSql(query)).pluck()

    const best = new Map<number, Standing & Found>()
    const add = (found: Found, rank: number) => {
      const before = best.get(found.content)
      if (before !== undefined && before.rank >= rank) return
      best.set(found.content, { ...found, rank, online: 0, sources: 0, age: found.path })
    }
    let rows = 0
    for (const row of prepared(sql).iterate(values) as IterableIterator<Candidate>) {
      if (++rows % 64 === 0) deadline.check()
      if (query.root !== undefined && rows > lookedAt) break
      const rank = rankOf(terms, wordsOfPath(row.folder, row.name))
      if (rank === undefined) continue
      add(row, rank)
      if (more !== undefined && row.last !== row.content) {
        // The same path with other contents.
        let content: number | undefined = row.content
        for (let others = 0; others < 16; others++) {
          content = more.get({ ...values, path: row.path, content }) as number | undefined
          if (content === undefined) break
          add({ path: row.path, content }, rank)
        }
      }
      if (best.size >= maxFrozen) break
    }
    const found = [...best.values()].slice(0, maxFrozen)
    found.forEach((standing, at) => {
      if (at % 16 === 0) deadline.check()
      Object.assign(standing, availability.get({ content: standing.content, ...eyes }))
    })
    return found.sort(compareStanding).map(({ content, path }) => ({ content, path }))
  }
}

type Values = Sight & {
  match?: string
  tag?: number | undefined
  peer?: number | undefined
} & Record<string, unknown>

function numbersOf({ minSize, maxSize, mediaType, root }: Filters): Record<string, unknown> {
  return {
    ...(minSize !== undefined && { minSize }),
    ...(maxSize !== undefined && { maxSize }),
    // '0' follows '/'.
    ...(mediaType !== undefined && { type: mediaType, typeFrom: `${mediaType}/`, typeTo: `${mediaType}0` }),
    ...(root !== undefined && { root: Buffer.from(root, 'hex') }),
  }
}

/** What the filters want of an entry `e` of a share `s` with a content `c`. */
function conditions({ minSize, maxSize, mediaType, tag, online, peer, root }: Filters): string {
  return [
    visible,
    minSize !== undefined && 'c.size >= @minSize',
    maxSize !== undefined && 'c.size <= @maxSize',
    mediaType !== undefined &&
      'e.media_type in (select id from media_type where name = @type or (name >= @typeFrom and name < @typeTo))',
    tag !== undefined &&
      `(exists (select 1 from share_tag st where st.share = s.id and st.tag = @tag and st.whole)
        or exists (select 1 from entry_tag et where et.share = e.share and et.path = e.path and et.tag = @tag))`,
    online && 's.online',
    peer !== undefined && 's.peer = @peer',
    root !== undefined && 'c.root = @root',
  ]
    .filter(Boolean)
    .join(' and ')
}

const joined = (filters: Filters) =>
  filters.minSize === undefined && filters.maxSize === undefined
    ? ''
    : 'cross join content c on c.id = e.content'

/** Paths that have a fitting entry, newest first, with the first content of each. */
function pathsSql(filters: Filters, hasWords: boolean): string {
  const first = `(select e.content from entry e cross join share s on s.id = e.share ${joined(filters)}
    where e.path = p.id and ${conditions(filters)} order by e.content limit 1)`
  const source = hasWords
    ? 'words f cross join path p on p.id = f.rowid cross join folder d on d.id = p.folder'
    : 'path p cross join folder d on d.id = p.folder'
  return `select p.id as path, d.path as folder, p.name, ${first} as content,
      (select max(e.content) from entry e where e.path = p.id) as last from ${source}
    where ${hasWords ? 'f.words match @match and' : ''} alive(p.id) and ${first} is not null
    order by ${hasWords ? 'f.rowid' : 'p.id'} desc`
}

/** The next content of a path. */
function contentsSql(filters: Filters): string {
  return `select e.content from entry e cross join share s on s.id = e.share ${joined(filters)}
    where e.path = @path and e.content > @content and ${conditions(filters)} order by e.content limit 1`
}

/** Fitting entries of a peer, or of a content. */
function entriesSql(filters: Filters): string {
  const source =
    filters.root === undefined
      ? 'share s cross join entry e on e.share = s.id cross join content c on c.id = e.content'
      : 'content c cross join entry e on e.content = c.id cross join share s on s.id = e.share'
  return `select e.path, e.content, d.path as folder, p.name from ${source}
    cross join path p on p.id = e.path cross join folder d on d.id = e.folder
    where alive(e.path) and ${conditions(filters)}`
}
