/**
 * The catalogue, as the component holds it: one thread writes, others read, and the main thread only passes on (case
 * 52). Answers are values; what throws is a failing world, as `StoreFailed`.
 *
 * What holds: a change that was answered with `ok` is durable (P7). `asker` and `peer` are bare JIDs, prepared by whoever calls.
 */

import { isCount, isName } from './checks.js'
import type { FoundSource } from './descriptions.js'
import { type Cut, FrozenResults } from './frozen-results.js'
import { defaultQuotas, maxPage, type Quotas } from './limits.js'
import type { Published } from './publishing.js'
import type { ReaderOperations } from './reader.js'
import { Readers } from './readers.js'
import type { Found } from './search.js'
import { Thread } from './thread.js'
import type {
  Answer,
  Change,
  DeviceName,
  Hit,
  Match,
  Page,
  Query,
  Refusal,
  Root,
  ShareName,
  ShareSettings,
  Source,
  Where,
} from './values.js'
import type { WriterOperations } from './writer.js'

export interface CatalogueOptions {
  /** The catalogue's own file. */
  path: string
  quotas?: Partial<Quotas>
  /** Threads that answer queries. */
  readers?: number
  /** UTC in ms. */
  clock?: () => number
  /** Monotonic, in ms. */
  monotonic?: () => number
  /** Whether to look through the whole file for damage. */
  check?: boolean
  /** Told of what a saved search found, after it is durable. */
  onMatch?: (match: Match) => void
}

/** A result that can be paged, and its first page. */
export type FirstPage<T> = Page<T> & { result: string }

const maxWritesWaiting = 1_024

/** Opens the catalogue at `path`. @throws StoreFailed */
export async function openCatalogue(options: CatalogueOptions): Promise<Catalogue> {
  const quotas = { ...defaultQuotas, ...options.quotas }
  const writer = new Thread('./writer-thread.js', {
    path: options.path,
    quotas,
    check: options.check ?? true,
  })
  const { setAside } = await writer.ready
  const readers = new Readers({ path: options.path, threads: options.readers ?? 2 })
  return new Catalogue(writer, readers, options, setAside)
}

export class Catalogue {
  readonly #writer: Thread
  readonly #readers: Readers
  readonly #clock: () => number
  readonly #onMatch: (match: Match) => void
  readonly #hits: FrozenResults<Found>
  readonly #sources: FrozenResults<FoundSource & { root: Root }>
  /** Where a damaged file was put when this one was opened: peers are to publish again. */
  readonly setAside: string | undefined

  constructor(writer: Thread, readers: Readers, options: CatalogueOptions, setAside: string | undefined) {
    this.#writer = writer
    this.#readers = readers
    this.#clock = options.clock ?? Date.now
    this.#onMatch = options.onMatch ?? (() => {})
    const monotonic = options.monotonic ?? (() => performance.now())
    this.#hits = new FrozenResults(monotonic)
    this.#sources = new FrozenResults(monotonic)
    this.setAside = setAside
  }

  /** Makes a device known, or lets it live for another time to live. */
  register = (name: DeviceName) => this.#write('register', name, this.#clock())
  /** Takes back a device and all that it published. Unseen at once, gone a little later. */
  unregister = (name: DeviceName) => this.#write('unregister', name)
  /** A device came or went. */
  attend = (name: DeviceName, isOnline: boolean) => this.#write('attend', name, isOnline, this.#clock())
  /** Nobody is known to be online: the stream was lost. */
  allOffline = () => this.#write('allOffline')
  /** Takes back devices that have not logged in for their time to live. To be called now and then. @returns whether there may be more */
  expire = () => this.#write('expire', this.#clock())
  /** Makes a share or changes its settings. @returns the last change that is held of it */
  openShare = (name: ShareName, settings: ShareSettings, { restart = false } = {}) =>
    this.#write('openShare', name, settings, restart)
  closeShare = (name: ShareName) => this.#write('closeShare', name)
  held = (name: ShareName) => this.#write('held', name)
  /** Whom a peer has blocked: bare JIDs and domains. */
  block = (peer: string, blocked: readonly string[]) => this.#write('block', peer, blocked)
  saveSearch = (peer: string, name: string, query: Query) => {
    const fault = isName(name) ? faultOfQuery(query) : ({ kind: 'bad-value', field: 'name' } as const)
    return fault ? Promise.resolve<Answer<object>>(fault) : this.#write('saveSearch', peer, name, query)
  }
  dropSearch = (peer: string, name: string) => this.#write('dropSearch', peer, name)
  savedSearches = (peer: string) => this.#write('savedSearches', peer)
  statistics = () => this.#write('statistics')

  /** Applies a numbered change of a share, once. */
  async publish(name: ShareName, change: Change): Promise<Answer<Published>> {
    const said = await this.#write('publish', name, change)
    if ('kind' in said) return said
    for (const match of said.matches) this.#onMatch(match)
    return said.answer
  }

  /** Finds contents. */
  async search(asker: string, query: Query, max: number): Promise<Answer<FirstPage<Hit>>> {
    const fault = faultOfQuery(query)
    if (fault) return fault
    const found = await this.#read('searchPage', asker, query, pageSize(max))
    if ('kind' in found) return found
    const result = this.#hits.freeze(asker, found.found)
    const cut = this.#hits.cut(asker, { result, index: 0 }, pageSize(max))!
    return { kind: 'ok', result, ...pageOf(cut, found.first) }
  }

  /** Another page of a search; `not-found` when it is no longer kept. */
  async searchPage(asker: string, where: Where, max: number): Promise<Answer<Page<Hit>>> {
    const cut = this.#hits.cut(asker, where, pageSize(max))
    if (cut === undefined) return { kind: 'not-found' }
    const hits = await this.#read(
      'hits',
      asker,
      cut.items.map(({ item }) => item),
    )
    return 'kind' in hits ? hits : { kind: 'ok', ...pageOf(cut, hits) }
  }

  /** Who has a content, most useful first. `not-found` if nobody that the asker may see. */
  async sources(asker: string, root: Root, max: number): Promise<Answer<FirstPage<Source>>> {
    const fault = faultOfQuery({ words: '', root })
    if (fault) return fault
    const found = await this.#read('findSources', asker, root)
    if ('kind' in found) return found
    if (found.length === 0) return { kind: 'not-found' }
    const result = this.#sources.freeze(
      asker,
      found.map((one) => ({ ...one, root })),
    )
    const page = await this.sourcesPage(asker, { result, index: 0 }, max)
    return page.kind === 'ok' ? { ...page, result } : page
  }

  async sourcesPage(asker: string, where: Where, max: number): Promise<Answer<Page<Source>>> {
    const cut = this.#sources.cut(asker, where, pageSize(max))
    if (cut === undefined) return { kind: 'not-found' }
    const found = cut.items.map(({ item }) => item)
    const sources = found.length === 0 ? [] : await this.#read('sources', asker, found[0]!.root, found)
    return 'kind' in sources ? sources : { kind: 'ok', ...pageOf(cut, sources) }
  }

  /** Peers who have something that the asker may see. */
  async peers(asker: string, which: 'online' | 'offline' | 'all', after: string, max: number) {
    return listed(await this.#read('peers', asker, which, after, pageSize(max)))
  }
  /** Shares of a peer that the asker may see. */
  async shares(asker: string, peer: string, after: string, max: number) {
    return listed(await this.#read('shares', asker, peer, after, pageSize(max)))
  }
  /** What is in a folder of a share (`''`: the share itself): folders, then files. */
  async folder(asker: string, share: ShareName, folder: string, after: string, max: number) {
    return listed(await this.#read('folder', asker, share, folder, after, pageSize(max)))
  }
  /** Tags of entries that the asker may see. */
  async tags(asker: string, after: string, max: number) {
    return listed(await this.#read('tags', asker, after, pageSize(max)))
  }

  /** Ends the threads, after what was asked of the writer. */
  async close(): Promise<void> {
    await this.#readers.close()
    await this.#writer.close()
  }

  #write<O extends keyof WriterOperations>(operation: O, ...values: Parameters<WriterOperations[O]>) {
    type Given = ReturnType<WriterOperations[O]>
    if (this.#writer.load >= maxWritesWaiting) return Promise.resolve<Given | Refusal>({ kind: 'busy' })
    return this.#writer.call<Given | Refusal>(operation, values)
  }

  #read<O extends keyof ReaderOperations>(operation: O, ...values: Parameters<ReaderOperations[O]>) {
    return this.#readers.ask(operation, ...values)
  }
}

const pageSize = (max: number) => Math.max(1, Math.min(maxPage, Math.trunc(max) || 1))

/** A page of what is still there of a cut. */
function pageOf<T, V>({ items, total, first }: Cut<T>, values: readonly (V | undefined)[]): Page<V> {
  const there = items.flatMap(({ cursor }, at) => {
    const value = values[at]
    return value === undefined ? [] : [{ cursor, value }]
  })
  return { items: there, total, first }
}

function listed<T extends object>(given: T | { kind: 'too-slow' } | { kind: 'busy' } | undefined): Answer<T> {
  if (given === undefined) return { kind: 'not-found' }
  return 'kind' in given ? (given as Refusal) : { kind: 'ok', ...given }
}

/** Texts of a filter are compared, never parsed; only their length matters. */
function faultOfQuery({ words, minSize, maxSize, root, tag, mediaType, peer }: Query): Refusal | undefined {
  const bad = (field: string): Refusal => ({ kind: 'bad-value', field })
  if (minSize !== undefined && !isCount(minSize)) return bad('minSize')
  if (maxSize !== undefined && !isCount(maxSize)) return bad('maxSize')
  if (root !== undefined && !/^[0-9a-f]{64}$/.test(root)) return bad('root')
  for (const [field, text] of Object.entries({ words, tag, mediaType, peer })) {
    if (text !== undefined && text.length > 4_096) return bad(field)
  }
  return undefined
}
