/** Searching, by pages of a frozen result (docs/catalogue.md, "Searching", "Pages"). */

import { found, hit } from '../../schemas/index.js'
import type { AnswerTo } from './asker.js'
import { describedHit, queryOf } from './criteria.js'
import { frozenPage } from './frozen-page.js'

export const search: AnswerTo<'search'> = async ({ peer }, { page, ...criteria }, { catalogue }) => {
  const { items, given } = await frozenPage({
    wanted: page,
    codec: hit,
    most: 48,
    find: (max) => catalogue.search(peer, queryOf(criteria), max),
    turn: (where, max) => catalogue.searchPage(peer, where, max),
    described: describedHit,
  })
  return found.write({ hits: items, page: given })
}
