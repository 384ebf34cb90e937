/** What the parts of the mediator share. */

import type { Refusal } from '../../protocol/mediation/index.js'
import { type Element, state } from '../../schemas/index.js'
import { Refused } from '../../wire/index.js'
import type { Logins, Session } from '../attendance/logins.js'
import type { Deliveries } from '../delivery/deliveries.js'
import type { Speaker } from '../delivery/speaker.js'

/** Where the mediator says what happens; pino's loggers fit. */
export interface MediatorLog {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

export interface MediationLimits {
  /** Proposals of one author to one recipient that nobody has answered. */
  pendingPerPair: number
  /** Proposals to one recipient that nobody has answered: of those with whom he has had to do, and as many of strangers. */
  pendingPerRecipient: number
  /** Proposals of one author that have not ended: unanswered, or running. */
  pendingPerAuthor: number
  /** Finished proposals of one author that are remembered. */
  finishedPerAuthor: number
  /** Devices of one peer. */
  devicesPerPeer: number
}

export interface Mediation {
  /** Our own, in which nobody has an account. */
  readonly domain: string
  readonly logins: Logins
  readonly deliveries: Deliveries
  readonly speaker: Speaker
  readonly limits: Readonly<MediationLimits>
  /** A session id: 128 random bits as 32 hex digits. */
  readonly newSid: () => string
  /** Has a proposal brought to the devices that are here, after its author has his answer (bringing.ts). */
  readonly bring: (author: string, offer: number, atHand: Element | undefined) => void
  /** Has devices that are here brought what is open for them, in transactions of its own (catching-up.ts). */
  readonly catchUp: (sessions: Iterable<Session>) => void
  /** Whether it is time to look how much of an author's past is kept. */
  readonly timeToTrim: (authorPeer: string) => boolean
}

/** What a piece of work has to say to who asked: nothing (`result`), or a refusal, as a value: what it stored stays. */
export type Outcome = Refused | undefined

/** The rules' refusal as it is said. */
export function refusedBy(refusal: Refusal): Refused {
  switch (refusal.refuse) {
    case 'item-not-found':
      return Refused.by('not-found')
    case 'forbidden':
      return Refused.by('forbidden')
    case 'conflict':
      return Refused.by('conflict')
    case 'recipient-unavailable':
      return Refused.by('peer-away')
    case 'unexpected-request':
      return Refused.by('wrong-state', state(refusal.phase, refusal.attempt))
  }
}
