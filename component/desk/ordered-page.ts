/**
 * A page of a list that has an order of its own: it need not be frozen, since a mark is a place in that order. Full by
 * bytes before it is full by count, from the side where the page before it ended.
 */

import { fitting, type Measure, maxPage, type PageGiven, type PageWanted } from '../../schemas/index.js'
import type { Answer, Listing, Span } from '../catalogue/values.js'
import type { Marks } from './marks.js'
import { granted } from './refusing.js'

interface Ordered<T, W extends object> {
  /** Bare JID. */
  asker: string
  wanted: PageWanted | undefined
  marks: Marks
  measure: Measure<W>
  /** No more than these can fit by bytes, as good as ever. */
  most: number
  /** Bytes of a page, if not the usual. */
  budget?: number
  list: (span: Span) => Promise<Answer<Listing<T>>>
  described: (value: T) => W
}

/** @throws Refused */
export async function orderedPage<T, W extends object>(
  options: Ordered<T, W>,
): Promise<{ items: W[]; given: PageGiven }> {
  const { asker, wanted = {}, marks, measure, most, budget, list, described } = options
  const max = Math.min(wanted.max ?? maxPage, most)
  const { after, before } = wanted
  const isBackwards = before !== undefined
  const { items, isMore, count } = granted(
    await list({
      ...(after !== undefined && { after: marks.placeOf(asker, after) }),
      ...(isBackwards && { before: before === '' ? '' : marks.placeOf(asker, before) }),
      max,
    }),
  )
  if (max === 0) return { items: [], given: { count } }
  const lines = items.map(({ cursor, value }) => ({ cursor, said: described(value) }))
  if (isBackwards) lines.reverse()
  const markOf = ({ cursor }: { cursor: string }) => marks.measure(cursor)
  const fit = fitting(lines, ({ said }) => measure(said), max, {
    markOf,
    ...(budget !== undefined && { budget }),
  })
  const isWhole = after === undefined && !isMore && fit.length === lines.length && (before ?? '') === ''
  if (isBackwards) fit.reverse()
  const first = fit[0]
  const last = fit.at(-1)
  const given: PageGiven = {
    first: first && { mark: marks.show(asker, first.cursor), ...(isWhole && { index: 0 }) },
    last: last && marks.show(asker, last.cursor),
    // All of it is on this page: so it is counted.
    count: isWhole ? fit.length : undefined,
  }
  return { items: fit.map(({ said }) => said), given }
}
