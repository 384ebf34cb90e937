/**
 * Saved searches: what a device wants to be told of when it appears.
 *
 * What holds: an entry is compared with few searches, those that share its rarest possible word with it, and those that have no whole
 * word; what is looked up of somebody is looked up once for a change, however much of it he finds; who may not see it is not told; what could already be had is not new, as far as a bounded look tells; one's own entries do not
 * match. How many one peer has is bounded over all devices: the writer, for whom everybody waits, compares them (P17).
 */

import { splitPath } from '../../protocol/catalogue/paths.js'
import { parseQuery } from '../../protocol/catalogue/query.js'
import { wordsOfPath } from '../../protocol/catalogue/ranking.js'
import { entriesHad, type Quotas, timeToLive } from './limits.js'
import type { Db } from './open-catalogue.js'
import type { News } from './publishing.js'
import { everybody } from './schema.js'
import { sightOf, visible } from './sight.js'
import type { Answer, DeviceName, Entry, Query, WatchName } from './values.js'
import { longestWord, needlesOf, textOf } from './word-needles.js'

export interface Saved extends WatchName {
  id: number
  query: Query
  /** All of them are in the text of a path that it fits (word-needles.ts). */
  needles: readonly string[]
  /** One of the whole words that it wants, '' if there is none. */
  word: string
}

/** What a search has found: at least one. */
export interface Found {
  saved: Saved
  news: News[]
}

export interface SavedSearches {
  save(name: WatchName, query: Query, now: number): Answer<object>
  drop(name: WatchName): Answer<object>
  /** All of a device. */
  dropAll(name: DeviceName): void
  /** All of a peer. */
  dropPeer(peer: string): void
  list(name: DeviceName): { watch: string; query: Query }[]
  /** A device has logged in. */
  seen(name: DeviceName, now: number): void
  /** Drops those whose device has not been there for a time to live. */
  expire(now: number): void
  /**
   * What finds which of these new entries of that owner's, all of one share. They are as visible as the share `seenAs`, where that is not
   * the one that they are in.
   */
  match(all: readonly News[], owner: string, seenAs?: number): Found[]
  /** Reads them again. To be called after a transaction that was taken back. */
  reload(): void
}

export function savedSearchesIn(db: Db, quotas: Quotas): SavedSearches {
  const all = db.prepare('select id, peer, device, name as watch, query from saved_search')
  const save = db
    .prepare(
      `insert into saved_search (peer, device, name, query, seen) values (@peer, @device, @watch, @query, @now)
       on conflict do update set query = excluded.query, seen = excluded.seen returning id`,
    )
    .pluck()
  const drop = db.prepare('delete from saved_search where id = ?')
  const dropMatches = db.prepare('delete from match where search = ?')
  const see = db.prepare('update saved_search set seen = ? where peer = ? and device = ?')
  const expired = db.prepare('select id from saved_search where seen < ?').pluck()
  const maySee = db.prepare(`select 1 from share s where s.id = @share and ${visible}`)
  /** Shares `s` that have a content beside this one, as far as is looked. */
  const others = `(select e.share from content_path cp cross join entry e on e.path = cp.path and e.content = cp.content
     where cp.content = @content and e.share <> @share limit ${entriesHad}) o cross join share s on s.id = o.share`
  const hadAlready = db.prepare(`select 1 from ${others} where ${visible} limit 1`)
  /** 0: nobody else has it. 2: somebody whom all may see, and who blocks nobody. */
  const spread = db
    .prepare(
      `select exists (select 1 from ${others}) + exists (select 1 from ${others} where s.audience = ${everybody}
         and not exists (select 1 from block where peer = s.peer))`,
    )
    .pluck()
  const sharedTags = db
    .prepare('select t.name from share_tag st join tag t on t.id = st.tag where st.share = ? and st.whole')
    .pluck()
  const isOnline = db.prepare('select online from share where id = ?').pluck()
  const sight = sightOf(db)

  const byId = new Map<number, Saved>()
  const byPeer = new Map<string, Set<Saved>>()
  const byWord = new Map<string, Set<Saved>>()
  const forget = (id: number) => {
    const saved = byId.get(id)
    if (saved === undefined) return
    byId.delete(id)
    const ofPeer = byPeer.get(saved.peer)
    ofPeer?.delete(saved)
    if (ofPeer?.size === 0) byPeer.delete(saved.peer)
    const sharing = byWord.get(saved.word)
    sharing?.delete(saved)
    if (sharing?.size === 0) byWord.delete(saved.word)
  }
  const learn = (id: number, name: WatchName, query: Query) => {
    forget(id)
    const terms = parseQuery(query.words ?? '')
    const saved = { id, ...name, query, needles: needlesOf(terms), word: longestWord(terms) }
    byId.set(id, saved)
    byPeer.set(name.peer, (byPeer.get(name.peer) ?? new Set()).add(saved))
    const sharing = byWord.get(saved.word) ?? new Set()
    byWord.set(saved.word, sharing.add(saved))
  }
  const reload = () => {
    byId.clear()
    byPeer.clear()
    byWord.clear()
    for (const row of all.all() as (WatchName & { id: number; query: string })[]) {
      const { id, query, ...name } = row
      learn(id, name, JSON.parse(query) as Query)
    }
  }
  reload()

  const of = ({ peer, device }: DeviceName) =>
    [...(byPeer.get(peer) ?? [])].filter((saved) => saved.device === device)
  const dropOne = (id: number) => {
    drop.run(id)
    dropMatches.run(id)
    forget(id)
  }

  /** Those of the entries that have a word that somebody wants, or any, with the text of their words. */
  const byWantedWord = (all: readonly News[]) => {
    const some = new Map<string, { news: News; text: string }[]>()
    for (const news of all) {
      const { folder, name } = splitPath(news.entry.path)!
      const words = wordsOfPath(folder, name)
      const text = textOf(words)
      for (const word of new Set(['', ...words.name, ...words.folder])) {
        if (!byWord.has(word)) continue
        const others = some.get(word)
        if (others === undefined) some.set(word, [{ news, text }])
        else others.push({ news, text })
      }
    }
    return some
  }

  /** What fits which searches of whom, whoever may see it. */
  const fittingOf = (all: readonly News[], owner: string, share: number) => {
    const fitting = new Map<string, Found[]>()
    if (byId.size === 0) return fitting
    let online: boolean | undefined
    const isShareOnline = () => (online ??= isOnline.get(share) === 1)
    const tags = sharedTags.all(share) as string[]
    for (const [word, some] of byWantedWord(all)) {
      for (const saved of byWord.get(word)!) {
        if (saved.peer === owner) continue
        const news: News[] = []
        for (const { news: one, text } of some) {
          if (!saved.needles.every((needle) => text.includes(needle))) continue
          if (fits(saved.query, owner, one.entry, tags, isShareOnline)) news.push(one)
        }
        if (news.length === 0) continue
        const theirs = fitting.get(saved.peer)
        if (theirs === undefined) fitting.set(saved.peer, [{ saved, news }])
        else theirs.push({ saved, news })
      }
    }
    return fitting
  }

  return {
    save(name, query, now) {
      const mine = of(name)
      if (!mine.some(({ watch }) => watch === name.watch)) {
        const ofPeer = byPeer.get(name.peer)?.size ?? 0
        for (const [used, max] of [
          [mine.length, quotas.watchesPerDevice],
          [ofPeer, quotas.watchesPerPeer],
        ] as const) {
          if (used >= max) return { kind: 'quota', of: 'watches', used, max }
        }
      }
      // Words were meant, and there are none in it: nothing would ever match.
      if (query.words !== undefined && parseQuery(query.words).length === 0) {
        return { kind: 'bad-value', field: 'words' }
      }
      const id = save.get({ ...name, query: JSON.stringify(query), now }) as number
      learn(id, name, query)
      return { kind: 'ok' }
    },
    drop(name) {
      const saved = of(name).find(({ watch }) => watch === name.watch)
      if (saved === undefined) return { kind: 'not-found' }
      dropOne(saved.id)
      return { kind: 'ok' }
    },
    dropAll(name) {
      for (const { id } of of(name)) dropOne(id)
    },
    dropPeer(peer) {
      for (const { id } of [...(byPeer.get(peer) ?? [])]) dropOne(id)
    },
    list: (name) => of(name).map(({ watch, query }) => ({ watch, query })),
    seen: ({ peer, device }, now) => void see.run(now, peer, device),
    expire(now) {
      for (const id of expired.all(now - timeToLive) as number[]) dropOne(id)
    },
    match(all, owner, seenAs) {
      const [{ share } = { share: 0 }] = all
      const shown = seenAs ?? share
      const fitting = fittingOf(all, owner, shown)
      if (fitting.size === 0) return []
      // Most of what is new nobody else has, or everybody could have it already: then nobody is looked at.
      const hadByAll = new Set<number>()
      const hadBySome: number[] = []
      for (const content of new Set(all.map(({ put }) => put.content))) {
        const where = spread.get({ content, share }) as 0 | 1 | 2
        if (where === 2) hadByAll.add(content)
        else if (where === 1) hadBySome.push(content)
      }
      const found: Found[] = []
      for (const [peer, theirs] of fitting) {
        const eyes = sight(peer)
        if (maySee.get({ share: shown, ...eyes }) === undefined) continue
        // What he could have had. Looked up once, however many of his searches it fits.
        const had = new Set(hadByAll)
        for (const content of hadBySome) if (hadAlready.get({ content, share, ...eyes })) had.add(content)
        for (const { saved, news } of theirs) {
          const fresh = had.size === 0 ? news : news.filter(({ put }) => !had.has(put.content))
          if (fresh.length > 0) found.push({ saved, news: fresh })
        }
      }
      return found
    },
    reload,
  }
}

/** @param shared tags of its share */
function fits(query: Query, owner: string, entry: Entry, shared: string[], isOnline: () => boolean): boolean {
  if (query.minSize !== undefined && entry.size < query.minSize) return false
  if (query.maxSize !== undefined && entry.size > query.maxSize) return false
  if (query.root !== undefined && entry.root !== query.root) return false
  if (query.peer !== undefined && owner !== query.peer) return false
  const bears = (tag: string) => entry.tags?.includes(tag) === true || shared.includes(tag)
  if (query.tags !== undefined && !query.tags.every(bears)) return false
  if (query.types !== undefined && query.types.length > 0) {
    const type = entry.mediaType ?? ''
    if (!query.types.some((wanted) => type === wanted || type.startsWith(`${wanted}/`))) return false
  }
  return !query.online || isOnline()
}
