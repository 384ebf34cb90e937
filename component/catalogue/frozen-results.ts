/**
 * Results that were found once and are looked at page by page (XEP-0059), so that pages neither repeat nor skip while
 * entries come and go. What holds: a result is for the one who asked; it lasts two minutes; how many are kept, altogether
 * and for each asker, is bounded: the oldest go first. A cursor names result and place, and is not to be guessed.
 */

import { randomFillSync } from 'node:crypto'
import { frozenFor, maxFrozen } from './limits.js'
import type { Where } from './values.js'

/** Results kept of one asker, and of all. */
const maxPerAsker = 8
const maxResults = 2_000

/** What was found, in its order: an array, or what is unpacked a page at a time. It does not change any more. */
export interface Results<T> {
  readonly length: number
  slice(from: number, to: number): readonly T[]
}

interface Frozen<T> {
  asker: string
  items: Results<T>
  isPartial: boolean
  until: number
}

export interface Cut<T> {
  items: { cursor: string; item: T }[]
  total: number
  first: number
  isPartial: boolean
}

export class FrozenResults<T> {
  readonly #results = new Map<string, Frozen<T>>()
  readonly #ofAsker = new Map<string, Set<string>>()
  readonly #now: () => number

  /** @param now monotonic, in ms */
  constructor(now: () => number) {
    this.#now = now
  }

  get size(): number {
    return this.#results.size
  }

  /** @param isPartial whether there may be more than was found @returns the id of the result */
  freeze(asker: string, items: Results<T>, isPartial = false): string {
    this.#sweep()
    const mine = this.#ofAsker.get(asker) ?? new Set()
    if (mine.size >= maxPerAsker) this.#forget(first(mine)!)
    if (this.#results.size >= maxResults) this.#forget(first(this.#results.keys())!)
    const id = newId()
    const until = this.#now() + frozenFor
    const kept = items.length > maxFrozen ? items.slice(0, maxFrozen) : items
    this.#results.set(id, { asker, items: kept, isPartial, until })
    this.#ofAsker.set(asker, mine.add(id))
    return id
  }

  /** A page; `undefined` if there is no such result, any more or for this asker. */
  cut(asker: string, where: Where, max: number): Cut<T> | undefined {
    const { result: id, place } =
      'result' in where
        ? { result: where.result, place: where.index }
        : markIn('after' in where ? where.after : where.before)
    const found = this.#results.get(id)
    if (found === undefined || found.asker !== asker || found.until <= this.#now()) return undefined
    if (!Number.isSafeInteger(place) || place < 0) return undefined
    const total = found.items.length
    let from = place
    let to = place + max
    if ('after' in where) [from, to] = [place + 1, place + 1 + max]
    if ('before' in where) [from, to] = [Math.max(0, place - max), place]
    const items = found.items.slice(from, to).map((item, at) => ({ cursor: cursorOf(id, from + at), item }))
    return { items, total, first: from, isPartial: found.isPartial }
  }

  #sweep(): void {
    const now = this.#now()
    for (const [id, { until }] of this.#results) {
      if (until > now) break
      this.#forget(id)
    }
  }

  #forget(id: string): void {
    const found = this.#results.get(id)
    if (found === undefined) return
    this.#results.delete(id)
    const mine = this.#ofAsker.get(found.asker)
    mine?.delete(id)
    if (mine?.size === 0) this.#ofAsker.delete(found.asker)
  }
}

const idSize = 12
const pool = Buffer.alloc(256 * idSize)
let nextId = pool.length

/** Random bytes are drawn for many ids at once: a single draw, after a rest, takes nearly a tenth of a millisecond. */
function newId(): string {
  if (nextId === pool.length) {
    randomFillSync(pool)
    nextId = 0
  }
  const id = pool.toString('hex', nextId, nextId + idSize)
  nextId += idSize
  return id
}

const first = <V>(values: Iterable<V>): V | undefined => values[Symbol.iterator]().next().value

export const cursorOf = (id: string, place: number) => `${id}-${place}`

/** What a cursor names; the place is -1 if it is none of ours. */
export interface Mark {
  result: string
  place: number
}

export function markIn(cursor: string): Mark {
  const match = /^([0-9a-f]{24})-(\d{1,4})$/.exec(cursor)
  return match ? { result: match[1]!, place: Number(match[2]) } : { result: '', place: -1 }
}
