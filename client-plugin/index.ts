/** The peer: sending, receiving and the journal of transfers, for one `@xmpp/client` entity. The types are in api.ts. */

export {
  type ClientEntityOptions,
  ConnectionFailed,
  createClientEntity,
  type HardenOptions,
  harden,
  type WireLimits,
  type WireLog,
  type XmppEntity,
} from '../wire/index.js'
export type * from './api.js'
export { type FileTransferCode, FileTransferError, troubles } from './errors.js'
export { type ComponentLook, findComponent, lookAtComponent } from './find-component.js'
export { wholeFolder } from './getting/whole-folder.js'
export { fileTransfer } from './plugin.js'
export { partOfSlot } from './serving/part-of-slot.js'
