/**
 * Marks between pages of a list that has an order of its own: a place in that order, as a text of at most 300
 * characters (docs/catalogue.md, "Pages").
 *
 * What holds: a place that is longer is kept here, under a name that cannot be guessed and counts for its asker only;
 * so many are kept, of one and of all; the oldest go first, and are then `item-not-found`.
 */

import { randomBytes } from 'node:crypto'
import { Refused } from '../../wire/index.js'

/** Characters of a mark, its sign in front included. */
const longest = 300
const mostOfAll = 8_192
const mostOfOne = 64

export class Marks {
  readonly #kept = new Map<string, { asker: string; place: string }>()
  readonly #ofAsker = new Map<string, Set<string>>()

  get size(): number {
    return this.#kept.size
  }

  /** How a place is shown, as far as its length goes. */
  measure(place: string): string {
    return place.length < longest ? `p${place}` : 'm'.padEnd(25)
  }

  show(asker: string, place: string): string {
    if (place.length < longest) return `p${place}`
    const name = randomBytes(12).toString('hex')
    const mine = this.#ofAsker.get(asker) ?? new Set()
    if (mine.size >= mostOfOne) this.#forget(first(mine))
    if (this.#kept.size >= mostOfAll) this.#forget(first(this.#kept.keys()))
    this.#kept.set(name, { asker, place })
    this.#ofAsker.set(asker, mine.add(name))
    return `m${name}`
  }

  /** The place that a mark stands for. @throws Refused for a mark that is none, is forgotten, or another's */
  placeOf(asker: string, mark: string): string {
    if (mark.startsWith('p')) return mark.slice(1)
    const kept = mark.startsWith('m') ? this.#kept.get(mark.slice(1)) : undefined
    if (kept === undefined || kept.asker !== asker) throw Refused.by('not-found')
    return kept.place
  }

  #forget(name: string | undefined): void {
    const kept = name === undefined ? undefined : this.#kept.get(name)
    if (name === undefined || kept === undefined) return
    this.#kept.delete(name)
    const mine = this.#ofAsker.get(kept.asker)
    mine?.delete(name)
    if (mine?.size === 0) this.#ofAsker.delete(kept.asker)
  }
}

const first = <V>(values: Iterable<V>): V | undefined => values[Symbol.iterator]().next().value
