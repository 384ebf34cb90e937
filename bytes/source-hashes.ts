/**
 * What is known of the hashes of a source's blocks, in memory only (docs/decisions/0003).
 *
 * Rules: a block's hash never changes while the source stays the same: another one is a changed source
 * (P5). When only the inode's change time moved, nothing known is trusted any more and everything is
 * hashed again, but what was known still has to come out the same.
 */

import { hashBytes } from './blake3.js'
import type { Cut } from './cut.js'
import { rootOf, sameHash } from './root.js'

const unknown = 0
const doubtful = 1
const trusted = 2

export class SourceHashes {
  readonly #hashes: Uint8Array
  readonly #known: Uint8Array
  #trusted = 0
  /** Told of each hash that comes to be trusted. */
  onTrusted: ((block: number, hash: Uint8Array) => void) | undefined

  constructor(readonly cut: Cut) {
    this.#hashes = new Uint8Array(cut.blockCount * hashBytes)
    this.#known = new Uint8Array(cut.blockCount)
  }

  /** Whether every block's hash is known and trusted. */
  get complete(): boolean {
    return this.#trusted === this.cut.blockCount
  }

  /** The hash of a block, while it is trusted. Memory of the list: copy what is kept. */
  trusted(block: number): Uint8Array | undefined {
    return this.#known[block] === trusted ? this.#at(block) : undefined
  }

  /** Notes a block's hash. False when it was another one before: the source changed. */
  note(block: number, hash: Uint8Array, trust = true): boolean {
    const known = this.#known[block]
    if (known !== unknown && !sameHash(this.#at(block), hash)) return false
    if (known === unknown) {
      this.#hashes.set(hash, block * hashBytes)
      this.#known[block] = doubtful
    }
    if (trust && known !== trusted) {
      this.#known[block] = trusted
      this.#trusted += 1
      this.onTrusted?.(block, hash)
    }
    return true
  }

  /** The first block from `from` on that is not trusted. */
  nextUntrusted(from: number): number | undefined {
    for (let block = from; block < this.cut.blockCount; block++) {
      if (this.#known[block] !== trusted) return block
    }
    return undefined
  }

  /** Trusts nothing any more. */
  distrust(): void {
    for (let block = 0; block < this.#known.length; block++) {
      if (this.#known[block] === trusted) this.#known[block] = doubtful
    }
    this.#trusted = 0
  }

  /** All hashes, one behind the other; meaningful only while `complete`. */
  get all(): Uint8Array {
    return this.#hashes
  }

  /** The root, while every hash is known. */
  root(): Uint8Array | undefined {
    return this.complete ? rootOf(this.cut.filesize, this.#hashes) : undefined
  }

  #at(block: number): Uint8Array {
    return this.#hashes.subarray(block * hashBytes, (block + 1) * hashBytes)
  }
}
