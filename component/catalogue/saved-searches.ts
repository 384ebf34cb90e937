/**
 * Saved searches: what somebody wants to be told of when it appears.
 *
 * What holds: an entry is compared with few searches, those that share its rarest possible word with it, and those that have no whole
 * word; who may not see it is not told; what could already be had from somebody else is not new; a change tells
 * at most `toldAtMost` times.
 */

import { splitPath } from '../../protocol/catalogue/paths.js'
import { parseQuery, type Term } from '../../protocol/catalogue/query.js'
import { rankOf, wordsOfPath } from '../../protocol/catalogue/ranking.js'
import type { Interning } from './interning.js'
import type { Quotas } from './limits.js'
import type { Db } from './open-catalogue.js'
import { sightOf, visible } from './sight.js'
import type { Answer, Entry, Match, Query, ShareName } from './values.js'

/** Matches of one change at most. */
export const toldAtMost = 256

interface Saved {
  id: number
  peer: string
  name: string
  query: Query
  terms: Term[]
}

export interface SavedSearches {
  save(peer: string, name: string, query: Query): Answer<object>
  drop(peer: string, name: string): Answer<object>
  list(peer: string): { name: string; query: Query }[]
  /** Who is to be told of this new entry. */
  match(share: number, from: ShareName, entry: Entry): Match[]
  /** Reads them again. To be called after a transaction that was taken back. */
  reload(): void
}

export function savedSearchesIn(db: Db, interning: Interning, quotas: Quotas): SavedSearches {
  const all = db.prepare(
    'select s.id, p.jid as peer, s.name, s.query from saved_search s join peer p on p.id = s.peer',
  )
  const save = db
    .prepare(
      `insert into saved_search (peer, name, query) values (?, ?, ?)
       on conflict do update set query = excluded.query returning id`,
    )
    .pluck()
  const drop = db
    .prepare(
      'delete from saved_search where peer = (select id from peer where jid = ?) and name = ? returning id',
    )
    .pluck()
  const maySee = db.prepare(`select s.audience from share s where s.id = @share and ${visible}`).pluck()
  const hadAlready = db
    .prepare(
      `select 1 from content c join entry e on e.content = c.id join share s on s.id = e.share
       where c.root = @root and c.size = @size and e.share <> @share and ${visible} limit 1`,
    )
    .pluck()
  const sharedTags = db
    .prepare('select t.name from share_tag st join tag t on t.id = st.tag where st.share = ? and st.whole')
    .pluck()
  const isOnline = db.prepare('select online from share where id = ?').pluck()
  const sight = sightOf(db)

  const byId = new Map<number, Saved>()
  const byWord = new Map<string, Set<Saved>>()
  const key = ({ terms }: Saved) => {
    const words = terms.flatMap((term) =>
      term.kind === 'word' ? [term.text] : term.kind === 'run' ? term.pairs : [],
    )
    return words.reduce((longest, word) => (word.length > longest.length ? word : longest), '')
  }
  const forget = (id: number) => {
    const saved = byId.get(id)
    if (saved === undefined) return
    byId.delete(id)
    const sharing = byWord.get(key(saved))
    sharing?.delete(saved)
    if (sharing?.size === 0) byWord.delete(key(saved))
  }
  const learn = (id: number, peer: string, name: string, query: Query) => {
    forget(id)
    const saved = { id, peer, name, query, terms: parseQuery(query.words) }
    byId.set(id, saved)
    const sharing = byWord.get(key(saved)) ?? new Set()
    byWord.set(key(saved), sharing.add(saved))
  }
  const reload = () => {
    byId.clear()
    byWord.clear()
    for (const row of all.all() as { id: number; peer: string; name: string; query: string }[]) {
      learn(row.id, row.peer, row.name, JSON.parse(row.query) as Query)
    }
  }
  reload()

  return {
    save(peer, name, query) {
      const mine = [...byId.values()].filter((saved) => saved.peer === peer)
      if (mine.length >= quotas.searchesPerPeer && !mine.some((saved) => saved.name === name)) {
        return { kind: 'quota', of: 'searches', used: mine.length, max: quotas.searchesPerPeer }
      }
      // One that everything answers is no search.
      if (parseQuery(query.words).length === 0) return { kind: 'bad-value', field: 'words' }
      const id = save.get(interning.peer(peer), name, JSON.stringify(query)) as number
      learn(id, peer, name, query)
      return { kind: 'ok' }
    },
    drop(peer, name) {
      const id = drop.get(peer, name) as number | undefined
      if (id === undefined) return { kind: 'not-found' }
      forget(id)
      return { kind: 'ok' }
    },
    list: (peer) =>
      [...byId.values()].filter((saved) => saved.peer === peer).map(({ name, query }) => ({ name, query })),
    match(share, from, entry) {
      if (byId.size === 0) return []
      const { folder, name } = splitPath(entry.path)!
      const words = wordsOfPath(folder, name)
      const found: Match[] = []
      for (const word of new Set(['', ...words.name, ...words.folder])) {
        for (const saved of byWord.get(word) ?? []) {
          if (saved.peer === from.peer || rankOf(saved.terms, words) === undefined) continue
          const tags = [...(entry.tags ?? []), ...(sharedTags.all(share) as string[])]
          if (!fits(saved.query, from, entry, tags, () => isOnline.get(share) === 1)) continue
          const eyes = sight(saved.peer)
          if (maySee.get({ share, ...eyes }) === undefined) continue
          const root = Buffer.from(entry.root, 'hex')
          if (hadAlready.get({ root, size: entry.size, share, ...eyes }) !== undefined) continue
          found.push({ watcher: saved.peer, search: saved.name, entry, from })
        }
      }
      return found
    },
    reload,
  }
}

function fits(query: Query, from: ShareName, entry: Entry, tags: string[], isOnline: () => boolean): boolean {
  if (query.minSize !== undefined && entry.size < query.minSize) return false
  if (query.maxSize !== undefined && entry.size > query.maxSize) return false
  if (query.root !== undefined && entry.root !== query.root) return false
  if (query.peer !== undefined && from.peer !== query.peer) return false
  if (query.tag !== undefined && !tags.includes(query.tag)) return false
  if (query.mediaType !== undefined) {
    const type = entry.mediaType ?? ''
    if (type !== query.mediaType && !type.startsWith(`${query.mediaType}/`)) return false
  }
  return !query.online || isOnline()
}
