/** `send`: the files are offered one after the other, and followed all at once; who does not answer is not waited for for ever. */
import { setTimeout as wait } from 'node:timers/promises'
import type { FileTransfer, SendOptions } from '../../client-plugin/index.js'
import { exitOf, exits } from '../exit-codes.js'
import { troubleOf } from '../failure.js'
import type { Order } from '../words.js'
import { begun } from './begun.js'
import { type Conversation, leaving } from './conversation.js'
import { follow } from './follow.js'
import { unanswered } from './patience.js'
import { worst } from './worst.js'

type Send = Extract<Order, { order: 'send' }>

/** So long a component that is there may take for an offer, however little one wants to wait for an answer to it. */
const sayingSeconds = 10

const waited = (seconds: number) => wait(seconds * 1_000, undefined, { ref: false })

/** @returns the exit code */
export async function send(files: FileTransfer, order: Send, conversation: Conversation): Promise<number> {
  const { peer, paths, description, everyDevice, waitSeconds, expiresSeconds, message } = order
  const ends: (number | Promise<number>)[] = []
  const { signal, left, stop } = leaving(conversation)
  const options: SendOptions = {
    ...(description === undefined ? {} : { description }),
    ...(order.path === undefined ? {} : { path: order.path }),
    ...(everyDevice ? { everyDevice } : {}),
    ...(message === undefined ? {} : { message }),
  }
  const enough = waitSeconds === undefined ? left : Promise.race([left, waited(waitSeconds + sayingSeconds)])
  for (const path of paths) {
    if (signal.aborted) {
      ends.push(exits.interrupted.exit)
      break
    }
    const lasts =
      expiresSeconds === undefined ? {} : { expires: new Date(Date.now() + expiresSeconds * 1_000) }
    try {
      const transfer = await begun(
        (onBegun) => files.send(peer, [path], { ...options, ...lasts, onBegun }),
        enough,
      )
      const patience = waitSeconds === undefined ? {} : { patience: unanswered(transfer, waitSeconds) }
      ends.push(follow(transfer, conversation, { files, ...patience }))
    } catch (error) {
      // One missing file is no reason to leave the others unsent.
      const trouble = troubleOf(error)
      conversation.report({ report: 'error', ...trouble })
      ends.push(exitOf(trouble.code))
    }
  }
  stop()
  return worst(await Promise.all(ends))
}
