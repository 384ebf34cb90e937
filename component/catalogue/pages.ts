/** Pages of frozen results, as the catalogue gives them. */

import type { Cut, FrozenResults } from './frozen-results.js'
import { maxPage } from './limits.js'
import type { Answer, Page, Refusal, Where } from './values.js'

/** What is asked for, as far as it can be given: 0 asks how many there are. */
export const pageSize = (max: number) => Math.max(0, Math.min(maxPage, Math.trunc(max) || 0))

export function cutOf<T>(
  frozen: FrozenResults<T>,
  asker: string,
  where: Where,
  max: number,
): Cut<T> | undefined {
  return frozen.cut(asker, where, pageSize(max))
}

/** A page of what is still there of a cut. */
export function pageOf<T, V>(
  { items, total, first, isPartial }: Cut<T>,
  values: readonly (V | undefined)[],
): Page<V> {
  const there = items.flatMap(({ cursor }, at) => {
    const value = values[at]
    return value === undefined ? [] : [{ cursor, value }]
  })
  return { items: there, total, first, ...(isPartial && { isPartial }) }
}

/** What a reader gave, as an answer. */
export function listed<T extends object>(
  given: T | { kind: 'too-slow' } | { kind: 'busy' } | undefined,
): Answer<T> {
  if (given === undefined) return { kind: 'not-found' }
  return 'kind' in given ? (given as Refusal) : { kind: 'ok', ...given }
}
