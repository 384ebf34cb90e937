/** Presence that devices send us: it logs in, or says that somebody has gone (docs/protocol.md, "Devices"). All else is no business of ours. */

import {
  bareJid,
  childElements,
  type Element,
  field,
  localName,
  Malformed,
  namespaceOf,
  nsTransfer,
  unsupportedVersion,
} from '../../schemas/index.js'
import { onPresence, Refused, type XmppEntity } from '../../wire/index.js'
import type { Gate } from '../limits/gate.js'
import type { Attendance } from './attendance.js'

export interface PresenceHeard {
  /** Our own JID. */
  domain: string
  gate: Pick<Gate, 'pass'>
  attendance: Pick<Attendance, 'logIn' | 'logOut' | 'doubt' | 'refuseLogIn'>
  log: { error(fields: object, message: string): void }
}

/** Hears logins and who goes, on this entity. */
export function hearPresence(entity: XmppEntity, heard: PresenceHeard): void {
  onPresence(entity, (presence) => {
    const { from, to, type } = presence.attrs
    if (from === undefined || to === undefined || bareJid(to) !== heard.domain) return
    if (type === 'unavailable') void heard.attendance.logOut(from)
    else if (type === 'error') heard.attendance.doubt(from)
    else if (type === undefined) void logIn(heard, from, presence)
  })
}

async function logIn(
  { gate, attendance, log }: PresenceHeard,
  from: string,
  presence: Element,
): Promise<void> {
  const said = childElements(presence).filter((child) => localName(child) === 'login')
  const ours = said.filter((child) => namespaceOf(child) === nsTransfer)
  const others = said.some((child) => anyVersion.test(namespaceOf(child) ?? ''))
  if (ours.length === 0 && !others) return
  try {
    gate.pass(from)
    const [payload, another] = ours
    // Who speaks a later version is to hear that we do not, instead of nothing (case 16).
    if (payload === undefined) throw Refused.by('unknown-action', unsupportedVersion())
    if (another !== undefined) throw new Malformed('login', 'more than once')
    await attendance.logIn(from, payload)
  } catch (error) {
    if (error instanceof Refused) attendance.refuseLogIn(from, error)
    else if (error instanceof Malformed)
      attendance.refuseLogIn(from, Refused.by(error.refusal, field(error.path)))
    else log.error({ err: error }, 'a login failed')
  }
}

const anyVersion = /^jabberfs:transfer:[0-9]+$/
