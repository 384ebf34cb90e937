/** Reasons on the wire, and what they mean to the person here. */

import type { Reason } from '../../schemas/index.js'
import { type FileTransferCode, FileTransferError } from '../errors.js'
import type { End } from '../journal/record.js'

const codes: Partial<Record<Reason, FileTransferCode>> = {
  taken: 'taken',
  expired: 'expired',
  'source-changed': 'source-changed',
  'bad-data': 'bad-data',
  'not-found': 'not-found',
  block: 'blocked',
  exists: 'exists-there',
  'no-space': 'no-space-there',
}

/** Why the other side, or the component, stopped a transfer. */
export function abortedBecause(reason: Reason | undefined): FileTransferError {
  const code = reason === undefined ? undefined : codes[reason]
  if (code !== undefined) return new FileTransferError(code)
  return new FileTransferError('aborted-by-peer', reason === 'user' ? undefined : reason)
}

/** Why the other side said no. */
export function declinedBecause(reason: Reason | undefined, block: boolean): FileTransferError {
  if (block) return new FileTransferError('blocked')
  if (reason === 'not-found' || reason === 'expired') return new FileTransferError(reason)
  if (reason === 'exists' || reason === 'no-space') return new FileTransferError(codes[reason]!)
  return new FileTransferError('declined', reason === undefined || reason === 'user' ? undefined : reason)
}

/** The end that a reason stands for. */
export function endFor(reason: Reason | undefined): End {
  return reason === 'taken' || reason === 'expired' ? reason : 'aborted'
}

/** An end, with what to say of it. */
export interface Ended {
  end: End
  why: FileTransferError
}

/** The end that the component reports of a transfer, with what to say of it as long as nothing more is known. */
export function endAsReported(phase: string): Ended | undefined {
  switch (phase) {
    case 'aborted':
      return { end: 'aborted', why: new FileTransferError('aborted-by-peer') }
    case 'declined':
    case 'taken':
    case 'expired':
      return { end: phase, why: new FileTransferError(phase) }
    default:
      return undefined
  }
}
