/** Each order, carried out with the plugin in this process. */
import { type FileTransfer, FileTransferError, type Transfer } from '../../client-plugin/index.js'
import { exitOf, exits } from '../exit-codes.js'
import { CommandFailed, troubleOf } from '../failure.js'
import type { Order, Trouble } from '../words.js'
import { endedSoon } from './aborting.js'
import { ask } from './asking.js'
import { type CarryOut, type Conversation, leaving } from './conversation.js'
import { devices } from './devices.js'
import { doctor } from './doctor.js'
import { devicesField } from './every-device.js'
import { follow, isEndUnsaid } from './follow.js'
import { get } from './getting.js'
import { earlierKey, named, reportLeft, troubleField } from './naming.js'
import { withoutServer } from './once-connected.js'
import { path } from './path.js'
import { unmoved } from './patience.js'
import { receive } from './receiving.js'
import { send } from './sending.js'
import { serve } from './serving.js'
import { listShares, share, unshare } from './sharing.js'
import { listWatches, unwatch, watch } from './watching.js'
import { worst } from './worst.js'

/** `transfers --all` looks back so far. */
const mostEnded = 200

/** They are over in a moment, or not at all. */
const questions: ReadonlySet<Order['order']> = new Set([
  'search',
  'sources',
  'peers',
  'browse',
  'tags',
  'watches',
  'unwatch',
])

/**
 * @param trouble why there is no connection, where there is none
 * @returns what carries orders out with this plugin; a failure becomes a report and an exit code.
 */
export function carryOutWith(files: FileTransfer, trouble: () => Trouble | undefined): CarryOut {
  return async (order, conversation) => {
    try {
      const why = trouble()
      if (order.order === 'doctor') {
        return await doctor(files, why?.code === 'component-away' ? undefined : why, conversation)
      }
      if (why !== undefined && !withoutServer.has(order.order)) {
        // What begins something waits, as it would have where it had begun before; a question is answered.
        if (questions.has(order.order)) throw new CommandFailed(why.code, why.says, why.todo)
        conversation.report({ report: 'away', ...why })
      }
      return await carryOut(files, order, conversation)
    } catch (error) {
      const trouble = troubleOf(error)
      conversation.report({ report: 'error', ...trouble })
      return exitOf(trouble.code)
    }
  }
}

async function carryOut(
  files: FileTransfer,
  order: Exclude<Order, { order: 'doctor' }>,
  conversation: Conversation,
): Promise<number> {
  switch (order.order) {
    case 'send':
      return send(files, order, conversation)
    case 'get':
      return get(files, order, conversation)
    case 'receive':
      return receive(files, order, conversation)
    case 'transfers': {
      listTransfers(files, order.all === true, conversation)
      return exits.done.exit
    }
    case 'resume': {
      const resumed = await files.resume(order.key, order.path === undefined ? {} : { path: order.path })
      // What awaits its end only does not go on.
      const transfers = resumed.filter(({ state }) => order.key !== undefined || state !== 'aborting')
      // Answered while nobody ran for it: heard just now, and there is nothing left to resume.
      if (order.key === undefined) transfers.push(...files.transfers().filter(isEndUnsaid))
      if (transfers.length === 0) conversation.report({ report: 'nothing' })
      const { waitSeconds } = order
      const followed = transfers.map((transfer) => {
        const patience = waitSeconds === undefined ? {} : { patience: unmoved(transfer, waitSeconds) }
        return follow(transfer, conversation, { files, ...patience })
      })
      return worst(await Promise.all(followed))
    }
    case 'abort':
      return abort(files, order, conversation)
    case 'share':
      return share(files, order, conversation)
    case 'unshare':
      return unshare(files, order, conversation)
    case 'shares':
      return listShares(files, order, conversation)
    case 'search':
    case 'sources':
    case 'peers':
    case 'browse':
    case 'tags':
      return ask(files, order, conversation)
    case 'watch':
      return watch(files, order, conversation)
    case 'watches':
      return listWatches(files, conversation)
    case 'unwatch':
      return unwatch(files, order, conversation)
    case 'serve':
      return serve(files, order, conversation)
    case 'path':
      return path(files, order, conversation)
    case 'devices':
    case 'trust':
    case 'forget-device':
      return devices(files, order, conversation)
    case 'greet':
      return exits.done.exit
  }
}

async function abort(
  files: FileTransfer,
  { key, discard }: Extract<Order, { order: 'abort' }>,
  conversation: Conversation,
): Promise<number> {
  // What has ended cannot end again; what it left can go.
  const isOver = files.transfer(key)?.isOver ?? hasEnded(files, key)
  if (isOver && !discard) throw pastEnd(files, key) ?? new FileTransferError('unknown-transfer', key)
  if (!isOver) {
    await end(files, key, conversation, discard === true).catch((error) => {
      // It may have ended while it was looked for.
      const isLate = error instanceof FileTransferError && error.code === 'wrong-state'
      throw (isLate && pastEnd(files, key)) || error
    })
  }
  if (discard) conversation.report({ report: 'discarded', key, removed: await files.left.discard(key) })
  return exits.done.exit
}

/** What is said where nothing is left to abort: how it has ended. */
function pastEnd(files: FileTransfer, key: string): CommandFailed | undefined {
  const held = files.transfer(key)
  const over = held?.isOver ? held : files.ended(mostEnded).find((one) => named(one).key === key)
  if (over === undefined) return undefined
  const how = over.state === 'taken' ? 'taken by another device' : over.state
  const why = over.state === 'failed' && over.trouble !== undefined ? ` (${over.trouble.code})` : ''
  return new CommandFailed(
    'wrong-state',
    `The transfer of “${over.filename}” has ended already: it is ${how}${why}.`,
    'Nothing was changed.',
  )
}

/** Whether it is one that ended before; also where none of its bytes had come. */
function hasEnded(files: FileTransfer, key: string): boolean {
  return files.left.of(key) !== undefined || files.ended(mostEnded).some((one) => named(one).key === key)
}

async function end(
  files: FileTransfer,
  key: string,
  conversation: Conversation,
  isDiscarded: boolean,
): Promise<void> {
  const [transfer = files.transfer(key)] = files.transfer(key) ? [] : await files.resume(key)
  if (transfer === undefined) throw new Error('a transfer that was resumed is not there')
  // Journaled at once; said when the component can hear it, which may be long.
  const { left, stop } = leaving(conversation)
  const ended = transfer.abort().then(() => endedSoon(transfer))
  await Promise.race([ended, left]).finally(stop)
  tell(files, transfer, conversation)
  if (!isDiscarded) reportLeft(transfer, files, conversation.report)
}

function listTransfers(files: FileTransfer, all: boolean, conversation: Conversation): void {
  // A process that runs for long still holds the ended ones too.
  const unfinished = files.transfers().filter(({ isOver }) => !isOver)
  const ended = all ? files.ended(mostEnded).reverse() : []
  for (const transfer of [...ended, ...unfinished]) {
    tell(files, transfer, conversation)
    for (const part of transfer.parts) tell(files, part, conversation, part.device)
  }
  if (ended.length + unfinished.length === 0) conversation.report({ report: 'nothing' })
}

/** @param device where it is what one of several devices has of an offer */
function tell(files: FileTransfer, transfer: Transfer, { report }: Conversation, device?: string): void {
  report({
    report: 'transfer',
    ...named(transfer),
    state: transfer.state,
    bytes: transfer.progress.bytes,
    ...(device === undefined ? {} : { device }),
    ...devicesField(transfer),
    ...earlierKey(transfer, files),
    ...(transfer.progress.path ? { path: transfer.progress.path } : {}),
    ...troubleField(transfer.trouble),
  })
}
