/**
 * Who an action is about (docs/protocol.md, "Routing"): attributes of its root element. Which of them must be there
 * depends on who says it; the component checks that, and stamps what the other side gets to see.
 */

import { attribute, type Described, optional } from '../fields.js'
import { nsTransfer } from '../names.js'
import { dateTime, jid, pattern, wholeNumber } from '../values.js'

export const ns = nsTransfer

/** A transfer's session id, made by the component: 128 random bits as 32 lower-case hex digits. */
export type Sid = string
/** An offer's or request's id, made by its author and unique for that author. */
export type OfferId = string
/** A device: the SHA-256 of its certificate's DER, as 64 lower-case hex digits. It is the fingerprint a link checks. */
export type DeviceId = string

const sidValue = pattern<Sid>(/^[0-9a-f]{32}$/, 'a session id')
const offerIdValue = pattern<OfferId>(/^[A-Za-z0-9_-]{8,64}$/, 'an offer id')
export const deviceIdValue = pattern<DeviceId>(/^[0-9a-f]{64}$/, 'a device id')

/** Attempts are counted from 1, the accept. */
export const maxAttempt = 1_000_000
export const attempt = attribute('attempt', wholeNumber(1, maxAttempt))

export const routing = {
  /** The transfer. */
  sid: optional(attribute('sid', sidValue)),
  /** The offer or request. */
  id: optional(attribute('id', offerIdValue)),
  /** The other party. */
  peer: optional(attribute('peer', jid)),
  /** The other party's device, stamped by the component. */
  device: optional(attribute('device', deviceIdValue)),
  /** When the component recorded it (XEP-0082). */
  stamp: optional(attribute('stamp', dateTime)),
}

export type Routing = Described<typeof routing>
