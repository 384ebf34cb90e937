/**
 * Marks between pages of a list that has an order of its own: a place in that order, as a text of at most 300
 * characters (docs/catalogue.md, "Pages").
 *
 * What holds: a mark is sealed for its asker. A place may be the number of a path: who could make one up would learn where
 * what is hidden from him stands in the order, and who could read one, how much there is (P11). A place that is too long for
 * that is kept here, under a name that cannot be guessed and counts for its asker only; so many are kept, of one and of
 * all; the oldest go first. What is no mark, or from before a start of ours, is `item-not-found`.
 */

import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { Refused } from '../../wire/index.js'

/** Characters of a mark, its sign in front included. */
const longest = 300
const cipher = 'aes-256-gcm'
const nonceBytes = 12
const tagBytes = 16
/** Of a sealed place. */
const charactersOf = (place: string) =>
  1 + Math.ceil(((nonceBytes + tagBytes + Buffer.byteLength(place)) * 4) / 3)
const mostOfAll = 8_192
const mostOfOne = 64

export class Marks {
  readonly #key = randomBytes(32)
  readonly #kept = new Map<string, { asker: string; place: string }>()
  readonly #ofAsker = new Map<string, Set<string>>()

  get size(): number {
    return this.#kept.size
  }

  /** How a place is shown, as far as its length goes. */
  measure(place: string): string {
    const characters = charactersOf(place)
    return 'm'.padEnd(characters <= longest ? characters : 25)
  }

  show(asker: string, place: string): string {
    if (charactersOf(place) <= longest) return `p${this.#seal(asker, place)}`
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
    if (mark.startsWith('p')) return this.#open(asker, mark.slice(1))
    const kept = mark.startsWith('m') ? this.#kept.get(mark.slice(1)) : undefined
    if (kept === undefined || kept.asker !== asker) throw Refused.by('not-found')
    return kept.place
  }

  #seal(asker: string, place: string): string {
    const nonce = randomBytes(nonceBytes)
    const sealing = createCipheriv(cipher, this.#key, nonce).setAAD(Buffer.from(asker))
    const sealed = Buffer.concat([sealing.update(place, 'utf8'), sealing.final()])
    return Buffer.concat([nonce, sealing.getAuthTag(), sealed]).toString('base64url')
  }

  #open(asker: string, sealed: string): string {
    const bytes = Buffer.from(sealed, 'base64url')
    const text = nonceBytes + tagBytes
    if (bytes.length < text) throw Refused.by('not-found')
    const options = { authTagLength: tagBytes }
    const opening = createDecipheriv(cipher, this.#key, bytes.subarray(0, nonceBytes), options)
    opening.setAAD(Buffer.from(asker)).setAuthTag(bytes.subarray(nonceBytes, text))
    try {
      return opening.update(bytes.subarray(text), undefined, 'utf8') + opening.final('utf8')
    } catch {
      throw Refused.by('not-found')
    }
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
