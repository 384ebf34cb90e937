/**
 * Asks full JIDs whether they are still there, at a pace: after a start and after the stream was lost, all that are
 * remembered; otherwise those that have not been heard for long (XEP-0199). Domains and peers take turns, so that the many
 * silent devices of one do not come before the few of another (P17, P19).
 */

import { ping } from '../../schemas/xep/ping.js'
import type { Speaker } from '../delivery/speaker.js'
import { verdictOn } from '../delivery/verdict.js'
import { Turns } from './turns.js'

/** What became of a question: `gone` says his server; `silent` is no answer, or none of his server. */
export type Found = 'here' | 'gone' | 'silent'

export interface RollCallOptions {
  speaker: Speaker
  /** Pings on their way at once. */
  most?: number
  /** Pings a second. */
  perSecond?: number
  /** How long an answer is waited for, in ms. */
  patienceMs?: number
}

export class RollCall {
  readonly #options: Required<RollCallOptions>
  #queue = new Turns<{ jid: string; tell: (found: Found) => void }>()
  #waiting = new Set<string>()
  #asking = 0
  #timer: NodeJS.Timeout | undefined

  constructor(options: RollCallOptions) {
    this.#options = { most: 4_096, perSecond: 500, patienceMs: 8_000, ...options }
  }

  /** Asks in its turn. `tell` is not called if the stream goes meanwhile, or the JID is being asked already. */
  ask(jid: string, tell: (found: Found) => void): void {
    if (this.#waiting.has(jid)) return
    this.#waiting.add(jid)
    this.#queue.push(jid, { jid, tell })
    this.#timer ??= setInterval(() => this.#next(), 1_000 / this.#options.perSecond)
    this.#timer.unref()
  }

  /** Asks at once. */
  async find(jid: string): Promise<Found> {
    try {
      await this.#options.speaker.ask(jid, 'get', ping(), this.#options.patienceMs)
      return 'here'
    } catch (error) {
      switch (verdictOn(error)) {
        case 'bounced':
        case 'unknown-there':
          return 'gone'
        case 'silent':
        case 'disconnected':
          return 'silent'
        default:
          // A client that knows no pings says so, and so is there.
          return 'here'
      }
    }
  }

  /** Forgets all questions. */
  clear(): void {
    this.#queue = new Turns()
    this.#waiting = new Set()
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #next(): void {
    if (this.#asking >= this.#options.most) return
    const next = this.#queue.next()
    if (next === undefined) {
      clearInterval(this.#timer)
      this.#timer = undefined
      return
    }
    const { jid, tell } = next
    const waiting = this.#waiting
    this.#asking++
    this.find(jid).then((found) => {
      this.#asking--
      if (waiting.delete(jid) && waiting === this.#waiting) tell(found)
    })
  }
}
