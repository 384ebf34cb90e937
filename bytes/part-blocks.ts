/**
 * What is known of each block of a file that is being received: pure bookkeeping in memory.
 *
 * - `missing`: not held; its hash may be stated already
 * - `claimed`: held, but nobody proved it: nothing counts until the sender states the same hash
 * - `ledgered`: held, hashed again, and what the ledger says; still to be stated by the sender on this channel
 * - `proven`: held, and its hash is what the sender states
 */

import { hashBytes } from './blake3.js'
import { type Cut, lengthOf } from './cut.js'
import { rootOf, sameHash } from './root.js'

export const BlockState = { missing: 0, claimed: 1, ledgered: 2, proven: 3 } as const
export type BlockState = (typeof BlockState)[keyof typeof BlockState]

export class PartBlocks {
  readonly #states: Uint8Array
  readonly #hashes: Uint8Array
  #heldBytes = 0
  #claimedBytes = 0
  #provenBytes = 0
  #heldBlocks = 0

  constructor(readonly cut: Cut) {
    this.#states = new Uint8Array(cut.blockCount)
    this.#hashes = new Uint8Array(cut.blockCount * hashBytes)
  }

  /** Bytes of blocks that are held, claimed ones too. */
  get heldBytes(): number {
    return this.#heldBytes
  }

  /** Bytes of blocks that nobody has proven yet though they are here. */
  get claimedBytes(): number {
    return this.#claimedBytes
  }

  /** Bytes of blocks proven on the channel at hand. */
  get provenBytes(): number {
    return this.#provenBytes
  }

  /** Whether every block is held. */
  get allHeld(): boolean {
    return this.#heldBlocks === this.cut.blockCount
  }

  get allProven(): boolean {
    return this.#provenBytes === this.cut.filesize
  }

  /** Bytes from the beginning of the file to the first block that is missing or only claimed. */
  get provenPrefix(): number {
    let bytes = 0
    for (let block = 0; block < this.cut.blockCount; block++) {
      if (this.#states[block]! < BlockState.ledgered) break
      bytes += lengthOf(this.cut, block)
    }
    return bytes
  }

  state(block: number): BlockState {
    return this.#states[block] as BlockState
  }

  /** Memory of the list: copy what is kept. */
  hash(block: number): Uint8Array {
    return this.#hashes.subarray(block * hashBytes, (block + 1) * hashBytes)
  }

  hasHash(block: number, hash: Uint8Array): boolean {
    return sameHash(this.hash(block), hash)
  }

  /** Keeps the hash that a block which is missing is to have. */
  expect(block: number, hash: Uint8Array): void {
    this.#hashes.set(hash, block * hashBytes)
  }

  set(block: number, state: BlockState, hash?: Uint8Array): void {
    const before = this.#states[block]!
    const bytes = lengthOf(this.cut, block)
    if (before !== BlockState.missing) {
      this.#heldBytes -= bytes
      this.#heldBlocks -= 1
    }
    if (before === BlockState.claimed) this.#claimedBytes -= bytes
    if (before === BlockState.proven) this.#provenBytes -= bytes
    this.#states[block] = state
    if (hash !== undefined) this.#hashes.set(hash, block * hashBytes)
    if (state !== BlockState.missing) {
      this.#heldBytes += bytes
      this.#heldBlocks += 1
    }
    if (state === BlockState.claimed) this.#claimedBytes += bytes
    if (state === BlockState.proven) this.#provenBytes += bytes
  }

  /** What was proven on a channel before has to be stated again on the next. */
  beginChannel(): void {
    for (let block = 0; block < this.cut.blockCount; block++) {
      if (this.#states[block] === BlockState.proven) this.set(block, BlockState.ledgered)
    }
  }

  /** The root over the hashes that the blocks have or are to have; those of some may be others. */
  expectedRoot(others: readonly number[] = [], hashOf = (block: number) => this.hash(block)): Uint8Array {
    if (others.length === 0) return rootOf(this.cut.filesize, this.#hashes)
    const hashes = this.#hashes.slice()
    for (const block of others) hashes.set(hashOf(block), block * hashBytes)
    return rootOf(this.cut.filesize, hashes)
  }

  /** The root over the hashes of what is held; only while every block is. */
  root(): Uint8Array | undefined {
    return this.allHeld ? this.expectedRoot() : undefined
  }
}
