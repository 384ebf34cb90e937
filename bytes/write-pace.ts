/**
 * Which way a block that was received is written: through the page cache while that is fast, past it, in the
 * thread pool, once a write has held this thread up (the cache wants memory that has to be found first, or the file is
 * being written back at that moment).
 *
 * Rules: one slow write is enough to switch over, since the other way is slow for nobody; after some blocks the cache is tried
 * again, because what is in it need not be read from the disk when a transfer is resumed or the file is used.
 */

/** A write into the page cache that takes longer than this, in ms per MiB, had to wait for something. */
const slowMsPerMiB = 0.45

/** So many blocks go past the page cache before it is tried again. */
const detourBlocks = 24

export class WritePace {
  #detour = 0

  /** Whether the next block goes through the page cache. */
  get cached(): boolean {
    if (this.#detour === 0) return true
    this.#detour -= 1
    return false
  }

  /** Tells how long a write into the page cache took, in ms. */
  took(ms: number, bytes: number): void {
    if (ms * 2 ** 20 > slowMsPerMiB * bytes) this.#detour = detourBlocks
  }
}
