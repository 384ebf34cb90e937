/**
 * What the receiving side asked for and was not yet read: whole blocks, in the order of asking.
 *
 * Rules: a want begins at a block's start and ends at a block's end; it lies inside the file; a block is
 * asked for at most once on a channel; what waits never exceeds the window (case 97, P21).
 */

import { BadFrame } from '../protocol/frames.js'
import { pieceBytes } from './block-hashing.js'
import { type Cut, lengthOf, startOf } from './cut.js'

/** A stretch of one block, at most 1 MiB. */
export interface WantedPiece {
  block: number
  /** Where it begins, in the block. */
  at: number
  bytes: number
  /** Whether the block ends with it. */
  last: boolean
}

export class Wanted {
  readonly #asked: Uint8Array
  readonly #ranges: { next: number; end: number }[] = []
  #at = 0
  #waitingBytes = 0

  constructor(
    readonly cut: Cut,
    readonly windowBytes: number,
  ) {
    this.#asked = new Uint8Array(cut.blockCount)
  }

  get empty(): boolean {
    return this.#ranges.length === 0
  }

  /** Whether a block was ever asked for here. */
  asked(block: number): boolean {
    return this.#asked[block] === 1
  }

  /** Takes a want. @throws BadFrame */
  add(offset: number, length: bigint): void {
    const { cut } = this
    if (length <= 0n || length > BigInt(this.windowBytes)) throw new BadFrame(`want of ${length} bytes`)
    const bytes = Number(length)
    const end = offset + bytes
    if (end > cut.filesize) throw new BadFrame('want beyond the end of the file')
    if (offset % cut.blockBytes !== 0) throw new BadFrame('want that begins inside a block')
    if (end !== cut.filesize && end % cut.blockBytes !== 0)
      throw new BadFrame('want that ends inside a block')
    if (this.#waitingBytes + bytes > this.windowBytes) throw new BadFrame('wants above the window')
    const first = offset / cut.blockBytes
    const next = Math.ceil(end / cut.blockBytes)
    for (let block = first; block < next; block++) {
      if (this.#asked[block] === 1) throw new BadFrame('a block wanted twice')
      this.#asked[block] = 1
    }
    this.#waitingBytes += bytes
    this.#ranges.push({ next: first, end: next })
  }

  /** The next stretch to read, in order. */
  take(): WantedPiece | undefined {
    const range = this.#ranges[0]
    if (range === undefined) return undefined
    const block = range.next
    const length = lengthOf(this.cut, block)
    const at = this.#at
    const bytes = Math.min(pieceBytes, length - at)
    const last = at + bytes === length
    this.#waitingBytes -= bytes
    if (last) {
      this.#at = 0
      range.next += 1
      if (range.next === range.end) this.#ranges.shift()
    } else this.#at += bytes
    return { block, at, bytes, last }
  }
}

/** Where a piece begins, in the file. */
export function positionOf(cut: Cut, piece: WantedPiece): number {
  return startOf(cut, piece.block) + piece.at
}
