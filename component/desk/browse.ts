/** Looking through a peer's shares as through folders (docs/catalogue.md, "Browsing"). */

import {
  asElements,
  asLines,
  type Browse,
  type Element,
  type Entry,
  type Folder,
  folder,
  listed,
  listing,
  listingLine,
  type Measure,
  pageBytes,
  pageBytesInLines,
  sharedFolder,
  shareList,
} from '../../schemas/index.js'
import type { FileItem, FolderItem } from '../catalogue/values.js'
import type { AnswerTo, Asker, Means } from './asker.js'
import { orderedPage } from './ordered-page.js'
import { bytesOfHex } from './publish.js'
import { describedShare } from './share.js'

type Line = Folder | Entry

const isFolder = (line: Line): line is Folder => 'files' in line

const [folderElement, fileElement] = [asElements(folder), asElements(listed)]
const elements: Measure<Line> = (line) => (isFolder(line) ? folderElement(line) : fileElement(line))
const inLines = asLines(listingLine)

const described = (item: FolderItem | FileItem): Line =>
  item.kind === 'folder'
    ? { path: item.path, files: item.files }
    : {
        path: item.path,
        root: bytesOfHex(item.root),
        size: item.size,
        modified: item.modified,
        type: item.mediaType,
        tags: item.tags,
      }

/** Without a share: the shares of the peer. */
export const browse: AnswerTo<'browse'> = (asker, said, means) =>
  said.share === undefined
    ? sharesOf(asker, said, means)
    : folderOf(asker, { peer: said.peer, share: said.share }, said, means)

async function sharesOf(asker: Asker, { peer, page }: Browse, { catalogue, marks }: Means): Promise<Element> {
  const { items, given } = await orderedPage({
    asker: asker.peer,
    wanted: page,
    marks,
    measure: asElements(sharedFolder),
    most: 60,
    list: (span) => catalogue.shares(asker.peer, peer, span),
    // Its numbers and who may see it are for `shares`, also when one looks at oneself.
    described: ({ own: _own, ...item }) => describedShare(item),
  })
  return shareList.write({ shares: items, page: given })
}

async function folderOf(
  asker: Asker,
  share: { peer: string; share: string },
  { path = '', deep, lines, page }: Browse,
  { catalogue, marks }: Means,
): Promise<Element> {
  const { items, given } = await orderedPage({
    asker: asker.peer,
    wanted: page,
    marks,
    measure: lines ? inLines : elements,
    budget: lines ? pageBytesInLines : pageBytes,
    most: lines ? 40 : 64,
    list: (span) => catalogue.folder(asker.peer, share, path, span, deep),
    described,
  })
  if (lines) return listing.write({ folders: [], files: [], lines: items, page: given })
  const files = items.filter((item) => !isFolder(item)) as Entry[]
  return listing.write({ folders: items.filter(isFolder), files, page: given })
}
