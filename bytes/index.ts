/**
 * The room of bytes: blocks and hashes, the part file and its ledger, asking for ranges and serving them.
 * It knows no XMPP and no sockets: a channel is given to it.
 */

export { type Dropped, dropPart } from './drop-part.js'
export { type ExistingOptions, findExisting } from './existing.js'
export {
  passingCode,
  ReceiveFailed,
  type ReceiveFailure,
  ServeFailed,
  type ServeFailure,
  SourceFailed,
  type SourceFailure,
  shortageCode,
  systemCode,
} from './failure.js'
export { type HashingOptions, hashBeginning, hashSource } from './hash-source.js'
export { makeFolder } from './make-folder.js'
export { type OpenPartOptions, openPart } from './open-part.js'
export type { PartFile, PartTransfer } from './part-file.js'
export { type PlaceOptions, place } from './place.js'
export { provenBefore } from './proven-before.js'
export { type ReceiveOptions, type ReceiveProgress, type Receiving, receive } from './receive.js'
export { type RecoverOptions, recoverPlaced } from './recover.js'
export { rootOf, sameHash } from './root.js'
export { type Served, type ServeOptions, type ServeProgress, type Serving, serve } from './serve.js'
export { openSource, type Source } from './source.js'
export { type SourceIdentity, sourceUnchanged, stillLooksSame } from './source-identity.js'
export { largestFileBytes, spaceBytes } from './space.js'
export { syncFolder } from './sync-folder.js'
