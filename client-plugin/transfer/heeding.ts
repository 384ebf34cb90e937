/**
 * The receiving side between and during attempts: what it makes of the other side's words about them, and of a network that
 * moves.
 *
 * Rules: a word of the other side can shorten a wait, but seldom to nothing; what this machine sees of its own network does.
 */

import { chance } from '../chance.js'
import type { Attempt } from './attempt.js'
import { Driving } from './driving.js'
import type { OpeningWords } from './opening-words.js'

/** At the other side's word an attempt follows without any wait no more often than this, ms. */
const seldomMs = 10_000

export abstract class Heeding extends Driving {
  /** For which attempt a `timeout` was heard already: the second one for it is a sign of life. */
  #timeoutHeard = 0
  #hastenedAt = Number.NEGATIVE_INFINITY

  /** The other side's addresses for the attempt at hand. */
  onAnswer({ attempt: number, way }: OpeningWords): void {
    const attempt = this.attempt
    if (attempt === undefined || attempt.number !== number) {
      // It answers an attempt that is over: so it lives.
      this.step({ is: 'lifeSign' })
    } else if (way?.kind === 'connecting' && !attempt.isReachable) this.void(attempt)
    else this.dial(attempt, way)
  }

  /** The sending side has no place for us now. */
  onQueued(place: number, isAgain = false): void {
    const { phase, saying, attempt: number } = this.record
    if (this.#overtakes(isAgain, () => this.onQueued(place, true))) return
    if (phase === 'running' && this.machine.place === 'linking' && this.attempt !== undefined) {
      // The `timeout` that follows says that there is one.
      this.#timeoutHeard = number
      this.void(this.attempt)
    }
    const waits = phase === 'proposed' || (phase === 'running' && this.machine.place === 'waiting')
    if (waits && saying?.action !== 'abort') this.showPlace(place)
  }

  onTimeout(number: number, isAgain = false): void {
    if (number !== this.record.attempt) return
    if (this.#overtakes(isAgain, () => this.onTimeout(number, true))) return
    const attempt = this.attempt
    if (attempt?.number === number && this.machine.place === 'linking') {
      this.#timeoutHeard = number
      this.void(attempt)
    } else if (attempt?.number === number && this.machine.place === 'moving') {
      // It has no link any more, whatever it seems here: its network has moved, perhaps.
      this.safely(() => this.breakOff())
      this.#goOn()
    } else if (this.machine.place === 'paused') this.step({ is: 'nudged' })
    else if (this.#timeoutHeard === number) this.step({ is: 'lifeSign' })
    else this.#timeoutHeard = number
  }

  /** The sending device is back. */
  onReady(isAgain = false): void {
    if (this.#overtakes(isAgain, () => this.onReady(true))) return
    this.step({ is: 'ready' })
  }

  /**
   * A word that comes right behind the answer to our own, in one packet, overtakes by a moment what we make of that answer:
   * it is heard when that is done. Otherwise nothing would be left to wait for but the end of the attempt.
   */
  #overtakes(isAgain: boolean, hearAgain: () => void): boolean {
    if (isAgain || this.machine.place !== 'opening') return false
    setImmediate(hearAgain)
    return true
  }

  /** The other side has lost the link, and says so: now and then that is worth going on at once. */
  #goOn(): void {
    const now = performance.now()
    const isSeldom = now - this.#hastenedAt > seldomMs
    if (isSeldom) this.#hastenedAt = now
    this.step({ is: isSeldom ? 'due' : 'lifeSign' })
  }

  /** This machine's network is another one: what waits is tried now, what looks for a link looks anew. */
  networkChanged(): void {
    const { attempt } = this
    if (this.machine.place === 'linking' && attempt !== undefined) {
      this.step({ is: 'voided', listened: attempt.listened, chance: chance() })
    }
    if (this.machine.place === 'waiting') this.step({ is: 'due' })
  }

  /** The link of this attempt leads nowhere any more. */
  protected movedAway(attempt: Attempt): void {
    if (this.attempt !== attempt || this.machine.place !== 'moving') return
    this.safely(() => this.breakOff())
    this.step({ is: 'due' })
  }
}
