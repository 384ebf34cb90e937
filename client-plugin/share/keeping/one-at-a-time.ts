/** Work that there may be reason for again and again: one at a time for each key, and once more where there was reason meanwhile. */

export class OneAtATime<K> {
  /** What is being done, and whether it is to be done once more. */
  readonly #running = new Map<K, boolean>()

  /** Resolves when it was done, or at once where it will be done once more. Rejects as the work does, which is over then. */
  async run(key: K, work: () => Promise<void>): Promise<void> {
    if (this.#running.has(key)) {
      this.#running.set(key, true)
      return
    }
    try {
      do {
        this.#running.set(key, false)
        await work()
      } while (this.#running.get(key))
    } finally {
      this.#running.delete(key)
    }
  }
}
