/** Who has a content, by pages of a frozen result (docs/catalogue.md, "Sources"). */

import { asElements, type CatalogueSource, source, sourceList } from '../../schemas/index.js'
import type { Source } from '../catalogue/values.js'
import type { AnswerTo } from './asker.js'
import { frozenPage } from './frozen-page.js'
import { hexOf } from './publish.js'

const described = ({ peer, share, path, isOnline, modified }: Source): CatalogueSource => ({
  peer,
  share,
  path,
  online: isOnline,
  modified,
})

export const sources: AnswerTo<'sources'> = async ({ peer }, { root, page }, { catalogue }) => {
  const { items, given } = await frozenPage({
    wanted: page,
    measure: asElements(source),
    most: 64,
    find: (max) => catalogue.sources(peer, hexOf(root), max),
    turn: (where, max) => catalogue.sourcesPage(peer, where, max),
    described,
  })
  return sourceList.write({ sources: items, page: given })
}
