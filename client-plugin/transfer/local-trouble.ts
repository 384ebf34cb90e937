/** What a fault of the rooms below means to the person here. */

import { ReceiveFailed, SourceFailed, systemCode } from '../../bytes/index.js'
import { type FileTransferCode, FileTransferError } from '../errors.js'
import { journalFailureIn } from '../journal/journal-failed.js'

const receiveCodes: Partial<Record<string, FileTransferCode>> = {
  'no-space': 'no-space',
  'too-large': 'file-too-large',
  'bad-name': 'bad-name',
  'already-there': 'already-there',
  'source-changed': 'source-changed',
  'bad-data': 'bad-data',
  stopped: 'cancelled',
}

const sourceCodes: Record<SourceFailed['code'], FileTransferCode> = {
  'not-found': 'file-missing',
  'not-a-file': 'not-a-file',
  'too-large': 'file-too-large',
  io: 'file-unreadable',
  stopped: 'cancelled',
  'source-changed': 'source-changed',
}

/** As a FileTransferError; `detail` is a local path, never a peer's words. */
export function localTrouble(error: unknown, detail?: string): FileTransferError {
  if (error instanceof FileTransferError) return error
  const unwritten = journalFailureIn(error)
  if (unwritten !== undefined) return unwritten
  if (error instanceof ReceiveFailed) {
    return new FileTransferError(receiveCodes[error.code] ?? 'io', detail ?? limitOf(error), { cause: error })
  }
  if (error instanceof SourceFailed) {
    return new FileTransferError(sourceCodes[error.code], detail, { cause: error })
  }
  return new FileTransferError('internal', detail, { cause: error })
}

/** Which limit was reached, where that is another than the disk's. */
function limitOf(error: ReceiveFailed): string | undefined {
  if (error.code === 'too-large') return 'the file system takes none so large'
  return systemCode(error.cause) === 'EDQUOT' ? 'the quota is used up' : undefined
}
