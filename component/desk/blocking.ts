/** Whom a peer blocks (docs/catalogue.md, "Blocking"): they see nothing of his (case 24, P23). */

import type { AnswerTo } from './asker.js'
import { granted } from './refusing.js'

export const blocking: AnswerTo<'blocking'> = async ({ peer }, { domains, peers }, { catalogue }) => {
  const answer = await catalogue.block(peer, [...domains, ...peers])
  if (answer !== undefined) granted(answer)
  return undefined
}
