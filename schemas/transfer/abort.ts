/** `abort`: stop; both sides clean up, and what was proven stays resumable. In 2002: `abort`. */

import { type Codec, record } from '../codec.js'
import { type Described, optional } from '../fields.js'
import { attempt, ns, routing } from './routing.js'
import { reason, reasonText } from './words.js'

const shape = { ...routing, attempt: optional(attempt), reason: optional(reason), text: optional(reasonText) }

export type Abort = Described<typeof shape>
export const abort: Codec<Abort> = record('abort', ns, shape)
