/**
 * Blocks that two threads hash together, in memory that both see: each block is taken by exactly one of them.
 */

import { hashBytes } from './blake3.js'

const free = 0
const taken = 1
const hashed = 2
const left = 3

export class BlockBoard {
  readonly #states: Int32Array
  readonly #hashes: Uint8Array

  /** A board of so many blocks; in the other thread with the memory of this one. */
  constructor(
    readonly count: number,
    readonly memory: SharedArrayBuffer = new SharedArrayBuffer(count * (4 + hashBytes)),
  ) {
    this.#states = new Int32Array(memory, 0, count)
    this.#hashes = new Uint8Array(memory, count * 4)
  }

  /** Takes a block; false where it is taken, or left out. */
  take(block: number): boolean {
    return Atomics.compareExchange(this.#states, block, free, taken) === free
  }

  /** The block is not to be hashed by anybody. */
  leaveOut(block: number): void {
    Atomics.store(this.#states, block, left)
  }

  isLeftOut(block: number): boolean {
    return Atomics.load(this.#states, block) === left
  }

  /** Gives the hash of a block that was taken here. */
  give(block: number, hash: Uint8Array): void {
    this.#hashes.set(hash, block * hashBytes)
    Atomics.store(this.#states, block, hashed)
  }

  /** The hash of a block, once somebody gave it. A copy. */
  hash(block: number): Uint8Array | undefined {
    if (Atomics.load(this.#states, block) !== hashed) return undefined
    return this.#hashes.slice(block * hashBytes, (block + 1) * hashBytes)
  }
}
