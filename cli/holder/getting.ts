/** `get`: files by name, by path, or by content; all that are wanted at once, each followed to its end. */
import {
  type AcceptOptions,
  type FileTransfer,
  FileTransferError,
  type Transfer,
} from '../../client-plugin/index.js'
import { exitOf } from '../exit-codes.js'
import { CommandFailed, troubleOf } from '../failure.js'
import type { Order, Wish } from '../words.js'
import { type Conversation, leaving } from './conversation.js'
import { follow } from './follow.js'
import { nobodyHas } from './nobody-has.js'
import { findPlaces } from './share-path.js'
import { worst } from './worst.js'

type Get = Extract<Order, { order: 'get' }>

/** @returns the exit code */
export async function get(files: FileTransfer, order: Get, conversation: Conversation): Promise<number> {
  const { into, onConflict, as, other } = order
  const named = as === undefined ? {} : { filename: as }
  const options = { into, onConflict, ...named, ...(order.path === undefined ? {} : { path: order.path }) }
  const ends: Promise<number>[] = []
  const { signal, stop } = leaving(conversation)
  try {
    for (const wish of order.wishes) {
      try {
        const transfer = await begin(files, wish, options, signal, order.intoAsBefore === true)
        ends.push(follow(transfer, conversation, { other, files }))
      } catch (error) {
        // One that is not there is no reason to leave the others.
        const trouble = troubleOf(error)
        conversation.report({ report: 'error', ...trouble })
        ends.push(Promise.resolve(exitOf(trouble.code)))
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
  options: AcceptOptions,
  signal: AbortSignal,
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
      const places = await findPlaces(files.catalogue, peer, wish.path, signal)
      const [place] = places.filter(({ path }) => path !== '')
      if (place === undefined) {
        throw new CommandFailed(
          'no-such-path',
          `“${wish.path}” is a whole share, and a file is got.`,
          `\`jabberfs browse ${peer} ${places[0]!.label}\` shows what is in it.`,
        )
      }
      return files.get({ peer, share: place.share.id, path: place.path }, options).catch((error) => {
        if (!isNotFound(error)) throw error
        const folder = wish.path.slice(0, wish.path.lastIndexOf('/'))
        throw new CommandFailed(
          'no-such-path',
          `${peer} has no “${wish.path}” that you may get.`,
          `\`jabberfs browse ${peer} ${folder}\` shows what is there.`,
          { cause: error },
        )
      })
    }
  }
}

function isNotFound(error: unknown): boolean {
  return error instanceof FileTransferError && error.code === 'not-found'
}
