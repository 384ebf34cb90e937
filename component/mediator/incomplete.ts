/**
 * What has to be in the words about an attempt (docs/protocol.md, "Attempts"), which no reader can demand: the same words come without
 * it from us, when addresses and token are lost. And which file a request comes to, which only its answer has to say.
 */

import { receivingSide, type Side, type Transfer } from '../../protocol/mediation/index.js'
import { type Action, field } from '../../schemas/index.js'
import { Refused } from '../../wire/index.js'
import type { Outcome } from './mediation.js'

/** Refuses words that open or answer an attempt in which no link, or no file, could come to be. @param by the side that says them */
export function refuseIncomplete(said: Action, by: Side, { kind }: Pick<Transfer, 'kind'>): Outcome {
  const { action, value } = said
  switch (action) {
    case 'offer':
      return kind === 'request' && value.files.length !== 1
        ? Refused.by('malformed', field('offer/file'))
        : undefined
    case 'accept':
    case 'append':
      if (value.way === undefined) return Refused.by('malformed', field(`${action}/listening`))
      break
    case 'listening':
    case 'connecting':
      break
    default:
      return undefined
  }
  if (by === receivingSide(kind)) {
    return value.token === undefined ? Refused.by('malformed', field(`${action}/token`)) : undefined
  }
  const isAnswer = action === 'accept' && kind === 'request'
  return isAnswer && value.files.length !== 1 ? Refused.by('malformed', field('accept/file')) : undefined
}
