/**
 * How often this side’s file may not be opened or read, with errors that may pass (too many open files, a disk or a server that does
 * not answer), before its transfer ends or rests: a person expects that it is tried again, and hears of it where that is of no use.
 */

import { waitAfter } from '../../protocol/attempts/index.js'
import { chance } from '../chance.js'

/** Faults in a row; with the waits in between, which double each time, that is some two minutes. */
const mostFaults = 8

export class Patience {
  #faults = 0
  #heldBytes = 0

  /** The receiving side has so many bytes proven: beyond what it had, those before it could be read. */
  reached(heldBytes: number): void {
    if (heldBytes <= this.#heldBytes) return
    this.#heldBytes = heldBytes
    this.over()
  }

  /** It is well again: the next fault is the first. */
  over(): void {
    this.#faults = 0
  }

  /** One more fault. @returns how long to wait, ms; undefined where it was the last */
  waitMs(): number | undefined {
    this.#faults += 1
    return this.#faults < mostFaults ? waitAfter(this.#faults, chance()) : undefined
  }
}
