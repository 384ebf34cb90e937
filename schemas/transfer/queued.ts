/**
 * `queued`: the sending side has no place for this transfer now, and says how many are served before it: 1 is the next. By whom
 * an offer is for: it would be taken, and cannot be at the moment, for this reason.
 * Of the moment: it is sent on to who is there, and forgotten. New since 2002.
 */

import { type Codec, record } from '../codec.js'
import { attribute, type Described, optional } from '../fields.js'
import { wholeNumber } from '../values.js'
import { ns, routing } from './routing.js'
import { reason } from './words.js'

/** The last place that can be said. */
export const maxPlace = 1_000_000

const shape = { ...routing, place: attribute('place', wholeNumber(1, maxPlace)), reason: optional(reason) }

export type QueuePlace = Described<typeof shape>
export const queued: Codec<QueuePlace> = record('queued', ns, shape)
