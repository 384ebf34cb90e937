/**
 * Whom a content was asked of, and what came of it: who is asked next, who never again, and why nothing can come of it any more. All
 * but those who sent something else (the record has them) is forgotten when it is resumed.
 */

import type { Source } from '../api.js'
import type { FileTransferError } from '../errors.js'
import type { Origin, Pursuit } from '../journal/record.js'
import { choose, chooseAbsent, keyOf, type Tried } from './choosing.js'
import { endsIt, isTooMuch, saysNo, suspends } from './faults.js'

/** Peers who may say that it is too much before they are believed: what they state of its size is proven by nothing. */
const mostTooMuch = 4

export class Asked {
  readonly #tried = new Map<string, Tried>()
  /** Peers with whom it was too much, before any of it came. */
  readonly #tooMuch = new Map<string, FileTransferError>()
  /** Why whoever had it does not have it for us any more. */
  #refusal: FileTransferError | undefined

  constructor(readonly pursuit: () => Pursuit) {}

  /** All may be tried again. */
  again(): void {
    this.#tried.clear()
  }

  resumed(): void {
    this.again()
    this.#tooMuch.clear()
  }

  tried(source: { peer: string; share?: string; path?: string }, what: Tried = 'nothing'): void {
    this.#tried.set(keyOf(source), what)
  }

  /** Who is to be asked before all others, as long as he was not. */
  originNow(): Origin | undefined {
    const { origin } = this.pursuit()
    if (origin === undefined || this.#refusal !== undefined) return undefined
    return this.#tried.has(keyOf(origin)) || this.#never.includes(origin.peer) ? undefined : origin
  }

  /** Who is there, and to be asked next. @throws FileTransferError where who had it said no, and nobody else ever had it, or nobody says otherwise */
  next(sources: readonly Source[]): Source | undefined {
    const source = choose(sources, this.#tried, this.#never, true)
    if (source !== undefined) return source
    if (this.#refusal !== undefined && sources.length === 0) throw this.#refusal
    for (const why of this.#tooMuch.values()) throw why
    return undefined
  }

  /** Who is not there, and may be waited for. */
  absent(sources: readonly Source[], isFree: (peer: string) => boolean): Source | undefined {
    return chooseAbsent(sources, this.#tried, this.#never, isFree)
  }

  /**
   * Whether somebody else can be asked in place of this one.
   * @param hasPlace he has a place in a queue, which is left only for somebody who was not asked yet
   * @param nobodyWas nobody was there before he was asked
   */
  isElse(
    sources: readonly Source[],
    instead: { peer: string; share?: string; path?: string },
    hasPlace: boolean,
    nobodyWas: boolean,
  ): boolean {
    const tried = new Map(nobodyWas ? [] : this.#tried).set(keyOf(instead), 'nothing')
    return choose(sources, tried, this.#never, !hasPlace) !== undefined
  }

  /**
   * A request ended without it.
   * @param hasMoved whether any of it came
   * @returns whether it is a fault of this side: whoever is asked next, it would be the same
   */
  ended(
    source: { peer: string; share?: string; path?: string },
    why: FileTransferError,
    hasMoved: boolean,
  ): boolean {
    const isStated = isTooMuch(why) && !hasMoved
    if (isStated) this.#tooMuch.set(source.peer, why)
    if (isStated ? this.#tooMuch.size >= mostTooMuch : suspends(why) || endsIt(why)) return true
    const { origin } = this.pursuit()
    if (saysNo(why) && origin !== undefined && keyOf(source) === keyOf(origin)) this.#refusal = why
    return false
  }

  get #never(): readonly string[] {
    return [...this.pursuit().liars, ...this.#tooMuch.keys()]
  }
}
