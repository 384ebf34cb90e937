/** A transfer that follows a signal: when it fires, the transfer is aborted; when the transfer is over, it is let go. */

import { FileTransferError } from '../errors.js'
import type { TransferHandle } from '../transfer/handle.js'

export function follow(transfer: TransferHandle, signal: AbortSignal | undefined): void {
  if (signal === undefined) return
  const abort = () => transfer.insist(() => transfer.abortFor('user', new FileTransferError('aborted')))
  if (signal.aborted) return void abort()
  signal.addEventListener('abort', abort, { once: true })
  const letGo = () => signal.removeEventListener('abort', abort)
  transfer.finished.then(letGo, letGo)
}
