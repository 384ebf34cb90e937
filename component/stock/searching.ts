/** Searching as stock clients do: XEP-0055 with a data form; results capped, and by pages for who asks for them. */

import { splitPath } from '../../protocol/catalogue/paths.js'
import {
  asElements,
  type Criteria,
  childOf,
  type DataForm,
  type Element,
  field,
  nsDataForms,
  readFormSearch,
  writeSearchForm,
  xml,
} from '../../schemas/index.js'
import { Refused } from '../../wire/index.js'
import type { Hit } from '../catalogue/values.js'
import { queryOf } from '../desk/criteria.js'
import { frozenPage } from '../desk/frozen-page.js'
import { unlessEmpty, writing } from './browsing.js'
import { admitted, type StockMeans } from './means.js'
import { criteriaIn, instructions, resultsForm, searchForm } from './search-form.js'

/** The form. @throws Refused */
export function formFor(means: StockMeans, from: string): Element {
  admitted(means, from, 'browse')
  return writeSearchForm(searchForm, instructions)
}

/** What was found; nothing for who closes the form (XEP-0004, 3). @throws Refused, Malformed */
export async function searchFor(
  means: StockMeans,
  from: string,
  query: Element,
): Promise<Element | undefined> {
  const asker = admitted(means, from, 'search')
  if (childOf(query, 'x', nsDataForms)?.attrs.type === 'cancel') return undefined
  const { form, page } = readFormSearch(query)
  const criteria = criteriaIn(form)
  if (saysNothing(criteria)) throw Refused.by('malformed', field('query/x/field (words)'))
  const { catalogue } = means
  const { items, given } = await frozenPage({
    wanted: page,
    measure: asElements(writing(nsDataForms, (item: Record<string, string>) => rowOf(item))),
    most: 48,
    find: (max) => catalogue.search(asker, queryOf(criteria), max),
    turn: (where, max) => catalogue.searchPage(asker, where, max),
    described,
  })
  const results: DataForm = resultsForm(items, given.count)
  // Who knows no pages is not shown marks either.
  return writeSearchForm(results, undefined, page && unlessEmpty(given))
}

/** Only `online` or a size is no search (docs/catalogue.md, "What a search means"). */
const saysNothing = ({ words, types, tags, peer }: Criteria) =>
  words === undefined && peer === undefined && types.length + tags.length === 0

/** One row; its node can be browsed to. */
function described({
  path,
  size,
  mediaType,
  sources,
  online,
  peer,
  share,
  root,
}: Hit): Record<string, string> {
  const parts = splitPath(path)
  return {
    name: parts?.name ?? path,
    folder: parts?.folder ?? '',
    size: String(size),
    type: mediaType ?? '',
    people: String(sources),
    online: String(online),
    jid: peer,
    node: `${peer}/${share}/${path}`,
    root,
  }
}

function rowOf(item: Record<string, string>): Element {
  const cells = Object.entries(item).map(([name, value]) =>
    xml('field', { var: name }, xml('value', null, value)),
  )
  return xml('item', { xmlns: nsDataForms }, ...cells)
}
