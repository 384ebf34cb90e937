/** `get`: files by name, by path, or by content; all that are wanted at once, each followed to its end. */
import {
  type FileTransfer,
  FileTransferError,
  type GetOptions,
  type Transfer,
} from '../../client-plugin/index.js'
import { exitOf, exits } from '../exit-codes.js'
import { CommandFailed, notBegun, troubleOf } from '../failure.js'
import { typed } from '../typed.js'
import type { Order, Wish } from '../words.js'
import { begun } from './begun.js'
import { type Conversation, leaving } from './conversation.js'
import { getFolder } from './folder-getting.js'
import { follow } from './follow.js'
import { nobodyHas } from './nobody-has.js'
import { findPlaces, type Place, theOne } from './share-path.js'
import { worst } from './worst.js'

type Get = Extract<Order, { order: 'get' }>

/** @returns the exit code */
export async function get(files: FileTransfer, order: Get, conversation: Conversation): Promise<number> {
  const { into, onConflict, as, other } = order
  const named = as === undefined ? {} : { filename: as }
  const options = { into, onConflict, ...named, ...(order.path === undefined ? {} : { path: order.path }) }
  const ends: (number | Promise<number>)[] = []
  const { signal, left, stop } = leaving(conversation)
  try {
    for (const wish of order.wishes) {
      if (signal.aborted) {
        ends.push(exits.interrupted.exit)
        break
      }
      try {
        const place =
          wish.by === 'path'
            ? await placeOf(files, wish, signal)
            : wish.by === 'name'
              ? await wholeShare(files, wish, signal)
              : undefined
        if (place?.isFolder) {
          ends.push(getFolder(files, place, options, conversation, other))
          continue
        }
        const intoAsBefore = order.intoAsBefore === true
        const transfer = await begun(
          (onBegun) => begin(files, wish, place, { ...options, onBegun }, intoAsBefore),
          left,
        )
        ends.push(follow(transfer, conversation, { other, files }))
      } catch (error) {
        // One that is not there is no reason to leave the others.
        const trouble = notBegun(troubleOf(error), 'get it again')
        conversation.report({ report: 'error', ...trouble })
        ends.push(exitOf(trouble.code))
      }
    }
    return worst(await Promise.all(ends))
  } finally {
    stop()
  }
}

async function begin(
  files: FileTransfer,
  wish: Wish,
  place: Place | undefined,
  options: GetOptions,
  intoAsBefore: boolean,
): Promise<Transfer> {
  switch (wish.by) {
    case 'again': {
      const { into, ...asWished } = options
      return files.again(wish.key, intoAsBefore ? asWished : { into, ...asWished })
    }
    case 'name':
      return files.request(wish.peer, wish.name, options)
    case 'root': {
      const { root, filename } = wish
      return files.get({ root, ...(filename === undefined ? {} : { filename }) }, options).catch((error) => {
        throw isNotFound(error) ? nobodyHas(root, { cause: error }) : error
      })
    }
    case 'path': {
      const { peer } = wish
      return files.get({ peer, share: place!.share.id, path: place!.path }, options).catch((error) => {
        if (!isNotFound(error)) throw error
        const folder = wish.path.slice(0, wish.path.lastIndexOf('/'))
        throw new CommandFailed(
          'no-such-path',
          `${peer} has no “${wish.path}” that you may get.`,
          `\`jabberfs browse ${peer} ${typed(folder)}\` shows what is there.`,
          { cause: error },
        )
      })
    }
  }
}

/** Where this is, and whether it is a folder: what ends in `/`, a whole share, or what the catalogue has something below. */
async function placeOf(
  files: FileTransfer,
  { peer, path: written }: Extract<Wish, { by: 'path' }>,
  signal: AbortSignal,
): Promise<Place & { peer: string; isFolder: boolean }> {
  const places = await findPlaces(files.catalogue, peer, written, signal)
  const first = places[0]!
  if (written.endsWith('/') || first.path === '') return { ...theOne(places, peer), peer, isFolder: true }
  for (const place of places) {
    const { share, path } = place
    const below = await files.catalogue.browse(peer, share.id, path, { max: 1, signal }).catch((error) => {
      if (!isNotFound(error)) throw error
    })
    if (below !== undefined && below.items.length > 0) return { ...place, peer, isFolder: true }
  }
  return { ...first, peer, isFolder: false }
}

/**
 * A plain name that is a share of theirs, as `browse` shows it, is all of that; any other asks for a file of that name. So
 * does one for a certain device, and one of which the catalogue says nothing.
 */
async function wholeShare(
  { catalogue }: FileTransfer,
  { peer, name }: Extract<Wish, { by: 'name' }>,
  signal: AbortSignal,
): Promise<(Place & { peer: string; isFolder: true }) | undefined> {
  if (peer.includes('/')) return undefined
  const places = await findPlaces(catalogue, peer, name, signal).catch(() => [])
  return places.length === 0 ? undefined : { ...theOne(places, peer), peer, isFolder: true }
}

function isNotFound(error: unknown): boolean {
  return error instanceof FileTransferError && error.code === 'not-found'
}
