/**
 * How often lists of somebody took a place and nothing came: nobody dialled, or hardly anything was brought. While all places are taken,
 * such a list gives its own to one of whom less is to be said, so that a few who only offer do not keep everybody out (P17).
 *
 * In memory, and bounded: those of the longest ago are forgotten first.
 */

const most = 1_024

export class InVain {
  readonly #counts = new Map<string, number>()

  /** How a list of this peer ended. */
  note(peer: string, wasBrought: boolean): void {
    const before = this.of(peer)
    this.#counts.delete(peer)
    if (wasBrought) return
    this.#counts.set(peer, before + 1)
    for (const oldest of this.#counts.keys()) {
      if (this.#counts.size <= most) return
      this.#counts.delete(oldest)
    }
  }

  of(peer: string): number {
    return this.#counts.get(peer) ?? 0
  }
}
