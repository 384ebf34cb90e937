/**
 * What the component says to those who take it for a contact (docs/protocol.md, "What else is said to it").
 *
 * What holds: it has no presence to show and reads no messages, so it keeps nothing for it. Each of theirs gets one answer at most, of
 * a kind that nobody answers, and none beyond what the gate lets through: no loop, and no more comes out than went in (cases 18, 19).
 */

import { bareJid, childOf, type Element, namespaceOf, writeRefusal, xml } from '../schemas/index.js'
import { onMessage, onPresence, Refused, whenRoom, type XmppEntity } from '../wire/index.js'
import type { Gate } from './limits/gate.js'

export interface CourtesyOptions {
  /** Our own JID. */
  domain: string
  gate: Pick<Gate, 'pass'>
}

/** Answers on this entity. */
export function beCourteous(entity: XmppEntity, { domain, gate }: CourtesyOptions): void {
  const say = (from: string, answer: Element) => {
    // What piles up would end the stream of all.
    if (whenRoom(entity) !== undefined) return
    try {
      gate.pass(from)
    } catch {
      return
    }
    entity.send(answer).catch(() => {
      // The stream is down; or an id is longer than we write. Whoever wants to know asks again.
    })
  }
  onPresence(entity, ({ attrs: { from, to, type } }) => {
    // At an address where nobody is, presence is passed over (RFC 6121 §8.5.1).
    if (from === undefined || to === undefined || bareJid(to) !== domain) return
    const asker = bareJid(from)
    if (asker === undefined || (type !== 'subscribe' && type !== 'probe')) return
    say(from, xml('presence', { from: domain, to: asker, type: 'unsubscribed' }))
  })
  onMessage(entity, (message) => {
    const { from, to, type, id } = message.attrs
    // Only what somebody wrote: other messages are notes of programs, and want no answer.
    const isWritten = childOf(message, 'body', namespaceOf(message) ?? '') !== undefined
    if (from === undefined || type === 'error' || type === 'headline' || !isWritten) return
    const address = to ?? domain
    if (bareJid(from) === undefined || !isHere(address, domain)) return
    const { condition, type: kind } = Refused.by('unknown-namespace')
    const error = writeRefusal({ condition, type: kind })
    say(from, xml('message', { from: address, to: from, type: 'error', id }, error))
  })
}

/** Whether an address is in our domain: from another, the server would end the stream. */
function isHere(address: string, domain: string): boolean {
  const bare = bareJid(address)
  return bare === domain || bare?.endsWith(`@${domain}`) === true
}
