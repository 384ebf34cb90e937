/**
 * Forgets people who were here once (store/unseen.ts): a server on which anybody may make an account would fill the disk with
 * them. A round now and then, a few rows in a transaction between those of users, and a pause after each (case 49).
 */

import type { Batches } from '../store/batches.js'
import { keptForPeers } from '../store/unseen.js'

/** How long a device was not here before it is forgotten, in ms: longer than anything is remembered of what it did, or shared. */
const longAway = 60 * 24 * 3_600_000
/** Between two rounds, before the first, and between two steps of one, in ms. */
const roundEvery = 6 * 3_600_000
const firstAfter = 1_000
const stepEvery = 50
/** Rows that are looked at in one step. */
const slice = 200

export class Forgetting {
  #timer: NodeJS.Timeout | undefined
  #stopped = false

  constructor(
    private readonly batches: Batches,
    private readonly log: { error(fields: object, message: string): void },
  ) {}

  start(): void {
    this.#go(this.#round(), firstAfter)
  }

  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
  }

  /** A whole round at once. */
  async run(): Promise<void> {
    for await (const _ of this.#round());
  }

  #go(round: AsyncGenerator<void>, ms: number): void {
    if (this.#stopped) return
    this.#timer = setTimeout(() => {
      round.next().then(
        ({ done }) => (done ? this.#go(this.#round(), roundEvery) : this.#go(round, stepEvery)),
        (err: unknown) => {
          // A disk that fails is well again by the next round.
          if (!this.batches.isFaulty && !this.#stopped) this.log.error({ err }, 'forgetting failed')
          this.#go(this.#round(), roundEvery)
        },
      )
    }, ms)
    this.#timer.unref()
  }

  async *#round(): AsyncGenerator<void> {
    let row: number | undefined = 0
    while (row !== undefined) {
      const after: number = row
      // By the time of the transaction, which goes with the times that are stored.
      row = await this.batches.runAlong(({ store, now }) =>
        store.unseen.forgetDevices(after, now - longAway, slice),
      )
      yield
    }
    for (const what of keptForPeers) {
      let peer: string | undefined = ''
      while (peer !== undefined) {
        const after: string = peer
        peer = await this.batches.runAlong(({ store }) => store.unseen.forgetPeers(what, after, slice))
        yield
      }
    }
  }
}
