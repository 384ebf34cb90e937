/**
 * Brings what was offered or requested to the devices that are here: after its author has his answer, in a transaction of its own
 * (docs/protocol.md 5.10).
 *
 * What holds: until the answer everything is the same whoever the recipient is. Afterwards, too, something is written in any case: whoever
 * asks again at once would notice the time of a commit. Whoever logs in between gets it by his login (arrive.ts), and nobody twice.
 * Nothing is lost with the process: after its end all log in again. What waits is bounded, since nobody who floods waits for it himself; and
 * authors take turns, so that the many of one do not come before the few of another (P16, P17).
 */

import type { Element } from '../../schemas/index.js'
import { Turns } from '../attendance/turns.js'
import type { Batches, Transaction } from '../store/batches.js'
import { faultOf } from '../store/store-failed.js'
import { deliver, isFor } from './delivering.js'
import type { Mediation } from './mediation.js'
import { sumUp } from './moves.js'

/** How long after the commit, ms: the answer is with the server then, and what follows does not hold it up. */
const asideMs = 1
/** How long after the store could not take it, ms. */
const retryMs = 250
/** Proposals, and transfers made of them, in one transaction: as many as one transaction records, so that it keeps up with them. */
const mostAtOnce = 1_024
/** Proposals that wait. While there are so many no more are taken (mediator.ts). */
const mostWaiting = 8_192
/** Of those, with their words in memory. */
const mostAtHand = 1_024

interface Waiting {
  /** Row of the offer. */
  offer: number
  /** Its words, if they are short. */
  atHand: Element | undefined
}

export class Bringing {
  /** Those for whom nobody was looked for yet, by their authors. */
  readonly #line = new Turns<Waiting>()
  /** Those whose turn it is; they are still here when the store could not take it. */
  readonly #inHand: Waiting[] = []
  /** How many of them the last transaction brought, and whether there were more. */
  #brought = 0
  #isBehind = false
  /** How many of them are tried one by one, as one of them may be what we cannot bring. */
  #suspects = 0
  #waiting = 0
  #timer: NodeJS.Timeout | undefined
  #isUnderWay = false
  #isStopped = false

  constructor(
    private readonly mediation: Mediation,
    private readonly batches: Batches,
    private readonly log: { error(fields: object, message: string): void },
  ) {}

  /** Proposals that are not brought yet. */
  get waiting(): number {
    return this.#waiting
  }

  /** Whether so many wait that no more should be taken. */
  get isFull(): boolean {
    return this.#waiting >= mostWaiting
  }

  /** To be called after the commit of the proposal. @param offer its row  @param atHand its words, if they are short */
  soon(author: string, offer: number, atHand: Element | undefined): void {
    this.#line.push(author, { offer, atHand: this.#waiting < mostAtHand ? atHand : undefined })
    this.#waiting++
    this.#sleep(asideMs)
  }

  stop(): void {
    this.#isStopped = true
    clearTimeout(this.#timer)
  }

  #sleep(ms: number): void {
    if (this.#isUnderWay || this.#isStopped) return
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      this.#isUnderWay = true
      void this.#go()
    }, ms)
  }

  async #go(): Promise<void> {
    let ms = asideMs
    do {
      try {
        await this.batches.run((transaction) => this.#bringSome(transaction))
      } catch (err) {
        if (faultOf(err) !== undefined) {
          ms = retryMs
          break
        }
        this.#blame(err)
      }
      this.#waiting -= this.#inHand.splice(0, this.#brought).length
      // What is left now has waited for long enough.
    } while (this.#isBehind && !this.#isStopped)
    this.#isUnderWay = false
    if (this.#waiting > 0) this.#sleep(ms)
  }

  /** It may run twice, and begins with the same then. */
  #bringSome(transaction: Transaction): void {
    const most = this.#suspects > 0 ? 1 : mostAtOnce
    this.#brought = 0
    this.#isBehind = true
    for (let cost = 0; cost < most; this.#brought++) {
      const each = this.#inHand[this.#brought] ?? this.#line.next()
      if (each === undefined) {
        this.#isBehind = false
        return
      }
      this.#inHand[this.#brought] = each
      cost += 1 + bring(transaction, this.mediation, each)
    }
    this.#suspects = Math.max(0, this.#suspects - 1)
  }

  /** A bug in one must not hold up all others, nor take them with it: they are tried one by one. */
  #blame(err: unknown): void {
    const isKnown = this.#suspects > 0
    this.#suspects = isKnown ? this.#suspects - 1 : this.#inHand.length
    this.#brought = isKnown ? 1 : 0
    if (isKnown)
      this.log.error({ err }, 'a proposal was not brought; its recipient gets it at his next login')
  }
}

/** @returns to how many devices */
function bring(transaction: Transaction, mediation: Mediation, { offer: row, atHand }: Waiting): number {
  const { store, batch } = transaction
  const offer = store.offers.find(row)
  if (offer === undefined || !offer.state.open) return 0
  const have = new Set(store.transfers.ofOffer(row).map(({ recipient }) => recipient))
  const targets = mediation.logins
    .ofPeer(offer.recipient, batch)
    .filter((session) => !have.has(session.row) && isFor(store, offer, session))
  for (const target of targets) {
    sumUp(transaction, mediation, offer, { what: 'delivered' })
    deliver(transaction, mediation, offer, target, atHand)
  }
  // The same as it is: so that there is a commit, and as many pages.
  if (targets.length === 0) store.offers.update(row, offer.state, offer.ends)
  return targets.length
}
