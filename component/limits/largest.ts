/** The largest stanza that a device may send (docs/protocol.md, "Limits"). */

import { stanzaTooBig } from '../../schemas/index.js'
import { Refused } from '../../wire/index.js'

/** In bytes, of the action as we write it: its escaped form is what others have to be able to take. */
export const maxStanzaBytes = 49_152

/** Refuses an action that is longer than that, in its canonical text. */
export function refuseTooBig(text: string): Refused | undefined {
  return Buffer.byteLength(text) > maxStanzaBytes ? Refused.by('too-big', stanzaTooBig()) : undefined
}
