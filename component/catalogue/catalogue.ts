/**
 * The catalogue, as the component holds it: one thread writes, others read, and the main thread only passes on (case
 * 52). Answers are values; what throws is a failing world, as `StoreFailed`.
 *
 * What holds: a change that was answered with `ok` is durable (P7). While the disk takes nothing, whatever would write is
 * answered `busy`, and questions are answered as ever; it goes on by itself (P20). `asker` and `peer` are bare JIDs, prepared by whoever calls.
 */

import { faultOfAddress, faultOfQuery, isName } from './checks.js'
import type { FoundSource } from './descriptions.js'
import { FrozenResults } from './frozen-results.js'
import { defaultQuotas, type Quotas } from './limits.js'
import type { Opened } from './open-catalogue.js'
import { cutOf, listed, pageOf, pageSize } from './pages.js'
import { makeShared } from './precedence.js'
import type { Published } from './publishing.js'
import type { ReaderOperations } from './reader.js'
import { Readers } from './readers.js'
import { replaceBy } from './replacing.js'
import { type Found, unpacking } from './search.js'
import type {
  Answer,
  Change,
  DeviceName,
  Entry,
  FileItem,
  FolderItem,
  Hit,
  Listing,
  Matches,
  Page,
  PeerItem,
  Query,
  Refusal,
  Root,
  Seen,
  ShareAddress,
  ShareItem,
  ShareName,
  ShareSettings,
  Source,
  Span,
  TagItem,
  WatchName,
  Where,
} from './values.js'
import type { Statistics, WriterConfig, WriterOperations } from './writer.js'
import { Writing } from './writing.js'

export interface CatalogueOptions {
  /** The catalogue's own file. */
  path: string
  quotas?: Partial<Quotas>
  /** Whom the component serves: domains, bare JIDs, or `*`. Shares of others are not there; without it everybody's are. */
  users?: readonly string[]
  /** Threads that answer queries. */
  readers?: number
  /** UTC in ms. */
  clock?: () => number
  /** One that goes on evenly, in ms: with it, what is stored moves with the other when that is set (store/set-clock.ts). */
  steady?: () => number
  /** Monotonic, in ms. */
  monotonic?: () => number
  /** Whether to look through the whole file for damage. */
  check?: boolean
  /** Told that a saved search has found something, after it is durable: see `matches`. */
  onMatch?: (watch: WatchName) => void
  /** Told when the disk fails, and when it is well again: with another file, if that one was damaged. Nobody is online then. */
  onFault?: (error: Error) => void
  onRecovered?: (opened: Opened) => void
  /** For the writer: see there. */
  writer?: Pick<WriterConfig, 'retryMs' | 'backupEvery' | 'firstBackup' | 'maxLog'>
}

/** A result that can be paged, and its first page. */
export type FirstPage<T> = Page<T> & { result: string }

/** Opens the catalogue at `path`. A damaged one is set aside first. @throws StoreFailed */
export async function openCatalogue(options: CatalogueOptions): Promise<Catalogue> {
  const quotas = { ...defaultQuotas, ...options.quotas }
  const { path, check = true } = options
  const shared = makeShared()
  const writing = new Writing(
    { path, quotas, check, shared, ...(options.users && { users: options.users }), ...options.writer },
    {
      ...(options.onFault && { onFault: options.onFault }),
      onRecovered(opened) {
        // Those that read may have the one that was set aside; and numbers that were taken back are given once more, so what they remember of folders is too old.
        readers.restart()
        options.onRecovered?.(opened)
      },
    },
  )
  const opened = await writing.ready
  const readers = new Readers({
    path,
    threads: options.readers ?? 2,
    shared,
    onDamage: () => void writing.ask('suspect').catch(() => {}),
  })
  return new Catalogue(writing, readers, options, opened)
}

export class Catalogue {
  readonly #writing: Writing
  readonly #readers: Readers
  /** What the writer is told of the time. */
  readonly #times: () => [now: number, steady?: number]
  readonly #onMatch: (watch: WatchName) => void
  readonly #hits: FrozenResults<Found>
  readonly #sources: FrozenResults<FoundSource & { root: Root }>
  readonly #tags: FrozenResults<TagItem>
  /** Where a damaged file was put when this one was opened, and which backup took its place: peers are to publish again. */
  readonly opened: Opened

  constructor(writing: Writing, readers: Readers, options: CatalogueOptions, opened: Opened) {
    this.#writing = writing
    this.#readers = readers
    this.#onMatch = options.onMatch ?? (() => {})
    const monotonic = options.monotonic ?? (() => performance.now())
    const { clock = Date.now, steady } = options
    this.#times = steady ? () => [clock(), steady()] : () => [clock()]
    this.#hits = new FrozenResults(monotonic)
    this.#sources = new FrozenResults(monotonic)
    this.#tags = new FrozenResults(monotonic)
    this.opened = opened
  }

  /**
   * Gives the device its registration, for another time to live. Without the id of the one that it has, whatever it had
   * is dropped and it begins anew.
   * @returns the id, seconds to live, and how far each of its shares is held
   */
  register = (name: DeviceName, id?: string) => this.#write('register', name, id, ...this.#times())
  /** Whether the device has a registration, and which. */
  registration = (name: DeviceName) => this.#write('registration', name)
  /** Takes back a device and all that it published and saved. Unseen at once, gone a little later. */
  unregister = (name: DeviceName) => this.#write('unregister', name)
  /** Takes back all devices of a peer. */
  removePeer = (peer: string) => this.#write('removePeer', peer)
  /** A device came or went. It may have saved searches without a registration. */
  attend = (name: DeviceName, isOnline: boolean) => this.#write('attend', name, isOnline, ...this.#times())
  /** Nobody is known to be online: the stream was lost. */
  allOffline = () => this.#write('allOffline')
  /** Takes back devices that have not logged in for their time to live. To be called now and then. @returns whether there may be more */
  expire = () => this.#write('expire', ...this.#times())

  /** Makes a share or changes its settings. @returns the last change that is held of it */
  openShare = (name: ShareName, settings: ShareSettings) => this.#write('openShare', name, settings)
  closeShare = (name: ShareName) => this.#write('closeShare', name)
  /** Which change of a share is held. */
  held = (name: ShareName) => this.#write('held', name)

  /** Applies a numbered change of a share by the rules of docs/catalogue.md, 5.2. */
  async publish(name: ShareName, change: Change): Promise<Answer<Published>> {
    return this.#told(await this.#write('publish', name, change))
  }

  /**
   * Replaces all entries of a share by those of a whole list, as its change `seq` (greater than the one held; else it
   * is held already and nothing is done). Others see the old ones until they see the new ones; if `entries` throws, or the process
   * ends, the old ones stay. Entries are given in batches of any size, and taken as fast as they are written.
   */
  async replaceShare(
    name: ShareName,
    seq: number,
    entries: AsyncIterable<readonly Entry[]> | Iterable<readonly Entry[]>,
  ): Promise<Answer<Published>> {
    return this.#told(await replaceBy(this.#writing, name, seq, entries))
  }

  /** Whom a peer has blocked: bare JIDs and domains. Replaces what was said before. */
  block = (peer: string, blocked: readonly string[]) => this.#write('block', peer, blocked)
  blocked = (peer: string) => this.#write('blocked', peer)
  /** Whom the operator keeps out: bare JIDs and domains. Their shares are not there; who asks is for the caller to turn away. */
  keepOut = (who: string, isKeptOut: boolean) => this.#write('keepOut', who, isKeptOut)
  keptOut = () => this.#write('keptOut')

  /** Saves a search of a device, or replaces it. */
  saveSearch = (name: WatchName, query: Query) => {
    const fault = isName(name.watch) ? faultOfQuery(query) : ({ kind: 'bad-value', field: 'watch' } as const)
    return fault ? Promise.resolve<Refusal>(fault) : this.#write('saveSearch', name, query, ...this.#times())
  }
  dropSearch = (name: WatchName) => this.#write('dropSearch', name)
  savedSearches = (name: DeviceName) => this.#write('savedSearches', name)
  /** What the saved searches of a device have found that it has not heard of; one of them, if it is named. */
  async matches(name: DeviceName, watch?: string): Promise<Answer<{ matches: Matches[] }>> {
    const matches = await this.#readers.ask('matches', name.peer, name.device, watch)
    return 'kind' in matches ? matches : { kind: 'ok', matches }
  }
  /** The device has heard of what `matches` gave with this mark. */
  heard = (name: WatchName, mark: number) => this.#write('heard', name, mark)

  /** Makes a copy beside the file, as it also does now and then by itself. @returns where; nothing if that failed */
  backUp = () => this.#write('backUp')
  statistics = (): Promise<Statistics | Refusal> => this.#write('statistics')

  /** Finds contents. `max` 0: only how many. */
  async search(asker: string, query: Query, max: number): Promise<Answer<FirstPage<Hit>>> {
    const fault = faultOfQuery(query)
    if (fault) return fault
    const found = await this.#read('searchPage', asker, query, pageSize(max))
    if ('kind' in found) return found
    const result = this.#hits.freeze(asker, unpacking(found.found), found.isPartial)
    const cut = cutOf(this.#hits, asker, { result, index: 0 }, max)!
    return { kind: 'ok', result, ...pageOf(cut, found.first) }
  }

  /** Another page of a search; `not-found` when it is no longer kept. */
  async searchPage(asker: string, where: Where, max: number): Promise<Answer<Page<Hit>>> {
    const cut = cutOf(this.#hits, asker, where, max)
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
    const fault = faultOfQuery({ root })
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
    const cut = cutOf(this.#sources, asker, where, max)
    if (cut === undefined) return { kind: 'not-found' }
    const found = cut.items.map(({ item }) => item)
    const sources = found.length === 0 ? [] : await this.#read('sources', asker, found[0]!.root, found)
    return 'kind' in sources ? sources : { kind: 'ok', ...pageOf(cut, sources) }
  }

  /** The tags of entries that the asker may see, the most used first. */
  async tags(asker: string, max: number): Promise<Answer<FirstPage<TagItem>>> {
    const found = await this.#read('tags', asker)
    if ('kind' in found) return found
    const result = this.#tags.freeze(asker, found)
    const cut = cutOf(this.#tags, asker, { result, index: 0 }, max)!
    const items = cut.items.map(({ item }) => item)
    return { kind: 'ok', result, ...pageOf(cut, items) }
  }
  /** Another page, as far as something with these tags may still be seen. */
  async tagsPage(asker: string, where: Where, max: number): Promise<Answer<Page<TagItem>>> {
    const cut = cutOf(this.#tags, asker, where, max)
    if (cut === undefined) return { kind: 'not-found' }
    const tags = cut.items.map(({ item }) => item.tag)
    const now = await this.#read('tagsNow', asker, tags)
    return 'kind' in now ? now : { kind: 'ok', ...pageOf(cut, now) }
  }
  /** Those that begin so, by name. */
  tagsWith = async (asker: string, prefix: string, span: Span): Promise<Answer<Listing<TagItem>>> =>
    listed(await this.#read('tagsWith', asker, prefix, spanOf(span)))

  /** Peers who have something that the asker may see. */
  peers = async (
    asker: string,
    which: 'online' | 'offline' | 'all',
    span: Span,
  ): Promise<Answer<Listing<PeerItem>>> => listed(await this.#read('peers', asker, which, spanOf(span)))
  /** Shares of a peer that the asker may see: all of them, empty ones too, if it is the peer himself. By id. */
  shares = async (asker: string, peer: string, span: Span): Promise<Answer<Listing<ShareItem>>> =>
    listed(await this.#read('shares', asker, peer, spanOf(span)))
  /** What is in a folder of a share (`''`: the share itself): folders, then files; all files below, if `isDeep`. */
  folder = async (
    asker: string,
    share: ShareAddress,
    folder: string,
    span: Span,
    isDeep = false,
  ): Promise<Answer<Listing<FolderItem | FileItem>>> =>
    listed(await this.#read('folder', asker, share, folder, isDeep, spanOf(span)))

  /** The entry of a peer's share under this path, if the asker may see it: else he may not have it either. */
  async canSee(asker: string, peer: string, share: string, path: string): Promise<Answer<Seen>> {
    const fault = faultOfAddress({ peer, share })
    if (fault) return fault
    return seenAs(await this.#read('entryAt', asker, { peer, share }, path))
  }
  /** An entry of a peer with this content that the asker may see; on this device, if it is named. */
  async canSeeRoot(asker: string, peer: string, root: Root, device?: string): Promise<Answer<Seen>> {
    const fault = faultOfQuery({ root })
    return fault ?? seenAs(await this.#read('entryOf', asker, peer, root, device))
  }

  /** Ends the threads, after what was asked of the writer. */
  async close(): Promise<void> {
    await this.#readers.close()
    await this.#writing.close()
  }

  #told(said: { answer: Answer<Published>; matched: WatchName[] } | Refusal): Answer<Published> {
    if ('kind' in said) return said
    for (const watch of said.matched) this.#onMatch(watch)
    return said.answer
  }

  #write<O extends keyof WriterOperations>(operation: O, ...values: Parameters<WriterOperations[O]>) {
    return this.#writing.ask(operation, ...values)
  }

  #read<O extends keyof ReaderOperations>(operation: O, ...values: Parameters<ReaderOperations[O]>) {
    return this.#readers.ask(operation, ...values)
  }
}

const spanOf = (span: Span): Span => ({ ...span, max: pageSize(span.max) })

function seenAs(given: Seen | undefined | { kind: 'too-slow' } | { kind: 'busy' }): Answer<Seen> {
  if (given === undefined) return { kind: 'not-found' }
  return 'kind' in given ? given : { kind: 'ok', ...given }
}
