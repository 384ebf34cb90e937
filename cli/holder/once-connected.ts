/**
 * Orders of other commands that come before the holder is connected: what needs the server waits for it, and where the holder cannot reach it
 * they end as it does, with nothing begun. Whoever changes his mind meanwhile has begun nothing either.
 */
import { exitOf, exits } from '../exit-codes.js'
import { troubleOf } from '../failure.js'
import type { Order } from '../words.js'
import { type CarryOut, leaving } from './conversation.js'

/** Orders that only read and write what is in the folder: no server is needed, nor a component. */
export const withoutServer: ReadonlySet<Order['order']> = new Set([
  'transfers',
  'shares',
  'devices',
  'trust',
  'forget-device',
  'path',
  'greet',
])

/** @param connected resolves when orders can be carried out, rejects with why they never can here */
export function onceConnected(carryOut: CarryOut, connected: Promise<void>): CarryOut {
  return async (order, conversation) => {
    const { report } = conversation
    if (!withoutServer.has(order.order)) {
      const { left, stop } = leaving(conversation)
      try {
        const isLeft = await Promise.race([connected.then(() => false), left.then(() => true)])
        if (isLeft) return exits.interrupted.exit
      } catch (error) {
        const trouble = troubleOf(error)
        report({ report: 'error', ...trouble })
        return exitOf(trouble.code)
      } finally {
        stop()
      }
    }
    // From here on it is this process that has it, and nobody may give it once more.
    report({ report: 'relayed', pid: process.pid })
    return carryOut(order, conversation)
  }
}
