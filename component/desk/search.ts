/** Searching, by pages of a frozen result (docs/catalogue.md, "Searching", "Pages"). */

import { asElements, asLines, found, hit, hitLine, pageBytes, pageBytesInLines } from '../../schemas/index.js'
import type { AnswerTo } from './asker.js'
import { describedHit, queryOf } from './criteria.js'
import { frozenPage } from './frozen-page.js'

const elements = asElements(hit)
const inLines = asLines(hitLine)

export const search: AnswerTo<'search'> = async ({ peer }, { page, lines, ...criteria }, { catalogue }) => {
  const { items, given } = await frozenPage({
    wanted: page,
    measure: lines ? inLines : elements,
    budget: lines ? pageBytesInLines : pageBytes,
    most: lines ? 32 : 48,
    find: (max) => catalogue.search(peer, queryOf(criteria), max),
    turn: (where, max) => catalogue.searchPage(peer, where, max),
    described: describedHit,
  })
  return found.write(lines ? { hits: [], lines: items, page: given } : { hits: items, page: given })
}
