/**
 * `listening`: in answer to accept or append, I opened a port too; these are its addresses. The candidates are
 * children of the root. The token comes with it when the answering side is the receiving side.
 */

import { type Codec, mapped, record } from '../codec.js'
import { optional } from '../fields.js'
import { Malformed } from '../malformed.js'
import { attempt, ns, type Routing, routing } from './routing.js'
import { candidates, type Way } from './way.js'
import { token } from './words.js'

/** How the answering side can be reached in this attempt; also the value of `connecting`. */
export type Answer = Routing & { attempt: number; way: Way; token?: Uint8Array }
export type Listening = Answer

export const listening: Codec<Listening> = mapped(
  record('listening', ns, { ...routing, attempt, candidates, token: optional(token) }),
  ({ candidates, ...rest }): Listening => ({ ...rest, way: { kind: 'listening', candidates } }),
  ({ way, ...rest }) => {
    if (way.kind !== 'listening') throw new Malformed('', 'not this element')
    return { ...rest, candidates: way.candidates }
  },
)
