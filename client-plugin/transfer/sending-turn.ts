/** Whether an attempt of the sending side may move bytes now: what is shared has turns of its own (serving/uploads.ts). */

import type { Attempt } from './attempt.js'
import type { SendingTransfer } from './sending.js'

/**
 * Takes a turn for this attempt, which gives it back when it ends.
 * @returns `queued` where the other side is told its place, `full` where it is to come again, `never` where it is not
 * shared any more
 */
export function takeTurn(transfer: SendingTransfer, attempt: Attempt): 'now' | 'queued' | 'full' | 'never' {
  const { turns, uploads } = transfer.around
  if (transfer.record.share !== undefined) {
    const admitted = uploads.admit(transfer)
    if (admitted === 'now') attempt.whenEnded(() => uploads.rests(transfer))
    return admitted === 'later' ? 'queued' : admitted
  }
  const giveBack = turns.sending.tryTake(transfer.peer)
  if (giveBack === undefined) return 'full'
  attempt.whenEnded(giveBack)
  return 'now'
}
