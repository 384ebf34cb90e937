/**
 * The catalogue as one tree for clients that browse: peers, in them shares, in them folders and files. A place in it has a
 * node: the peer, the share and the path, parted by `/`, each as it is shown (docs/catalogue.md, "Stock clients").
 */

import { parseJid } from '../../schemas/index.js'
import type { Catalogue } from '../catalogue/catalogue.js'
import type { Answer, FileItem, Listing, ShareItem, Span } from '../catalogue/values.js'
import { granted, later } from '../desk/refusing.js'

/** What stands at a place. */
export interface Line {
  node: string
  /** As it is shown: the last part of the node. */
  name: string
  /** Files below a folder, or that a peer or share has. */
  files?: number
  /** Where it is a file. */
  file?: FileItem
}

type Lister = (span: Span) => Promise<Answer<Listing<Line>>>

/** A peer has at most so many shares: each of his devices has 64. */
const mostShares = 1_024

/** How to list what is at a node. @returns undefined where the asker can know of no such place. @throws Refused when that cannot be known now */
export async function placeAt(
  catalogue: Catalogue,
  asker: string,
  node: string,
): Promise<Lister | undefined> {
  if (node === '') return peersOf(catalogue, asker)
  const [peer = '', shown, ...names] = node.split('/')
  // What is no address is nobody's place; who has nothing, and who is not there, look alike.
  if (parseJid(peer)?.bare !== peer) return undefined
  const shares = await sharesOf(catalogue, asker, peer)
  if (shown === undefined) return async (span) => cutOf(shares, span)
  const share = shareNamed(shares, shown)
  if (share === undefined) return undefined
  const path = names.join('/')
  return (span) => folderOf(catalogue, asker, { peer, share }, path, node, span)
}

/** Whether a node is a file's. @throws Refused when that cannot be known now */
export async function isFile(catalogue: Catalogue, asker: string, node: string): Promise<boolean> {
  const [peer = '', shown, ...names] = node.split('/')
  if (names.length === 0) return false
  const shares = await sharesOf(catalogue, asker, peer)
  const share = shareNamed(shares, shown)
  if (share === undefined) return false
  const { kind } = await catalogue.canSee(asker, peer, share, names.join('/'))
  if (kind === 'busy' || kind === 'too-slow') throw later()
  return kind === 'ok'
}

function peersOf(catalogue: Catalogue, asker: string): Lister {
  return async (span) => {
    const answer = await catalogue.peers(asker, 'all', span)
    return changed(answer, ({ peer, files }) => ({ node: peer, name: peer, files }))
  }
}

async function folderOf(
  catalogue: Catalogue,
  asker: string,
  share: { peer: string; share: string },
  path: string,
  node: string,
  span: Span,
): Promise<Answer<Listing<Line>>> {
  const answer = await catalogue.folder(asker, share, path, span)
  return changed(answer, (item) => {
    const line = { node: `${node}/${item.path}`, name: item.path }
    return item.kind === 'file' ? { ...line, file: item } : { ...line, files: item.files }
  })
}

type ShareLine = Line & { share: string }

/** By the name it is shown with, or by its id. */
function shareNamed(shares: readonly ShareLine[], shown: string | undefined): string | undefined {
  return shares.find(({ name, share }) => name === shown || share === shown)?.share
}

/** All shares of a peer that the asker may see, by their ids. @throws Refused when that cannot be known now */
export async function allSharesOf(catalogue: Catalogue, asker: string, peer: string): Promise<ShareItem[]> {
  const all: ShareItem[] = []
  for (let after: string | undefined; all.length < mostShares; ) {
    const span = { max: 100, ...(after !== undefined && { after }) }
    const { items, isMore } = granted(await catalogue.shares(asker, peer, span))
    all.push(...items.map(({ value }) => value))
    after = items.at(-1)?.cursor
    if (!isMore || after === undefined) break
  }
  return all
}

/** The shares of a peer. One is shown by its name, or where that is another's too, or no name in a path, by its id. */
async function sharesOf(catalogue: Catalogue, asker: string, peer: string): Promise<ShareLine[]> {
  const all = await allSharesOf(catalogue, asker, peer)
  const taken = new Map<string, number>()
  for (const { name, share } of all) {
    for (const word of new Set([name, share])) taken.set(word, (taken.get(word) ?? 0) + 1)
  }
  return all.map(({ name, share, files }) => {
    const isPlain = taken.get(name) === 1 && !name.includes('/')
    const shown = isPlain ? name : share
    return { node: `${peer}/${shown}`, name: shown, files, share }
  })
}

/** A page of what is here whole; a place in it is a share's id. */
function cutOf(lines: readonly ShareLine[], { after, before, max }: Span): Answer<Listing<Line>> {
  const ordered = [...lines].sort((a, b) => (a.share < b.share ? -1 : 1))
  if (max === 0) return { kind: 'ok', items: [], isMore: false, count: lines.length }
  const rest = ordered.filter(
    ({ share }) => (after === undefined || share > after) && (!before || share < before),
  )
  const cut = before === undefined ? rest.slice(0, max) : rest.slice(-max)
  const items = cut.map(({ share, ...value }) => ({ cursor: share, value }))
  return { kind: 'ok', items, isMore: cut.length < rest.length }
}

function changed<T, V>(answer: Answer<Listing<T>>, by: (value: T) => V): Answer<Listing<V>> {
  if (answer.kind !== 'ok') return answer as Answer<Listing<V>>
  const items = answer.items.map(({ cursor, value }) => ({ cursor, value: by(value) }))
  return { ...answer, items }
}
