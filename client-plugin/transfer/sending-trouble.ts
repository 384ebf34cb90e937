/** What stops the sending side, and why there is no link, as the user sees it. */

import { LinkFailed } from '../../link/index.js'
import type { TransferState } from '../api.js'
import { FileTransferError } from '../errors.js'

/** Why an attempt came to nothing, where that is worth saying. */
export function troubleOf(error: unknown): FileTransferError | undefined {
  if (error instanceof FileTransferError) return error
  if (!(error instanceof LinkFailed)) return undefined
  const { code } = error
  if (code === 'no-relay') return new FileTransferError('no-relay', undefined, { cause: error })
  const detail = code === 'bad-candidate' ? 'the other side gave no address that may be used' : code
  return new FileTransferError('unreachable', detail, { cause: error })
}

export function wrongState({ state }: { state: TransferState }): FileTransferError {
  return new FileTransferError('wrong-state', state)
}
