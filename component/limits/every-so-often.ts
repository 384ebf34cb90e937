/** Counts what somebody does, to do something about it every so often. In memory, and bounded. */

export class EverySoOften {
  readonly #counts = new Map<string, number>()

  constructor(
    private readonly often: number,
    private readonly most = 10_000,
  ) {}

  get size(): number {
    return this.#counts.size
  }

  /** @returns whether this is the time */
  count(key: string): boolean {
    const count = (this.#counts.get(key) ?? 0) + 1
    if (count >= this.often) {
      this.#counts.delete(key)
      return true
    }
    if (!this.#counts.has(key) && this.#counts.size >= this.most) {
      for (const oldest of this.#counts.keys()) {
        this.#counts.delete(oldest)
        break
      }
    }
    this.#counts.set(key, count)
    return false
  }
}
