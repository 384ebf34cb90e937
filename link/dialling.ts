/**
 * Dialling the candidates of the other side: each once, one after the other with a stagger, the next at once when one
 * has failed (RFC 8305, section 5). What is under way is not stopped by what follows it; who passes first decides.
 */

import type { DirectCandidate } from '../protocol/candidates.js'

/** Milliseconds between two dials while the earlier is still under way (RFC 8305, section 8). */
export const staggerMs = 250

export class Dialling {
  private readonly queue: DirectCandidate[] = []
  private timer: NodeJS.Timeout | undefined
  private stopped = false

  /** @param dial makes one connect; {@link failed} is to be called when it came to nothing */
  constructor(private readonly dial: (candidate: DirectCandidate) => void) {}

  /** Whether something is still to be dialled. */
  get waiting(): boolean {
    return this.queue.length > 0
  }

  /** Adds candidates; the first is dialled after the delay, in milliseconds. */
  add(candidates: readonly DirectCandidate[], delayMs: number): void {
    if (this.stopped || candidates.length === 0) return
    this.queue.push(...candidates)
    if (this.timer !== undefined) return
    if (delayMs > 0) this.timer = setTimeout(() => this.next(), delayMs)
    else this.next()
  }

  /** One dial came to nothing: the next need not wait. */
  failed(): void {
    if (!this.stopped && this.queue.length > 0) this.next()
  }

  stop(): void {
    this.stopped = true
    this.queue.length = 0
    clearTimeout(this.timer)
  }

  private next(): void {
    clearTimeout(this.timer)
    this.timer = undefined
    const candidate = this.queue.shift()
    if (candidate === undefined || this.stopped) return
    // Set before the dial: a dial that fails at once asks for the next by itself.
    if (this.queue.length > 0) this.timer = setTimeout(() => this.next(), staggerMs)
    this.dial(candidate)
  }
}
