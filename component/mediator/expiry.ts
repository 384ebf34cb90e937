/**
 * Ends what waited too long, and forgets what ended long ago, by the stored times (docs/protocol.md, "Clocks").
 *
 * One timer for all, over ordered indexes; work in slices, each a transaction of its own between those of users, so that
 * a hundred thousand that end at the same instant stall nobody (case 49).
 */

import type { Batches, Transaction } from '../store/batches.js'
import type { OfferRow } from '../store/offers.js'
import type { Mediation } from './mediation.js'
import { move, sumUp, tellAuthorItIsOver } from './moves.js'

/** Rows of each kind in one transaction. */
const slice = 50
/** The longest sleep, in ms: a proposal lives at least a minute. */
const longestSleep = 20_000

export class Expiry {
  #timer: NodeJS.Timeout | undefined
  #stopped = false

  constructor(
    private readonly mediation: Mediation,
    private readonly batches: Batches,
    private readonly clock: () => number,
    private readonly log: { error(fields: object, message: string): void },
  ) {}

  start(): void {
    this.#sleep(0)
  }

  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
  }

  /** Ends and forgets all whose time has come. @returns how many */
  async run(): Promise<number> {
    let sum = 0
    for (;;) {
      const count = await this.batches.run((transaction) => this.#slice(transaction))
      sum += count
      if (count === 0 || this.#stopped) return sum
    }
  }

  #sleep(ms: number): void {
    if (this.#stopped) return
    this.#timer = setTimeout(() => {
      this.run()
        .catch((err: unknown) => {
          if (!this.batches.isFaulty && !this.#stopped) this.log.error({ err }, 'the expiry failed')
        })
        .finally(() => this.#sleep(this.#untilNext()))
    }, ms)
    this.#timer.unref()
  }

  #untilNext(): number {
    if (this.batches.isFaulty || this.#stopped) return longestSleep
    let next: number
    try {
      const { offers, transfers } = this.batches.store
      next = Math.min(offers.nextDue() ?? Infinity, transfers.nextDue() ?? Infinity)
    } catch {
      // The disk, or the end; what is due is due later too.
      return longestSleep
    }
    return Math.min(Math.max(next - this.clock(), 100), longestSleep)
  }

  #slice(transaction: Transaction): number {
    const { store, now } = transaction
    const offers = store.offers.due(now, slice)
    for (const offer of offers) {
      if (offer.state.open) this.#expire(transaction, offer)
      else store.offers.remove(offer.id)
    }
    const transfers = store.transfers.due(now, slice)
    for (const row of transfers) {
      const offer = store.offers.find(row.offer)
      if (offer === undefined) throw new Error('a transfer without an offer')
      move(transaction, this.mediation, offer, row, { say: 'expire', from: 'component' })
    }
    return offers.length + transfers.length
  }

  #expire(transaction: Transaction, offer: OfferRow): void {
    for (const row of transaction.store.transfers.ofOffer(offer.id)) {
      const { phase } = row.state
      if (phase !== 'proposed' && phase !== 'countered') continue
      move(transaction, this.mediation, offer, row, { say: 'expire', from: 'component' })
    }
    const over = sumUp(transaction, this.mediation, offer, { what: 'expired' })
    if (over) tellAuthorItIsOver(transaction, this.mediation, offer, 'expired')
  }
}
