/**
 * `connecting`: in answer to accept or append, I cannot listen; I dial the addresses you gave. The token comes with it
 * when the answering side is the receiving side.
 */

import { type Codec, mapped, record } from '../codec.js'
import { optional } from '../fields.js'
import { Malformed } from '../malformed.js'
import type { Answer } from './listening.js'
import { attempt, ns, routing } from './routing.js'
import { token } from './words.js'

export type Connecting = Answer

export const connecting: Codec<Connecting> = mapped(
  record('connecting', ns, { ...routing, attempt, token: optional(token) }),
  (rest): Connecting => ({ ...rest, way: { kind: 'connecting' } }),
  ({ way, ...rest }) => {
    if (way.kind !== 'connecting') throw new Malformed('', 'not this element')
    return rest
  },
)
