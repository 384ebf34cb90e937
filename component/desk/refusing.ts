/** What the catalogue does not do, as it is said (docs/catalogue.md, "Errors"). */

import { field, quota, retry } from '../../schemas/index.js'
import { Refused } from '../../wire/index.js'
import type { Answer, Refusal } from '../catalogue/values.js'
import { faultOf } from '../store/store-failed.js'

/** After how long somebody should come back who was sent away, in seconds. */
const comeBackAfter = 5

/** The answer, if it is one. @throws Refused for what is not */
export function granted<T extends object>(answer: Answer<T>): T {
  if (answer.kind === 'ok') return answer as T
  throw refused(answer as Refusal)
}

function refused(refusal: Refusal): Refused {
  switch (refusal.kind) {
    case 'not-found':
      return Refused.by('not-found')
    case 'unregistered':
      return Refused.by('wrong-state')
    case 'conflict':
      return Refused.by('conflict')
    case 'quota':
      return Refused.by('quota', quota(refusal.used, refusal.max))
    case 'bad-entry':
      return Refused.by('malformed', field(`publish/add (${refusal.reason})`))
    case 'bad-value':
      return Refused.by('malformed', field(refusal.field))
    case 'too-slow':
    case 'busy':
      return later()
  }
}

/** Later, perhaps. */
export const later = () => Refused.by('busy', retry({ afterSeconds: comeBackAfter }))

/** A disk that fails is nobody's fault who asks: he comes back (P20). Everything else is as it was. */
export function toSay(error: unknown): unknown {
  return faultOf(error) === undefined ? error : later()
}
