/**
 * `append`: the link is broken or never came; go on from what I hold, in a new attempt. Only the receiving side says
 * it. In 2002: resume.
 */

import { type Codec, record } from '../codec.js'
import { type Described, optional } from '../fields.js'
import { attempt, ns, routing } from './routing.js'
import { wayField } from './way.js'
import { filebytesdone, token } from './words.js'

const shape = { ...routing, attempt, way: optional(wayField), token: optional(token), filebytesdone }

export type Append = Described<typeof shape>
export const append: Codec<Append> = record('append', ns, shape)
