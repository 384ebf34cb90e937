/**
 * Whom a peer blocks (docs/catalogue.md, "Blocking"): they see nothing of his, and what they propose reaches none of his
 * devices (case 24, P23).
 */

import type { AnswerTo } from './asker.js'
import { granted } from './refusing.js'

export const blocking: AnswerTo<'blocking'> = async ({ peer }, { domains, peers }, { catalogue, block }) => {
  const all = [...domains, ...peers]
  await block(peer, all)
  const answer = await catalogue.block(peer, all)
  if (answer !== undefined) granted(answer)
  return undefined
}
