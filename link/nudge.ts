/**
 * Pushes what a proxy holds back. Prosody 0.12 reads 8 KiB at a time, passes on 4, and looks at the rest only when more has
 * come in: the last bytes before a pause would wait there for as long as we have nothing more to say.
 *
 * So after the last write something small is said, and again, each time after twice as long: one of them comes when all
 * before it has been taken in.
 */

/** ms after the last write; a round trip is seldom shorter where a proxy is needed. */
const firstMs = 60
/** Then it is left to the pulse. */
const lastMs = 16_000

export class Nudge {
  private timer: NodeJS.Timeout | undefined
  private afterMs = firstMs

  constructor(private readonly push: () => void) {}

  /** Something was written: counts anew from here. */
  wrote(): void {
    if (this.timer !== undefined && this.afterMs === firstMs) this.timer.refresh()
    else this.wait(firstMs)
  }

  stop(): void {
    clearTimeout(this.timer)
    this.timer = undefined
  }

  private wait(afterMs: number): void {
    clearTimeout(this.timer)
    this.afterMs = afterMs
    this.timer = setTimeout(() => {
      this.push()
      if (afterMs < lastMs) this.wait(afterMs * 2)
      else this.timer = undefined
    }, afterMs)
  }
}
