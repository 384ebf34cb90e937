/**
 * `decline`: no. With `block`: the other file you put forward under that name is not wanted either. In 2002: an
 * `abort` as the answer, and `block`.
 */

import { type Codec, record } from '../codec.js'
import { type Described, flag, optional } from '../fields.js'
import { ns, routing } from './routing.js'
import { reason, reasonText } from './words.js'

const shape = {
  ...routing,
  block: flag('block'),
  reason: optional(reason),
  text: optional(reasonText),
  /** From the component to the author: nobody is left who could accept. */
  over: flag('over'),
}

export type Decline = Described<typeof shape>
export const decline: Codec<Decline> = record('decline', ns, shape)
