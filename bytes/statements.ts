/**
 * The sender's word on hashes, block by block, over one channel: pure bookkeeping of the receiving side.
 *
 * Rules: a block's hash is said once, or again the same (case 97). Of a missing block it is kept where those of
 * held ones are; of a held block it has to be what is held: where a ledger knew it, another is a changed source
 * (P5); where it was only claimed, the block is missing. With an offered root, all hashes together are judged
 * before the first byte, and before a claimed block is given up: else whoever lies about what others have brought, and breaks off in
 * time, could have all of it written over.
 */

import { BadFrame } from '../protocol/frames.js'
import { hashBytes } from './blake3.js'
import { ReceiveFailed } from './failure.js'
import { BlockState, type PartBlocks } from './part-blocks.js'
import { sameHash } from './root.js'

/**
 * What a statement means: `expected` of a missing block, `confirmed` of a held one, `refuted` of a claimed one; `waits` where that is for
 * all hashes together to say.
 */
export type Meaning = 'expected' | 'confirmed' | 'refuted' | 'waits'

export class Statements {
  readonly #stated: Uint8Array
  #count = 0
  #judged = false
  /** Claimed blocks of which another hash is stated, and which, where they lie in the file's. */
  readonly #waiting = new Set<number>()
  #instead: Uint8Array | undefined

  constructor(
    readonly blocks: PartBlocks,
    readonly offeredRoot: Uint8Array | undefined,
  ) {
    this.#stated = new Uint8Array(blocks.cut.blockCount)
  }

  /** Whether the sender has stated a block's hash. */
  has(block: number): boolean {
    return this.#stated[block] === 1
  }

  /** Takes a statement; sets what a held block is from now on. @throws BadFrame, ReceiveFailed `source-changed` */
  take(block: number, hash: Uint8Array): Meaning {
    const { blocks } = this
    const state = blocks.state(block)
    if (this.#waiting.has(block)) {
      if (!sameHash(this.#insteadAt(block), hash)) throw new BadFrame('two hashes of one block')
      return 'waits'
    }
    const known = state !== BlockState.missing || this.has(block)
    if (known && !blocks.hasHash(block, hash)) {
      if (this.has(block)) throw new BadFrame('two hashes of one block')
      if (state === BlockState.ledgered) {
        throw new ReceiveFailed('source-changed', 'a block that is held is no longer in the source')
      }
      if (this.offeredRoot !== undefined && !this.#judged) {
        this.#waiting.add(block)
        this.#insteadAt(block).set(hash)
        this.#countIn(block)
        return 'waits'
      }
      blocks.set(block, BlockState.missing)
      this.#note(block, hash)
      return 'refuted'
    }
    this.#note(block, hash)
    if (state === BlockState.missing) return 'expected'
    blocks.set(block, BlockState.proven)
    return 'confirmed'
  }

  /**
   * Once every hash is stated: another file than the offered one need not be fetched to be refused.
   * @returns blocks that are missing as of now  @throws ReceiveFailed
   */
  judge(): number[] {
    const { blocks } = this
    if (this.#judged || this.#count < blocks.cut.blockCount) return []
    this.#judged = true
    const refuted = [...this.#waiting]
    this.#waiting.clear()
    const hashAt = (block: number) => this.#insteadAt(block)
    this.demandOffered(blocks.expectedRoot(refuted, hashAt))
    for (const block of refuted) {
      blocks.set(block, BlockState.missing)
      blocks.expect(block, hashAt(block))
    }
    return refuted
  }

  /** @throws ReceiveFailed `source-changed` for another root than the offered one */
  demandOffered(root: Uint8Array): void {
    if (this.offeredRoot === undefined || sameHash(this.offeredRoot, root)) return
    throw new ReceiveFailed('source-changed', 'the file is not the one that was offered')
  }

  #note(block: number, hash: Uint8Array): void {
    if (this.has(block)) return
    this.#countIn(block)
    this.blocks.expect(block, hash)
  }

  #countIn(block: number): void {
    this.#stated[block] = 1
    this.#count += 1
  }

  #insteadAt(block: number): Uint8Array {
    this.#instead ??= new Uint8Array(this.blocks.cut.blockCount * hashBytes)
    return this.#instead.subarray(block * hashBytes, (block + 1) * hashBytes)
  }
}
