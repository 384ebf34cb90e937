/**
 * Authenticated byte channels between two devices. This room knows sockets, TLS and addresses; it knows no XMPP, no
 * files and no people.
 */

export type { Candidate } from '../protocol/candidates.js'
export type { PathKind } from '../protocol/paths.js'
export { openAttempt } from './attempt.js'
export type { AttemptOptions, LinkAttempt, PathPolicy, SocketsWanted } from './attempt-options.js'
export type { Side } from './connection.js'
export { type Door, type DoorOptions, type Expected, openDoor } from './door.js'
export type { LinkFailure, LinkLoss } from './failure.js'
export { LinkFailed, LinkLost } from './failure.js'
export type {
  Gathering,
  InbandOffer,
  MappedPort,
  PortMapper,
  ProxyOffer,
  StunServer,
  TurnServer,
} from './gathering.js'
export type { DeviceId, DeviceIdentity } from './identity.js'
export { createDeviceIdentity, deviceIdOf } from './identity.js'
export { keptIdentity } from './kept-identity.js'
export type { Link, LinkPath } from './link.js'
export type { ListenOptions } from './listening.js'
export { warmUp } from './warming.js'
