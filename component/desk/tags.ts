/**
 * Which tags are in use, of what the asker may see (docs/catalogue.md, "Tags"): the most used first, which is an order
 * that moves, so it is frozen; or those that begin so, by name.
 */

import { asElements, type CountedTag, countedTag, tagList } from '../../schemas/index.js'
import type { TagItem } from '../catalogue/values.js'
import type { AnswerTo } from './asker.js'
import { frozenPage } from './frozen-page.js'
import { orderedPage } from './ordered-page.js'

const described = ({ tag, files }: TagItem): CountedTag => ({ tag, files })

export const tags: AnswerTo<'tags'> = async ({ peer }, { prefix, page }, { catalogue, marks }) => {
  const { items, given } =
    prefix === undefined
      ? await frozenPage({
          wanted: page,
          measure: asElements(countedTag),
          most: 100,
          find: (max) => catalogue.tags(peer, max),
          turn: (where, max) => catalogue.tagsPage(peer, where, max),
          described,
        })
      : await orderedPage({
          asker: peer,
          wanted: page,
          marks,
          measure: asElements(countedTag),
          most: 100,
          list: (span) => catalogue.tagsWith(peer, prefix, span),
          described,
        })
  return tagList.write({ tags: items, page: given })
}
