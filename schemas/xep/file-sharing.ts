/**
 * Browsing as stock clients do: XEP-0329. A node is a path of ours, of peer, share and folders; what is in it are
 * directories, and files as XEP-0234 describes them.
 */

import { Malformed } from '../malformed.js'
import { nsFileSharing, nsHashes, nsJingleFile, rootAlgorithm } from '../names.js'
import { type Element, isElement, xml } from '../xml.js'
import { type PageGiven, pageGiven } from './rsm.js'

export interface SharedFile {
  name: string
  /** Bytes. */
  size: number
  /** XEP-0082. */
  date?: string
  mediaType?: string
  root?: Uint8Array
}

/** Characters of a node: peer, share and path. */
const maxNode = 4_096

/**
 * Reads the question: the node, empty for the first.
 * @throws Malformed when it is another element, or the node is too long
 */
export function readFileQuery(query: Element): string {
  if (!isElement(query, 'query', nsFileSharing)) throw new Malformed('query', 'not this element')
  const { node = '' } = query.attrs
  if (node.length > maxNode) throw new Malformed('query/@node', 'too long')
  return node
}

/** Writes what is in a node, and which page of it this is. */
export function writeFileList(
  node: string,
  directories: readonly string[],
  files: readonly SharedFile[],
  page?: PageGiven,
): Element {
  return xml(
    'query',
    { xmlns: nsFileSharing, node: node === '' ? undefined : node },
    ...directories.map((name) => xml('directory', { name })),
    ...files.map(({ name, size, date, mediaType, root }) =>
      xml(
        'file',
        { xmlns: nsJingleFile },
        date !== undefined && xml('date', null, date),
        mediaType !== undefined && xml('media-type', null, mediaType),
        xml('name', null, name),
        xml('size', null, size),
        root && xml('hash', { xmlns: nsHashes, algo: rootAlgorithm }, Buffer.from(root).toString('base64')),
      ),
    ),
    page && pageGiven.write(page),
  )
}

/** The question. */
export const askFileList = (node?: string): Element => xml('query', { xmlns: nsFileSharing, node })
