/**
 * Which blocks to ask for next, and which are under way: pure bookkeeping of the receiving side.
 *
 * Rules: what is asked for and not written stays within the window (P4); the sender answers in the order of
 * asking, so only one block is ever being filled (case 97).
 */

import { type Cut, lengthOf } from './cut.js'
import { BlockState, type PartBlocks } from './part-blocks.js'

export interface Want {
  /** First block and the one behind the last. */
  first: number
  end: number
  bytes: number
}

export class Asking {
  #cursor = 0
  readonly #again: number[] = []
  readonly #underWay: number[] = []
  #outstanding = 0
  readonly #askBelow: number

  /** @param isNear whether an asking is at the other side in a moment: the window need not be nearly full meanwhile */
  constructor(
    readonly cut: Cut,
    readonly blocks: PartBlocks,
    readonly windowBytes: number,
    isNear = false,
  ) {
    this.#askBelow = isNear ? windowBytes / 2 : (windowBytes * 3) / 4
  }

  /** The block that the sender has to send now. */
  get current(): number | undefined {
    return this.#underWay[0]
  }

  get idle(): boolean {
    return this.#underWay.length === 0
  }

  /** A block that was held turned out wrong. */
  again(block: number): void {
    // Those that lie ahead are found in passing.
    if (block < this.#cursor) this.#again.push(block)
  }

  /** The current block is proven. */
  arrived(): void {
    this.#underWay.shift()
  }

  /** A block that arrived is written: another may be asked for. */
  landed(block: number): void {
    this.#outstanding -= lengthOf(this.cut, block)
  }

  /**
   * What may be asked for now, neighbours together; nothing until a quarter of the window is free (half of it where the other side
   * is near), since each asking is a packet of its own, which costs both sides more than reading a block does.
   */
  next(): Want | undefined {
    if (this.#outstanding > this.#askBelow) return undefined
    let want: Want | undefined
    for (;;) {
      const again = this.#again.length > 0
      const block = again ? this.#again[0]! : this.#nextMissing()
      if (block === undefined || (want !== undefined && block !== want.end)) break
      const bytes = lengthOf(this.cut, block)
      if (this.#outstanding + bytes > this.windowBytes) break
      if (again) this.#again.shift()
      else this.#cursor = block + 1
      this.#outstanding += bytes
      this.#underWay.push(block)
      if (want === undefined) want = { first: block, end: block + 1, bytes }
      else {
        want.end += 1
        want.bytes += bytes
      }
    }
    return want
  }

  #nextMissing(): number | undefined {
    while (this.#cursor < this.cut.blockCount && this.blocks.state(this.#cursor) !== BlockState.missing) {
      this.#cursor += 1
    }
    return this.#cursor < this.cut.blockCount ? this.#cursor : undefined
  }
}
