/** `ready`: the component tells the receiving side, once, that the other device is back: append now. */

import { type Codec, record } from '../codec.js'
import type { Described } from '../fields.js'
import { ns, routing } from './routing.js'

export type Ready = Described<typeof routing>
export const ready: Codec<Ready> = record('ready', ns, routing)
