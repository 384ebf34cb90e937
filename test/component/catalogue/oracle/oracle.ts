/**
 * What the catalogue has to answer: everything in lists, everything looked at each time, as docs/catalogue.md says it.
 *
 * What holds: nothing of what is tested is used; only words and the rank of a path, which have tests of their own.
 */

import type { Entry, Query, ShareName } from '../../../../component/catalogue/values.js'
import { parseQuery } from '../../../../protocol/catalogue/query.js'
import { rankOf, wordsOfPath } from '../../../../protocol/catalogue/ranking.js'
import type { VisibleTo } from '../../../../protocol/catalogue/visibility.js'
import { meaningOf, type Text, textOf } from './meaning.js'

export interface Shared extends ShareName {
  title: string
  tags: readonly string[]
  visibleTo: VisibleTo
  seq: number
  entries: Map<string, Entry>
}

/** An entry, and where it is. */
export interface Place {
  shared: Shared
  entry: Entry
}

/** What is expected of one content. */
export interface Expected {
  /** Those that fit. */
  places: Place[]
  /** The best of them. */
  rank: number
  online: number
  sources: number
}

const domainOf = (jid: string) => jid.slice(jid.indexOf('@') + 1)
const texts = new Map<string, Text>()

export class Oracle {
  readonly shares: Shared[] = []
  /** Devices, as `deviceKey` has them. */
  readonly online = new Set<string>()
  readonly blocked = new Map<string, readonly string[]>()
  readonly keptOut = new Set<string>()
  readonly #users: readonly string[]

  constructor(users: readonly string[]) {
    this.#users = users
  }

  isOnline = ({ peer, device }: { peer: string; device: string }) => this.online.has(deviceKey(peer, device))

  /** docs/catalogue.md, 5.4. */
  isSeen(asker: string, { peer, visibleTo }: Shared): boolean {
    const [names, domain] = [[peer, domainOf(peer)], domainOf(asker)]
    if (!names.some((name) => this.#users.includes(name))) return false
    if (names.some((name) => this.keptOut.has(name))) return false
    if (asker === peer) return true
    const blocked = this.blocked.get(peer) ?? []
    if (blocked.includes(asker) || blocked.includes(domain)) return false
    if (visibleTo.kind !== 'only') return visibleTo.kind === 'everybody'
    return visibleTo.domains.includes(domain) || visibleTo.peers.includes(asker)
  }

  seen(asker: string): Shared[] {
    return this.shares.filter((shared) => this.isSeen(asker, shared))
  }

  places(asker: string): Place[] {
    return this.seen(asker).flatMap((shared) =>
      [...shared.entries.values()].map((entry) => ({ shared, entry })),
    )
  }

  /** What is found, by root. */
  search(asker: string, query: Query): Map<string, Expected> {
    const found = new Map<string, Expected>()
    const meaning = meaningOf(query.words ?? '')
    if (query.words !== undefined && meaning.length === 0) return found
    const terms = parseQuery(query.words ?? '')
    for (const place of this.places(asker)) {
      const { path, root } = place.entry
      if (!this.#fits(query, place)) continue
      if (!meaning.every((wanted) => wanted(known(path)))) continue
      const cut = path.lastIndexOf('/')
      const rank = rankOf(terms, wordsOfPath(path.slice(0, Math.max(0, cut)), path.slice(cut + 1))) ?? -1
      const one = found.get(root) ?? { places: [], rank, online: 0, sources: 0 }
      one.places.push(place)
      one.rank = Math.max(one.rank, rank)
      one.sources++
      if (this.isOnline(place.shared)) one.online++
      found.set(root, one)
    }
    return found
  }

  #fits(query: Query, { shared, entry }: Place): boolean {
    const { minSize = 0, maxSize = Number.POSITIVE_INFINITY, types = [], tags = [] } = query
    const { mediaType = '' } = entry
    return (
      entry.size >= minSize &&
      entry.size <= maxSize &&
      (types.length === 0 ||
        types.some(
          (type) => type === mediaType || (!type.includes('/') && mediaType.startsWith(`${type}/`)),
        )) &&
      tags.every((tag) => shared.tags.includes(tag) || entry.tags?.includes(tag)) &&
      (query.root === undefined || query.root === entry.root) &&
      (query.peer === undefined || query.peer === shared.peer) &&
      (query.online !== true || this.isOnline(shared))
    )
  }

  /** Where a content is. */
  having(asker: string, root: string): Place[] {
    return this.places(asker).filter(({ entry }) => entry.root === root)
  }

  /** How many entries bear each tag. */
  tags(asker: string): Map<string, number> {
    const counts = new Map<string, number>()
    for (const { shared, entry } of this.places(asker)) {
      for (const tag of new Set([...shared.tags, ...(entry.tags ?? [])]))
        counts.set(tag, (counts.get(tag) ?? 0) + 1)
    }
    return counts
  }
}

export const deviceKey = (peer: string, device: string) => `${peer} ${device}`

function known(path: string): Text {
  let text = texts.get(path)
  if (text === undefined) {
    text = textOf(path)
    texts.set(path, text)
  }
  return text
}
