/** A signal that fires when a proposal of somebody else ends before it was answered; the reason is why. */

import type { TransferHandle } from '../transfer/handle.js'

export function goneWith(transfer: TransferHandle): AbortSignal {
  const controller = new AbortController()
  transfer.finished.catch((why: unknown) => {
    if (!transfer.wasAccepted) controller.abort(why)
  })
  return controller.signal
}
