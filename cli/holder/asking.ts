/** Questions to the catalogue: `search`, `sources`, `peers`, `browse`, `tags`. */
import { type FileTransfer, FileTransferError, type Hit } from '../../client-plugin/index.js'
import type { CatalogueOrder, HitLook } from '../catalogue-words.js'
import { exits } from '../exit-codes.js'
import { CommandFailed } from '../failure.js'
import { type Conversation, leaving } from './conversation.js'
import { list } from './listing.js'
import { nobodyHas } from './nobody-has.js'
import { findPlaces, theOne } from './share-path.js'

type Asking = Extract<CatalogueOrder, { order: 'search' | 'sources' | 'peers' | 'browse' | 'tags' }>

/** @returns the exit code. Finding nothing is an answer too. @throws CommandFailed, FileTransferError */
export async function ask(files: FileTransfer, order: Asking, conversation: Conversation): Promise<number> {
  const { signal, stop } = leaving(conversation)
  try {
    await answer(files, order, conversation, signal)
    return exits.done.exit
  } catch (error) {
    if (signal.aborted) return exits.interrupted.exit
    throw plainer(error, order)
  } finally {
    stop()
  }
}

async function answer(
  { catalogue }: FileTransfer,
  order: Asking,
  conversation: Conversation,
  signal: AbortSignal,
): Promise<void> {
  const { report } = conversation
  switch (order.order) {
    case 'search':
      return list(
        'hit',
        order.list,
        (page) => catalogue.search(order.query, page),
        (hit, no) => report({ report: 'hit', no, ...hitLook(hit) }),
        conversation,
        signal,
      )
    case 'sources':
      return list(
        'source',
        order.list,
        (page) => catalogue.sources(order.root, page),
        ({ peer, share, path, isOnline: online, modified }) =>
          report({ report: 'source', peer, share, path, online, modified }),
        conversation,
        signal,
      )
    case 'peers':
      return list(
        'peer',
        order.list,
        (page) => catalogue.peers(order.which, page),
        ({ peer, isOnline: online, shares, files, bytes }) =>
          report({ report: 'peer', peer, online, shares, files, ...(bytes === undefined ? {} : { bytes }) }),
        conversation,
        signal,
      )
    case 'tags':
      return list(
        'tag',
        order.list,
        (page) => catalogue.tags(order.prefix, page),
        ({ tag, files }) => report({ report: 'tag', tag, files }),
        conversation,
        signal,
      )
    case 'browse':
      return order.path === ''
        ? browsePeer(catalogue, order, conversation, signal)
        : browseShare(catalogue, order, conversation, signal)
  }
}

type Browse = Extract<CatalogueOrder, { order: 'browse' }>

function browsePeer(
  catalogue: FileTransfer['catalogue'],
  { peer, list: wish }: Browse,
  conversation: Conversation,
  signal: AbortSignal,
): Promise<void> {
  return list(
    'peer-share',
    wish,
    (page) => catalogue.shares(peer, page),
    ({ id, name, tags, files, bytes }) => {
      const known = bytes === undefined ? {} : { bytes }
      conversation.report({ report: 'peer-share', peer, id, name, tags, files, ...known })
    },
    conversation,
    signal,
  )
}

async function browseShare(
  catalogue: FileTransfer['catalogue'],
  { peer, path: written, deep, list: wish }: Browse,
  conversation: Conversation,
  signal: AbortSignal,
): Promise<void> {
  const { report } = conversation
  const { share, path: folder, label } = theOne(await findPlaces(catalogue, peer, written, signal), peer)
  let no = 0
  await list(
    'item',
    wish,
    (page) => catalogue.browse(peer, share.id, folder, { ...page, deep }),
    (item) => {
      const path = `${label}/${item.path}`
      if (item.kind === 'folder') report({ report: 'folder', peer, path, files: item.files })
      else {
        const { size, modified, root, mediaType, tags } = item
        const type = mediaType === undefined ? {} : { mediaType }
        report({ report: 'file', no: ++no, peer, path, size, modified, root, ...type, tags })
      }
    },
    conversation,
    signal,
  )
}

/** A hit as reports carry it. */
export function hitLook({ root, size, mediaType, sources, online, peer, share, path }: Hit): HitLook {
  return {
    root,
    size,
    ...(mediaType === undefined ? {} : { mediaType }),
    sources,
    online,
    ...(peer === undefined ? {} : { peer }),
    ...(share === undefined ? {} : { share }),
    path,
  }
}

/** `not-found` of a catalogue is another thing than a file that somebody does not have. */
function plainer(error: unknown, order: Asking): unknown {
  if (!(error instanceof FileTransferError) || error.code !== 'not-found') return error
  const cause = { cause: error }
  if (order.order === 'browse') {
    const todo = `\`jabberfs browse ${order.peer}\` shows what there is.`
    return new CommandFailed(
      'no-such-path',
      `There is no folder “${order.path}” that you may see.`,
      todo,
      cause,
    )
  }
  if (order.order === 'sources') return nobodyHas(order.root, cause)
  // A page of a frozen result is kept for two minutes.
  return new CommandFailed('no-such-path', 'The list has been forgotten meanwhile.', 'Ask again.', cause)
}
