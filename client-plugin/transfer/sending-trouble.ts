/** What stops the sending side, as the user sees it. */

import { LinkFailed } from '../../link/index.js'
import type { TransferState } from '../api.js'
import { FileTransferError } from '../errors.js'

/** Why an attempt came to nothing, where that is worth saying. */
export function troubleOf(error: unknown): FileTransferError | undefined {
  if (error instanceof FileTransferError) return error
  if (error instanceof LinkFailed) return new FileTransferError('unreachable', error.code, { cause: error })
  return undefined
}

export function wrongState({ state }: { state: TransferState }): FileTransferError {
  return new FileTransferError('wrong-state', state)
}
