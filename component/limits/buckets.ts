/**
 * Token buckets: how often somebody may ask, in bursts and in the long run (P17, cases 43 and 44).
 * In memory, bounded: when there are too many, the one that was used the longest ago is forgotten. It is most likely full
 * again, and finding it costs nothing.
 */

export interface Rate {
  readonly perSecond: number
  readonly burst: number
}

interface Bucket {
  tokens: number
  at: number
}

export class Buckets {
  readonly #buckets = new Map<string, Bucket>()

  constructor(
    private readonly rate: Rate,
    private readonly most = 50_000,
  ) {}

  /** Takes `cost` for `key` at `now` (ms). @returns 0, or after how many seconds it would be there */
  take(key: string, now: number, cost = 1): number {
    const { perSecond, burst } = this.rate
    let bucket = this.#buckets.get(key)
    if (bucket === undefined) {
      bucket = { tokens: burst, at: now }
      if (this.#buckets.size >= this.most) this.#forgetOldest()
    } else {
      // The map keeps them in the order of their last use.
      this.#buckets.delete(key)
    }
    this.#buckets.set(key, bucket)
    // A clock that goes back gives nothing.
    bucket.tokens = Math.min(burst, bucket.tokens + (Math.max(0, now - bucket.at) / 1_000) * perSecond)
    bucket.at = now
    if (bucket.tokens < cost) return Math.max((cost - bucket.tokens) / perSecond, 0.001)
    bucket.tokens -= cost
    return 0
  }

  get size(): number {
    return this.#buckets.size
  }

  #forgetOldest(): void {
    for (const key of this.#buckets.keys()) {
      this.#buckets.delete(key)
      return
    }
  }
}
