/** Looking through a peer's shares as through folders (docs/catalogue.md, "Browsing"). */

import {
  type Browse,
  type Codec,
  type Element,
  type Entry,
  type Folder,
  folder,
  listed,
  listing,
  nsCatalogue,
  sharedFolder,
  shareList,
  writtenAhead,
} from '../../schemas/index.js'
import type { FileItem, FolderItem } from '../catalogue/values.js'
import type { AnswerTo, Asker, Means } from './asker.js'
import { orderedPage } from './ordered-page.js'
import { bytesOfHex } from './publish.js'
import { describedShare } from './share.js'

type Line = { folder: Folder } | { file: Entry }

/** Only for measuring: folders and files stand in one page. */
const line: Codec<Line> = {
  name: 'file',
  ns: nsCatalogue,
  read: (element) => ({ file: listed.read(element) }),
  write: (item): Element =>
    'folder' in item ? writtenAhead(folder, item.folder) : writtenAhead(listed, item.file),
}

const described = (item: FolderItem | FileItem): Line =>
  item.kind === 'folder'
    ? { folder: { path: item.path, files: item.files } }
    : {
        file: {
          path: item.path,
          root: bytesOfHex(item.root),
          size: item.size,
          modified: item.modified,
          type: item.mediaType,
          tags: item.tags,
        },
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
    codec: sharedFolder,
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
  { path = '', deep, page }: Browse,
  { catalogue, marks }: Means,
): Promise<Element> {
  const { items, given } = await orderedPage({
    asker: asker.peer,
    wanted: page,
    marks,
    codec: line,
    most: 64,
    list: (span) => catalogue.folder(asker.peer, share, path, span, deep),
    described,
  })
  const folders = items.flatMap((item) => ('folder' in item ? [item.folder] : []))
  const files = items.flatMap((item) => ('file' in item ? [item.file] : []))
  return listing.write({ folders, files, page: given })
}
