/**
 * `accept`: yes, and here is how I can be reached. Opens attempt 1. In 2002: ACCEPT. Only the receiving side puts a
 * token, `append` and `filebytesdone`; only who accepts a request says which file it is.
 */

import { type Codec, record } from '../codec.js'
import { type Described, flag, many, optional } from '../fields.js'
import { file, maxFiles } from './file.js'
import { attempt, ns, routing } from './routing.js'
import { wayField } from './way.js'
import { filebytesdone, token } from './words.js'

const shape = {
  ...routing,
  attempt,
  way: optional(wayField),
  token: optional(token),
  append: flag('append'),
  filebytesdone: optional(filebytesdone),
  files: many(file, { min: 0, max: maxFiles }),
}

export type Accept = Described<typeof shape>
export const accept: Codec<Accept> = record('accept', ns, shape)
