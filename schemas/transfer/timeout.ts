/** `timeout`: I listened, and nobody came in this attempt. In 2002: `timeout`. */

import { type Codec, record } from '../codec.js'
import type { Described } from '../fields.js'
import { attempt, ns, routing } from './routing.js'

const shape = { ...routing, attempt }

export type Timeout = Described<typeof shape>
export const timeout: Codec<Timeout> = record('timeout', ns, shape)
