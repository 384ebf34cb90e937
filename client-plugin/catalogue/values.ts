/** The catalogue's words as a program holds them: roots as hex, sizes as `bytes`, pages with marks to go on from. */

import type {
  Criteria,
  Listing,
  PageGiven,
  PageWanted,
  Hit as SaidHit,
  SharedFolder,
  SharingPeer,
  CatalogueSource as SourceSaid,
} from '../../schemas/index.js'
import type { FolderItem, Hit, Page, PageWish, PeerInfo, PeerShare, SearchQuery, Source } from '../api.js'
import { FileTransferError } from '../errors.js'
import { fromHex, toHex } from '../transfer/hex.js'

/** The wish for a page as it is said: nothing where nothing is wished. */
export function pageWanted({ max, after, before }: PageWish): { page?: PageWanted } {
  if (max === undefined && after === undefined && before === undefined) return {}
  return {
    page: {
      ...(max !== undefined && { max }),
      ...(after !== undefined && { after }),
      ...(before !== undefined && { before }),
    },
  }
}

/**
 * A page as it is shown. A next one is offered unless this is known to be the last: it is where the last place is the
 * count, or where there is nothing on the page.
 */
export function pageShown<T>(items: T[], given: PageGiven | undefined): Page<T> {
  const { first, last, count } = given ?? {}
  const index = first?.index
  const isLast =
    items.length === 0 || (index !== undefined && count !== undefined && index + items.length >= count)
  return {
    items,
    next: isLast ? undefined : last,
    previous: items.length === 0 || index === 0 ? undefined : first?.mark,
    count,
  }
}

/** A search as it is said. @throws FileTransferError `bad-option` for a root that is none */
export function criteriaOf(query: SearchQuery): Criteria {
  const { words, minSize: min, maxSize: max, types = [], tags = [], root, peer, online = false } = query
  return {
    ...(words !== undefined && words.trim() !== '' && { words }),
    ...((min ?? max) !== undefined && {
      size: { ...(min !== undefined && { min }), ...(max !== undefined && { max }) },
    }),
    types,
    tags,
    ...(root !== undefined && { root: rootBytes(root) }),
    ...(peer !== undefined && { peer }),
    online,
  }
}

/** The other way, for saved searches. */
export function queryOf({ words, size, types, tags, root, peer, online }: Criteria): SearchQuery {
  return {
    ...(words !== undefined && { words }),
    ...(size?.min !== undefined && { minSize: size.min }),
    ...(size?.max !== undefined && { maxSize: size.max }),
    ...(types.length > 0 && { types }),
    ...(tags.length > 0 && { tags }),
    ...(root !== undefined && { root: toHex(root) }),
    ...(peer !== undefined && { peer }),
    ...(online && { online }),
  }
}

export function rootBytes(root: string): Uint8Array {
  if (!/^[0-9a-f]{64}$/.test(root)) throw new FileTransferError('bad-option', 'root: 64 lower hex digits')
  return fromHex(root)
}

export function hitOf({ root, size, type, sources, online, peer, share, path }: SaidHit): Hit {
  return { root: toHex(root), size, mediaType: type, sources, online, peer, share, path }
}

export function sourceOf({ peer, share, path, online, modified }: SourceSaid): Source {
  return { peer, share, path, isOnline: online, modified }
}

export function peerOf({ peer, online, shares = 0, files, size }: SharingPeer): PeerInfo {
  return { peer, isOnline: online, shares, files, bytes: size }
}

export function shareOf({ id, name, tags, files, size }: SharedFolder): PeerShare {
  return { id, name, tags, files, bytes: size }
}

/** Folders, then files, with their paths in the share: those of the answer are below the folder that was asked for. */
export function itemsOf({ folders, files, lines }: Listing, below: string): FolderItem[] {
  const whole = (path: string) => (below === '' ? path : `${below}/${path}`)
  return (lines ?? [...folders, ...files]).map((item): FolderItem => {
    if ('files' in item) return { kind: 'folder', path: whole(item.path), files: item.files }
    const { path, size, modified, root, type, tags } = item
    return { kind: 'file', path: whole(path), size, modified, root: toHex(root), mediaType: type, tags }
  })
}
