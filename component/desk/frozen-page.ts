/**
 * A page of a result that is frozen when it is found (docs/catalogue.md, "Pages"). Full by bytes before it is full by
 * count, from the side where the page before it ended. What has gone since leaves a page shorter, but never empty while
 * there is more.
 */

import { fitting, type Measure, maxPage, type PageGiven, type PageWanted } from '../../schemas/index.js'
import { Refused } from '../../wire/index.js'
import { type Mark, markIn } from '../catalogue/frozen-results.js'
import type { Answer, Page, Where } from '../catalogue/values.js'
import { granted } from './refusing.js'

interface Frozen<T, W extends object> {
  wanted: PageWanted | undefined
  measure: Measure<W>
  /** No more than these can fit by bytes, as good as ever. */
  most: number
  /** Bytes of a page, if not the usual. */
  budget?: number
  /** Finds, freezes, and gives the first page. */
  find: (max: number) => Promise<Answer<Page<T> & { result: string }>>
  /** Another page of what was found before. */
  turn: (where: Where, max: number) => Promise<Answer<Page<T>>>
  described: (value: T) => W
}

/** @throws Refused */
export async function frozenPage<T, W extends object>(
  options: Frozen<T, W>,
): Promise<{ items: W[]; given: PageGiven }> {
  const { wanted = {}, measure, most, budget, described } = options
  const max = Math.min(wanted.max ?? maxPage, most)
  const page = await pageWanted(options, Math.max(1, max))
  // How many there are is not known where a search ended before it had looked at everything.
  const count = page.isPartial ? undefined : page.total
  if (max === 0) return { items: [], given: { count } }
  const isBackwards = wanted.before !== undefined
  const lines = page.items.map(({ cursor, value }) => ({ cursor, said: described(value) }))
  if (isBackwards) lines.reverse()
  const fit = fitting(lines, ({ said }) => measure(said), max, {
    markOf: ({ cursor }) => cursor,
    ...(budget !== undefined && { budget }),
  })
  if (isBackwards) fit.reverse()
  const first = fit[0]
  const given: PageGiven = {
    first: first && { mark: first.cursor, index: markIn(first.cursor).place },
    last: fit.at(-1)?.cursor,
    count,
  }
  return { items: fit.map(({ said }) => said), given }
}

async function pageWanted<T, W extends object>(
  { wanted, find, turn }: Frozen<T, W>,
  max: number,
): Promise<Page<T>> {
  const { after, before } = wanted ?? {}
  if (after !== undefined) {
    const { result, place } = marked(after)
    return go(turn, { result, place: place + 1 }, max, 1)
  }
  if (before !== undefined && before !== '') return go(turn, marked(before), max, -1)
  const found = granted(await find(max))
  const { result, total } = found
  if (before === '' && total > max) return go(turn, { result, place: total }, max, -1)
  return found.items.length > 0 ? found : go(turn, { result, place: max }, max, 1)
}

/**
 * The next page in a direction that has something in it: all of one may have gone. Small ones become larger on the way, so that one
 * question is a few looks; what is more than was wanted is cut later.
 */
async function go<T>(
  turn: (where: Where, max: number) => Promise<Answer<Page<T>>>,
  { result, place }: Mark,
  wanted: number,
  direction: 1 | -1,
): Promise<Page<T>> {
  let at = place
  for (let max = wanted; ; max = Math.min(maxPage, 2 * max)) {
    const index = direction > 0 ? at : Math.max(0, at - max)
    const size = direction > 0 ? max : Math.max(1, at - index)
    const page = granted(await turn({ result, index }, size))
    const isEnd = direction > 0 ? index + max >= page.total : index === 0
    if (isEnd && direction < 0 && at <= 0) return { ...page, items: [] }
    if (page.items.length > 0 || isEnd) return page
    at += direction * max
  }
}

function marked(mark: string): Mark {
  const found = markIn(mark)
  if (found.place < 0) throw Refused.by('not-found')
  return found
}
