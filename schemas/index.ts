/** The words on the wire: what every other room, and any other program, reads and writes stanzas with. */

export * from './catalogue/index.js'
export type { Codec, ValueOf } from './codec.js'
export { bareJid, foldJid, type Jid, maxJidBytes, parseJid, stampedJid } from './jid.js'
export { Malformed } from './malformed.js'
export * from './names.js'
export * from './refusal.js'
export { type Abort, abort } from './transfer/abort.js'
export { type Accept, accept } from './transfer/accept.js'
export {
  type Action,
  type ActionName,
  type ActionValues,
  actions,
  isActionName,
  readAction,
  writeAction,
} from './transfer/actions.js'
export { type Append, append } from './transfer/append.js'
export { type Complete, complete } from './transfer/complete.js'
export { type Connecting, connecting } from './transfer/connecting.js'
export { type Decline, decline } from './transfer/decline.js'
export { type FileDescription, file, maxFilename, maxFiles, maxFilesize } from './transfer/file.js'
export type { ContentHash } from './transfer/hash.js'
export { type Answer, type Listening, listening } from './transfer/listening.js'
export { type Login, login } from './transfer/login.js'
export { type Offer, offer } from './transfer/offer.js'
export { maxPlace, type QueuePlace, queued } from './transfer/queued.js'
export { type Ready, ready } from './transfer/ready.js'
export { type FileRequest, request } from './transfer/request.js'
export { type DeviceId, maxAttempt, type OfferId, type Routing, type Sid } from './transfer/routing.js'
export { type Timeout, timeout } from './transfer/timeout.js'
export {
  type Candidate,
  maxCandidates,
  maxDirectCandidates,
  maxRelayCandidates,
  type Way,
} from './transfer/way.js'
export { maxDescription, maxReasonText, type Reason, reasons } from './transfer/words.js'
export { askBlockList, type BlockList, blockedBy, isBlockPush, readBlockList } from './xep/block-list.js'
export {
  activation,
  askStreamHosts,
  readStreamHosts,
  type StreamHost,
  writeStreamHosts,
} from './xep/bytestreams.js'
export {
  allowedActions,
  type CommandAction,
  type CommandAnswer,
  type CommandRequest,
  type CommandStatus,
  commandActions,
  readCommand,
  writeCommand,
} from './xep/command.js'
export {
  type DataForm,
  type FieldType,
  type FormField,
  type FormType,
  isSet,
  readForm,
  valueIn,
  writeForm,
} from './xep/data-form.js'
export {
  askDiscoInfo,
  type DiscoInfo,
  type ExtensionForm,
  formOf,
  type Identity,
  readDiscoInfo,
  writeDiscoInfo,
} from './xep/disco-info.js'
export { askDiscoItems, type DiscoItem, readDiscoItems, writeDiscoItems } from './xep/disco-items.js'
export {
  askExternalServices,
  askServiceCredentials,
  type ExternalService,
  readExternalServices,
  writeExternalServices,
} from './xep/external-services.js'
export { askFileList, readFileQuery, type SharedFile, writeFileList } from './xep/file-sharing.js'
export {
  type InBandData,
  inBandClose,
  inBandData,
  inBandOpen,
  maxInBandBlock,
} from './xep/in-band.js'
export {
  askSearchForm,
  type FormSearch,
  readFormSearch,
  writeFormSearch,
  writeSearchForm,
} from './xep/jabber-search.js'
export { ping } from './xep/ping.js'
export { askRegistration, readRegistration, writeRegistration } from './xep/register.js'
export { askRoster, maxRosterItems, type RosterItem, readRoster } from './xep/roster.js'
export { maxFrozen, maxPage, type PageGiven, type PageWanted, pageGiven, pageWanted } from './xep/rsm.js'
export { askTime, readTime, writeTime } from './xep/time.js'
export { askVersion, readVersion, type SoftwareVersion, writeVersion } from './xep/version.js'
export {
  type Child,
  childElements,
  childOf,
  Element,
  escapeAttribute,
  escapeText,
  isElement,
  isXmlText,
  localName,
  namespaceOf,
  parseXml,
  type XmlLimits,
  xml,
  xmlLimits,
} from './xml.js'
