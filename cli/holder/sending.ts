/** `send`: the files are offered one after the other, and followed all at once; who does not answer is not waited for for ever. */
import type { FileTransfer } from '../../client-plugin/index.js'
import { exitOf } from '../exit-codes.js'
import { troubleOf } from '../failure.js'
import type { Order } from '../words.js'
import type { Conversation } from './conversation.js'
import { follow } from './follow.js'
import { unanswered } from './patience.js'
import { worst } from './worst.js'

type Send = Extract<Order, { order: 'send' }>

/** @returns the exit code */
export async function send(files: FileTransfer, order: Send, conversation: Conversation): Promise<number> {
  const { peer, paths, description, everyDevice, waitSeconds, expiresSeconds, message } = order
  const ends: Promise<number>[] = []
  for (const path of paths) {
    try {
      const transfer = await files.send(peer, [path], {
        ...(description === undefined ? {} : { description }),
        ...(order.path === undefined ? {} : { path: order.path }),
        ...(everyDevice ? { everyDevice } : {}),
        ...(expiresSeconds === undefined ? {} : { expires: new Date(Date.now() + expiresSeconds * 1_000) }),
        ...(message === undefined ? {} : { message }),
      })
      const patience = waitSeconds === undefined ? {} : { patience: unanswered(transfer, waitSeconds) }
      ends.push(follow(transfer, conversation, { files, ...patience }))
    } catch (error) {
      // One missing file is no reason to leave the others unsent.
      const trouble = troubleOf(error)
      conversation.report({ report: 'error', ...trouble })
      ends.push(Promise.resolve(exitOf(trouble.code)))
    }
  }
  return worst(await Promise.all(ends))
}
