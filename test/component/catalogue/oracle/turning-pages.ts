/** Turns the pages of one search while entries come and go: nothing comes twice, and what stays is on one of them. */

import { expect } from 'chai'
import type { Hit, Page } from '../../../../component/catalogue/values.js'
import type { Changing } from './changing.js'
import { asked, compareFacts } from './comparing.js'
import type { Drawing } from './drawing.js'

/** @returns what happened between them */
export async function turnPages(changing: Changing, drawing: Drawing, asker: string): Promise<string[]> {
  const { oracle, catalogue } = changing
  const query = { words: drawing.one(['song', 'lo*', 'mp3', 'gre*']) }
  const max = 1 + drawing.random.below(12)
  const first = await asked(
    () => catalogue.search(asker, query, max),
    (one) => !one.isPartial,
  )
  if (first === undefined) return []
  // What was there at first, and ever since.
  let stays = new Set(oracle.search(asker, query).keys())
  if (!first.isPartial) expect(first.total).to.equal(Math.min(1_000, stays.size))
  const isWhole = !first.isPartial && stays.size < 1_000
  const cursors: string[] = []
  const roots: string[] = []
  const happened: string[] = []
  const take = ({ items }: Page<Hit>) => {
    cursors.push(...items.map(({ cursor }) => cursor))
    roots.push(...items.map(({ value }) => value.root))
    for (const { value } of items) {
      const having = oracle.having(asker, value.root)
      const at = having.find(
        ({ shared, entry }) =>
          shared.peer === value.peer && shared.share === value.share && entry.path === value.path,
      )
      expect(at, `${value.path} of ${value.peer}, on a later page`).not.to.equal(undefined)
      compareFacts(oracle, asker, value, at!)
    }
    stays = new Set([...stays].filter((root) => oracle.having(asker, root).length > 0))
  }
  take(first)
  for (let index = max; index < first.total; index += max) {
    const what = await changing.step()
    happened.push(what)
    // Opened again, it has forgotten all results.
    if (what === 'opened again') return happened
    const last = cursors.at(-1)
    const isMark = last?.endsWith(`-${index - 1}`) && drawing.once(2)
    const where = isMark ? { after: last! } : { result: first.result, index }
    const page = await asked(() => catalogue.searchPage(asker, where, max))
    if (page === undefined) return happened
    take(page)
  }
  expect(new Set(cursors).size, 'marks').to.equal(cursors.length)
  expect(new Set(roots).size, 'contents on all pages').to.equal(roots.length)
  const missed = [...stays].filter((root) => !roots.includes(root))
  if (isWhole) expect(missed, 'what was there all the time').to.deep.equal([])
  return happened
}
