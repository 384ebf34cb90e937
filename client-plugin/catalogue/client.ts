/**
 * Searching, browsing, watching: the questions of docs/catalogue.md as calls. Each is one IQ and one page; what the
 * component notices for a saved search comes as `matched`.
 */

import {
  type Codec,
  type Element,
  found,
  listing,
  matched,
  nsCatalogue,
  peerList,
  type QuestionName,
  type QuestionValues,
  shareList,
  sourceList,
  tagList,
  watchList,
} from '../../schemas/index.js'
import { answer, Refused } from '../../wire/index.js'
import type {
  CatalogueClient,
  FolderItem,
  Hit,
  Matched,
  Page,
  PageWish,
  PeerInfo,
  PeerShare,
  SearchQuery,
  Source,
} from '../api.js'
import { CarefulEmitter } from '../careful-emitter.js'
import { FileTransferError } from '../errors.js'
import { type Asking, readAnswer } from './asking.js'
import { catalogueTrouble } from './trouble.js'
import {
  criteriaOf,
  hitOf,
  itemsOf,
  pageShown,
  pageWanted,
  peerOf,
  queryOf,
  rootBytes,
  shareOf,
  sourceOf,
} from './values.js'

export class Catalogue extends CarefulEmitter<{ matched: [Matched] }> implements CatalogueClient {
  readonly #unhear: () => void

  constructor(
    readonly asking: Asking,
    protected readonly report: (trouble: FileTransferError) => void,
  ) {
    super()
    this.#unhear = answer(asking.entity, {
      type: 'set',
      ns: nsCatalogue,
      name: 'matched',
      handle: (payload, { from }) => {
        if (from !== asking.component) throw Refused.by('unknown-namespace')
        const { id, more, hits } = matched.read(payload)
        this.tell('matched', { id, more, hits: hits.map(hitOf) })
      },
    })
  }

  async search(query: SearchQuery, wish: PageWish = {}): Promise<Page<Hit>> {
    const { hits, lines, page } = await this.#ask(
      'search',
      () => ({ ...criteriaOf(query), lines: true, ...pageWanted(wish) }),
      found,
      wish,
    )
    return pageShown((lines ?? hits).map(hitOf), page)
  }

  async sources(root: string, wish: PageWish = {}): Promise<Page<Source>> {
    const say = () => ({ root: rootBytes(root), ...pageWanted(wish) })
    const { sources, page } = await this.#ask('sources', say, sourceList, wish)
    return pageShown(sources.map(sourceOf), page)
  }

  async peers(which: 'online' | 'offline' | 'all', wish: PageWish = {}): Promise<Page<PeerInfo>> {
    const { peers, page } = await this.#ask('peers', () => ({ which, ...pageWanted(wish) }), peerList, wish)
    return pageShown(peers.map(peerOf), page)
  }

  async shares(peer: string, wish: PageWish = {}): Promise<Page<PeerShare>> {
    const say = () => ({ peer, deep: false, ...pageWanted(wish) })
    const { shares, page } = await this.#ask('browse', say, shareList, wish)
    return pageShown(shares.map(shareOf), page)
  }

  async browse(
    peer: string,
    share: string,
    path = '',
    wish: PageWish & { deep?: boolean } = {},
  ): Promise<Page<FolderItem>> {
    const folder = path.replace(/\/+$/, '')
    const say = () => ({
      peer,
      share,
      ...(folder !== '' && { path: folder }),
      deep: wish.deep === true,
      lines: true,
      ...pageWanted(wish),
    })
    const answer = await this.#ask('browse', say, listing, wish)
    return pageShown(itemsOf(answer, folder), answer.page)
  }

  async tags(
    prefix?: string,
    wish: PageWish = {},
  ): Promise<Page<{ readonly tag: string; readonly files: number }>> {
    const say = () => ({ ...(prefix && { prefix }), ...pageWanted(wish) })
    const { tags, page } = await this.#ask('tags', say, tagList, wish)
    return pageShown(tags, page)
  }

  async watch(id: string, query: SearchQuery): Promise<void> {
    await this.#say('watch', () => ({ id, ...criteriaOf(query) }))
  }

  async unwatch(id: string): Promise<void> {
    await this.#say('unwatch', () => ({ id }))
  }

  async watches(): Promise<{ readonly id: string; readonly query: SearchQuery }[]> {
    const { watches } = await this.#ask('watches', () => ({}), watchList)
    return watches.map(({ id, ...criteria }) => ({ id, query: queryOf(criteria) }))
  }

  /** Hears nothing any more. */
  close(): void {
    this.#unhear()
  }

  async #ask<N extends QuestionName, T>(
    name: N,
    value: () => QuestionValues[N],
    codec: Codec<T>,
    { signal }: PageWish = {},
  ): Promise<T> {
    return readAnswer(codec, await this.#say(name, value, signal))
  }

  async #say<N extends QuestionName>(
    name: N,
    value: () => QuestionValues[N],
    signal?: AbortSignal,
  ): Promise<Element | undefined> {
    const { asking } = this
    try {
      return await asking.ask(name, value(), signal)
    } catch (error) {
      if (asking.stopped.aborted) throw new FileTransferError('stopped')
      if (signal?.aborted) throw new FileTransferError('cancelled', undefined, { cause: signal.reason })
      throw catalogueTrouble(error, asking.component)
    }
  }
}
