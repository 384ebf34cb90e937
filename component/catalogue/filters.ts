/**
 * What a query wants of an entry, beside its words, as pieces of SQL. They stand in one WHERE with the rule of who may see what, inside of
 * whatever cuts or counts. What holds: nothing of a query is in the text of a statement, so there are few texts, and each is prepared once.
 */

import { aliveAt } from './deadline.js'
import type { Db } from './open-catalogue.js'
import { visible } from './sight.js'
import type { Filters } from './values.js'

export interface Filter {
  /** Of an entry `e` of a share `s` with a content `c`. */
  conditions: string
  /** Entries and what the conditions want beside them, to be looked up by path. */
  tables: string
  values: Record<string, unknown>
  /** Fitting entries, if the query says whose or what they are; else they are looked for by their paths. */
  entriesSql: string | undefined
  /** Fitting entries from the side of the shares that may have any, and how many these have in all: for when few paths fit. */
  ofShares: { entriesSql: string; countSql: string } | undefined
}

/** @returns what makes a filter of a query; it gives nothing where nothing can fit */
export function filtersIn(db: Db): (query: Filters & { words?: string }) => Filter | undefined {
  db.exec('create temp table type_of_query (id integer primary key)')
  const clearTypes = db.prepare('delete from temp.type_of_query')
  // '0' follows '/'.
  const putTypes = db.prepare(
    `insert or ignore into temp.type_of_query select id from media_type
     where name = @type or (name >= @type || '/' and name < @type || '0')`,
  )
  const tagId = db.prepare('select id from tag where name = ?').pluck()
  const peerId = db.prepare('select id from peer where jid = ?').pluck()

  return ({ minSize, maxSize, types = [], tags = [], online, peer, root, words }) => {
    const values: Record<string, unknown> = {}
    const conditions: string[] = []
    let needsContent = false
    const sized = (sql: string, name: string, value: unknown) => {
      conditions.push(sql)
      values[name] = value
      needsContent = true
    }
    if (minSize !== undefined) sized('c.size >= @minSize', 'minSize', minSize)
    if (maxSize !== undefined) sized('c.size <= @maxSize', 'maxSize', maxSize)
    if (online) conditions.push('s.online')
    if (types.length > 0) {
      clearTypes.run()
      let found = 0
      for (const type of types) found += putTypes.run({ type }).changes
      if (found === 0) return undefined
      conditions.push('e.media_type in (select id from temp.type_of_query)')
    }
    for (const [at, tag] of tags.entries()) {
      const id = tagId.get(tag)
      if (id === undefined) return undefined
      values[`tag${at}`] = id
      conditions.push(
        `(exists (select 1 from share_tag st where st.share = s.id and st.tag = @tag${at} and st.whole)
          or exists (select 1 from entry_tag et where et.share = e.share and et.path = e.path and et.tag = @tag${at}))`,
      )
    }
    if (peer !== undefined) {
      values.peer = peerId.get(peer)
      if (values.peer === undefined) return undefined
      conditions.push('s.peer = @peer')
    }
    if (root !== undefined) {
      values.root = Buffer.from(root, 'hex')
      values.rootKey = (values.root as Buffer).subarray(0, 6)
      conditions.push('substr(c.root, 1, 6) = @rootKey and c.root = @root')
      needsContent = true
    }
    // The last to be looked at, where it costs most.
    conditions.push(visible)
    const content = needsContent ? ' cross join content c on c.id = e.content' : ''
    const source =
      root !== undefined
        ? 'content c cross join content_path cp on cp.content = c.id cross join entry e on e.path = cp.path and e.content = cp.content cross join share s on s.id = e.share'
        : peer !== undefined
          ? `share s cross join entry e on e.share = s.id${content}`
          : words === undefined && tags.length > 0
            ? `share_tag d cross join share s on s.id = d.share cross join entry e on e.share = s.id${content}`
            : undefined
    const shares = tags.length > 0 ? 'share_tag d cross join share s on s.id = d.share' : 'share s'
    const areFew = source === undefined && (online || tags.length > 0)
    if (source?.startsWith('share_tag')) conditions.push('d.tag = @tag0')
    const entriesOf = (from: string, having = '') =>
      `select e.path, e.content, e.share, s.online, e.folder, p.name from ${from}
         cross join path p on p.id = e.path where ${aliveAt('e.path')} and ${conditions.join(' and ')}${having}`
    const tagged = tags.length > 0 ? ' and d.tag = @tag0' : ''
    return {
      conditions: conditions.join(' and '),
      tables: `entry e${content} cross join share s on s.id = e.share`,
      values,
      entriesSql: source && entriesOf(source),
      ofShares: areFew
        ? {
            entriesSql: entriesOf(`${shares} cross join entry e on e.share = s.id${content}`, tagged),
            countSql: `select total(s.entries) from ${shares}
              where ${aliveAt('s.id')} and ${visible}${online ? ' and s.online' : ''}${tagged}`,
          }
        : undefined,
    }
  }
}
