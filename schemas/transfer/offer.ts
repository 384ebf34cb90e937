/** `offer`: I want to send you this. In 2002: SEND_PROPOSAL. */

import { type Codec, record } from '../codec.js'
import { attribute, type Described, type Field, many, optional } from '../fields.js'
import { Malformed } from '../malformed.js'
import { dateTime } from '../values.js'
import { file, maxFiles } from './file.js'
import { ns, routing } from './routing.js'
import { desc } from './words.js'

/** `devices='every'`: each device of the other party may accept, not only the first. */
const every: Field<boolean> = {
  ...attribute('devices', {
    read: (text): boolean => {
      if (text !== 'every') throw new Malformed('', 'not a known word')
      return true
    },
    write: (value) => (value ? 'every' : ''),
  }),
  absent: () => false,
}

const shape = {
  ...routing,
  every,
  /** When the offer ends (XEP-0082); the component may end it earlier. */
  expires: optional(attribute('expires', dateTime)),
  desc: optional(desc),
  files: many(file, { min: 1, max: maxFiles }),
}

export type Offer = Described<typeof shape>
export const offer: Codec<Offer> = record('offer', ns, shape)
