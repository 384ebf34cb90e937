/** `share`, `unshare`, `shares`: the folders of this device. */
import type { FileTransfer, FileTransferError, ShareInfo } from '../../client-plugin/index.js'
import type { CatalogueOrder } from '../catalogue-words.js'
import { exits } from '../exit-codes.js'
import { troubleOf } from '../failure.js'
import type { Trouble } from '../words.js'
import { type Conversation, leaving } from './conversation.js'
import { shareLook } from './share-look.js'
import { isStaying, stay } from './staying.js'

/** So many of the files that were left out are named unasked. */
const fewLeftOut = 5

type Of<Name extends CatalogueOrder['order']> = Extract<CatalogueOrder, { order: Name }>

/**
 * Shares a folder and follows it until it is published. Then it ends where another command keeps this process running;
 * else it stays itself.
 * @returns the exit code
 */
export async function share(
  files: FileTransfer,
  order: Of<'share'>,
  conversation: Conversation,
): Promise<number> {
  const { folder, name, tags, visibleTo, once, verbose } = order
  const { report } = conversation
  const { signal, stop } = leaving(conversation)
  const added = await files.shares.add(folder, {
    ...(name === undefined ? {} : { name }),
    ...(tags === undefined ? {} : { tags }),
    ...(visibleTo === undefined ? {} : { visibleTo }),
  })
  const refused = new AbortController()
  const onProgress = (info: ShareInfo) => {
    if (info.id !== added.id) return
    // Nobody here can do anything about it, and it may be so for ever.
    if (info.trouble?.code === 'not-served') refused.abort(info.trouble)
    else report({ report: 'sharing', ...shareLook(info) })
  }
  files.shares.on('progress', onProgress)
  onProgress(added)
  try {
    const info = await files.shares.current(added.id, AbortSignal.any([signal, refused.signal]))
    tellLeftOut(files, info, conversation, verbose ? Number.POSITIVE_INFINITY : fewLeftOut)
    report({ report: 'shared', ...shareLook(info) })
  } catch (error) {
    if (!signal.aborted && refused.signal.aborted) {
      report({ report: 'error', ...notServed(refused.signal.reason as FileTransferError) })
      return exits.component.exit
    }
    if (!signal.aborted) throw error
    report({ report: 'looked-after', by: isStaying(files) ? 'other' : 'nobody' })
    return exits.interrupted.exit
  } finally {
    stop()
    files.shares.off('progress', onProgress)
  }
  const by = isStaying(files) ? 'other' : once ? 'nobody' : 'this'
  report({ report: 'looked-after', by })
  if (by === 'this') await stay(files, conversation, { matches: false, resumes: true })
  return exits.done.exit
}

function notServed(why: FileTransferError): Trouble {
  const { code, says, todo } = troubleOf(why)
  const stays = 'The folder stays in `jabberfs shares`, and `jabberfs serve` tells it when that has changed.'
  return { code, says, todo: `${todo} ${stays}` }
}

/** @throws FileTransferError `unknown-share` */
export async function unshare(
  files: FileTransfer,
  order: Of<'unshare'>,
  { report }: Conversation,
): Promise<number> {
  const found = files.shares
    .list()
    .find(({ id, name, folder }) => id === order.share || name === order.share || folder === order.share)
  await files.shares.remove(order.share)
  report({ report: 'unshared', share: found?.name ?? order.share })
  return exits.done.exit
}

export function listShares(files: FileTransfer, order: Of<'shares'>, conversation: Conversation): number {
  const shares = files.shares.list()
  for (const info of shares) {
    conversation.report({ report: 'share', ...shareLook(info) })
    if (order.leftOut) tellLeftOut(files, info, conversation, Number.POSITIVE_INFINITY)
  }
  if (shares.length === 0) conversation.report({ report: 'no-shares' })
  else if (!isStaying(files)) conversation.report({ report: 'looked-after', by: 'nobody' })
  return exits.done.exit
}

function tellLeftOut(files: FileTransfer, info: ShareInfo, { report }: Conversation, most: number): void {
  if (info.leftOutFiles === 0) return
  const named = files.shares.leftOut(info.id).slice(0, most)
  for (const { path, why } of named) report({ report: 'left-out', share: info.name, path, why })
  const more = info.leftOutFiles - named.length
  if (more > 0) report({ report: 'left-out-more', share: info.name, files: more })
}
