/** The peer: sending, receiving and the journal of transfers, for one `@xmpp/client` entity. */

export { harden } from '../wire/index.js'
export type * from './api.js'
export { type FileTransferCode, FileTransferError, troubles } from './errors.js'
export { fileTransfer } from './plugin.js'
