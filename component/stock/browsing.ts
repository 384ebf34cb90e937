/** Browsing as stock clients do: XEP-0030 items, and XEP-0329 with files as XEP-0234 describes them. */

import {
  asElements,
  type Codec,
  childOf,
  type DiscoItem,
  type Element,
  nsDiscoItems,
  nsFileSharing,
  nsRsm,
  type PageGiven,
  type PageWanted,
  pageWanted,
  readFileQuery,
  type SharedFile,
  writeDiscoItems,
  writeFileList,
  xml,
} from '../../schemas/index.js'
import { Refused } from '../../wire/index.js'
import { orderedPage } from '../desk/ordered-page.js'
import { bytesOfHex } from '../desk/publish.js'
import { admitted, type StockMeans } from './means.js'
import { type Line, placeAt } from './places.js'

/** Characters of a node: peer, share and path. */
const maxNode = 4_096
/** A page for those who know no pages: they get no other. */
const bytesForAll = 40_000

/** `disco#items` of a node of the tree, or of the component. @throws Refused, Malformed */
export async function itemsOf(means: StockMeans, from: string, query: Element): Promise<Element> {
  const { node = '' } = query.attrs
  const asker = admitted(means, from, 'browse')
  const jid = means.domain
  const codec = writing(nsDiscoItems, (line: Line) => xml('item', { ...itemFor(jid, line) }))
  const { items, given } = await page(means, asker, node, query, codec)
  return writeDiscoItems(
    items.map((line) => itemFor(jid, line)),
    query.attrs.node,
    unlessEmpty(given),
  )
}

/** What is in a node, by XEP-0329. @throws Refused, Malformed */
export async function filesOf(means: StockMeans, from: string, query: Element): Promise<Element> {
  const node = readFileQuery(query)
  const asker = admitted(means, from, 'browse')
  const codec = writing(nsFileSharing, (line: Line) => writeFileList('', ...sorted([line])))
  const { items, given } = await page(means, asker, node, query, codec)
  return writeFileList(node, ...sorted(items), unlessEmpty(given))
}

/** XEP-0059, 2.2: where there is nothing at all, the answer is as empty as it would be without pages. */
export const unlessEmpty = (given: PageGiven): PageGiven | undefined =>
  given.count === 0 ? undefined : given

async function page(means: StockMeans, asker: string, node: string, query: Element, codec: Codec<Line>) {
  if (node.length > maxNode) throw Refused.by('not-found')
  const wanted = wantedIn(query)
  const list = await placeAt(means.catalogue, asker, node)
  if (list === undefined) throw Refused.by('not-found')
  return orderedPage({
    asker,
    wanted,
    marks: means.marks,
    measure: asElements(codec),
    most: 100,
    ...(wanted === undefined && { budget: bytesForAll }),
    list,
    described: (line: Line) => line,
  })
}

/** The page that is wanted; whoever says nothing of pages knows none. */
function wantedIn(query: Element): PageWanted | undefined {
  const set = childOf(query, 'set', nsRsm)
  return set && pageWanted.read(set)
}

function itemFor(jid: string, { node, name, file, files }: Line): DiscoItem {
  const more = file === undefined ? `${files ?? 0} files` : `${file.size} bytes`
  return { jid, node, name: `${name} (${more})` }
}

function sorted(lines: readonly Line[]): [directories: string[], files: SharedFile[]] {
  const directories = lines.filter(({ file }) => file === undefined).map(({ name }) => name)
  const files = lines.flatMap(({ name, file }) => {
    if (file === undefined) return []
    const { size, modified, mediaType, root } = file
    const date = new Date(modified * 1_000).toISOString().replace('.000Z', 'Z')
    return [{ name, size, date, ...(mediaType !== undefined && { mediaType }), root: bytesOfHex(root) }]
  })
  return [directories, files]
}

/** Only for measuring. */
export const writing = <T>(ns: string, write: (value: T) => Element): Codec<T> => ({
  name: 'item',
  ns,
  read: () => {
    throw new Error('only for writing')
  },
  write,
})
