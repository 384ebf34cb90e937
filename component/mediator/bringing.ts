/**
 * Brings what was offered or requested to the devices that are here: after its author has his answer, in a transaction of its own
 * (docs/protocol.md 5.10).
 *
 * What holds: until the answer everything is the same whoever the recipient is. Afterwards, too, something is written in any case: whoever
 * asks again at once would notice the time of a commit. Whoever logs in between gets it by his login (arrive.ts), and nobody twice.
 * Nothing is lost with the process: after its end all log in again.
 */

import type { Batches, Transaction } from '../store/batches.js'
import { faultOf } from '../store/store-failed.js'
import { deliver, isFor, type Proposal } from './delivering.js'
import type { Mediation } from './mediation.js'
import { sumUp } from './moves.js'

/** How long after the commit, ms: the answer is with the server then, and what follows does not hold it up. */
const asideMs = 1
/** How long after the store could not take it, ms. */
const retryMs = 250
/** Proposals in one transaction. */
const slice = 50

interface Waiting {
  /** Row of the offer. */
  offer: number
  /** Its words, if they are short. */
  atHand: Proposal | undefined
}

export class Bringing {
  /** Those for whom nobody was looked for yet, in their order. */
  readonly #waiting: Waiting[] = []
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
    return this.#waiting.length
  }

  /** To be called after the commit of the proposal. @param offer its row  @param atHand its words, if they are short */
  soon(offer: number, atHand: Proposal | undefined): void {
    this.#waiting.push({ offer, atHand })
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
      void this.#run()
    }, ms)
  }

  async #run(): Promise<void> {
    const some = this.#waiting.slice(0, slice)
    let ms = asideMs
    try {
      await this.batches.run((transaction) => {
        for (const each of some) bring(transaction, this.mediation, each)
      })
      this.#waiting.splice(0, some.length)
    } catch (err) {
      if (faultOf(err) !== undefined) ms = retryMs
      else {
        // A bug in one must not hold up all others for ever.
        this.#waiting.splice(0, some.length)
        this.log.error({ err }, 'proposals were not brought; their recipients get them at their next login')
      }
    }
    this.#isUnderWay = false
    if (this.#waiting.length > 0) this.#sleep(ms)
  }
}

function bring(transaction: Transaction, mediation: Mediation, { offer: row, atHand }: Waiting): void {
  const { store, batch } = transaction
  const offer = store.offers.find(row)
  if (offer === undefined || !offer.state.open) return
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
}
