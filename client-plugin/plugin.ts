/** The factory: one plugin over one entity. */

import type { XmppEntity } from '../wire/index.js'
import type { FileTransfer, FileTransferOptions } from './api.js'

/** Adds file transfer to an entity. Throws `state-in-use` when another process holds the state folder. */
export function fileTransfer(_entity: XmppEntity, _options: FileTransferOptions): FileTransfer {
  throw new Error('not built yet')
}
