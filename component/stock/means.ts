/** What answering stock clients takes, and who is let in. */

import { bareJid } from '../../schemas/index.js'
import { Refused } from '../../wire/index.js'
import type { Catalogue } from '../catalogue/catalogue.js'
import type { Access } from '../desk/access.js'
import type { Marks } from '../desk/marks.js'

/** What one pays for a question, by what it costs. */
export type Costs = 'search' | 'browse' | 'register'

export interface StockMeans {
  /** Its own JID. */
  readonly domain: string
  readonly catalogue: Catalogue
  readonly access: Access
  readonly marks: Marks
  /** Everything that comes from users passes it first. @throws Refused */
  readonly gate: { pass(from: string): void }
  /** @throws Refused when it is too often */
  readonly pace: { pass(from: string, question: Costs): void }
}

/**
 * Lets somebody in, who needs no login for this: his server says who he is.
 * @returns his bare JID. @throws Refused
 */
export function admitted({ gate, pace, access }: StockMeans, from: string, costs: Costs): string {
  gate.pass(from)
  if (!access.allows(from)) throw Refused.by('forbidden')
  pace.pass(from, costs)
  const peer = bareJid(from)
  if (peer === undefined) throw Refused.by('jid-malformed')
  return peer
}
