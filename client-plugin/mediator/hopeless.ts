/** Why waiting for a first login is of no use: whatever comes, it is answered the same. */

import type { FileTransferCode } from '../errors.js'

export const hopeless: ReadonlySet<FileTransferCode> = new Set([
  'component-unknown',
  'component-refused',
  'state-of-another-account',
])
