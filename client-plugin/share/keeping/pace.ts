/** Working in slices, so that the thread hears its messages; gently, where nobody waits for the work. */

import { setImmediate as breathe, setTimeout as rest } from 'node:timers/promises'

/** Work between two breaths, ms. */
const sliceMs = 10
/** What gentle work rests after each slice, ms. */
const restMs = 30

export class Pace {
  #since = performance.now()

  constructor(
    readonly isGentle: boolean,
    readonly isStopped: () => boolean,
  ) {}

  /** True while the slice lasts: asked often, so it costs little. */
  get goesOn(): boolean {
    return performance.now() - this.#since < sliceMs
  }

  /** Breathes when a slice is over. @throws Stopped */
  async between(): Promise<void> {
    if (this.isStopped()) throw new Stopped()
    if (this.goesOn) return
    if (this.isGentle) await rest(restMs)
    else await breathe()
    this.#since = performance.now()
    if (this.isStopped()) throw new Stopped()
  }
}

/** The work is of no use any more. */
export class Stopped extends Error {}
