/**
 * Rows of the outbox that devices have answered: they go with the next commit of others. Until then, and while the disk
 * fails, a device may get one once more, and knows it.
 */

import type { Batches } from '../store/batches.js'

export class AnsweredRows {
  #rows: number[] = []
  #isClearing = false

  constructor(private readonly batches: Batches) {}

  add(row: number): void {
    this.#rows.push(row)
    this.clear()
  }

  clear(): void {
    if (this.#isClearing || this.#rows.length === 0) return
    this.#isClearing = true
    const taken: number[] = []
    this.batches
      .runAlong(({ store }) => {
        // Whatever has come in until the transaction is taken along.
        taken.push(...this.#rows.splice(0))
        for (const row of taken) store.outbox.remove(row)
      })
      .then(
        () => {
          this.#isClearing = false
          this.clear()
        },
        () => {
          this.#isClearing = false
          this.#rows.push(...taken)
        },
      )
  }
}
