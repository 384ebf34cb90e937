/** `complete`: the receiving side has it, verified and durably in place. New since 2002. */

import { type Codec, record } from '../codec.js'
import type { Described } from '../fields.js'
import { rootField } from './hash.js'
import { attempt, ns, routing } from './routing.js'

const shape = { ...routing, attempt, root: rootField }

export type Complete = Described<typeof shape>
export const complete: Codec<Complete> = record('complete', ns, shape)
