/** How a request for something shared is turned down: for whoever may not have it, as if it were not there. */

import type { Reason } from '../../schemas/index.js'
import { FileTransferError } from '../errors.js'
import { isUnanswered } from '../proposal/front.js'
import type { SendingTransfer } from '../transfer/sending.js'

/** Declines it; if the journal takes nothing now, when it does. */
export function declineAs(reason: Extract<Reason, 'not-found' | 'policy'>, transfer: SendingTransfer): void {
  transfer.insist(() => {
    if (isUnanswered(transfer.record)) transfer.put({ action: 'decline', block: false, reason })
  })
}

/** It was shared when it was accepted, and is not now. */
export function notSharedAnyMore(transfer: SendingTransfer): void {
  transfer.insist(() => transfer.abortFor('not-found', new FileTransferError('not-shared')))
}
