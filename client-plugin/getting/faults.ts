/** Why something that is got from several sources stops: what lies at this side is the same with every source. */

import type { FileTransferCode, FileTransferError } from '../errors.js'

const suspending: ReadonlySet<FileTransferCode> = new Set([
  'no-space',
  'io',
  'no-such-folder',
  'state-unusable',
  'stopped',
  'internal',
])

const ending: ReadonlySet<FileTransferCode> = new Set(['already-there', 'bad-name', 'file-too-large'])

/** It can go on later. */
export function suspends({ code }: FileTransferError): boolean {
  return suspending.has(code)
}

/** It can not. */
export function endsIt({ code }: FileTransferError): boolean {
  return ending.has(code)
}

/** There it is not, or not for us. */
export function saysNo({ code }: FileTransferError): boolean {
  return code === 'declined' || code === 'not-found' || code === 'blocked'
}

/** It does not fit here, if it is as large as was said. */
export function isTooMuch({ code }: FileTransferError): boolean {
  return code === 'file-too-large' || code === 'no-space'
}

/** Nobody has answered. */
export function isSilent({ code }: FileTransferError): boolean {
  return code === 'expired' || code === 'aborted' || suspending.has(code)
}
