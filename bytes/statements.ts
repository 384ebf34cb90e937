/**
 * The sender's word on hashes, block by block, over one channel: pure bookkeeping of the receiving side.
 *
 * Rules: a block's hash is said once, or again the same (case 97). Of a missing block it is kept where those of
 * held ones are; of a held block it has to be what is held: where a ledger knew it, another is a changed source
 * (P5); where it was only claimed, the block is missing. With an offered root, all hashes together are judged
 * before the first byte.
 */

import { BadFrame } from '../protocol/frames.js'
import { ReceiveFailed } from './failure.js'
import { BlockState, type PartBlocks } from './part-blocks.js'
import { sameHash } from './root.js'

/** What a statement means: `expected` of a missing block, `confirmed` of a held one, `refuted` of a claimed one. */
export type Meaning = 'expected' | 'confirmed' | 'refuted'

export class Statements {
  readonly #stated: Uint8Array
  #count = 0
  #judged = false

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
    const known = state !== BlockState.missing || this.has(block)
    if (known && !blocks.hasHash(block, hash)) {
      if (this.has(block)) throw new BadFrame('two hashes of one block')
      if (state === BlockState.ledgered) {
        throw new ReceiveFailed('source-changed', 'a block that is held is no longer in the source')
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

  /** Once every hash is stated: another file than the offered one need not be fetched to be refused. @throws ReceiveFailed */
  judge(): void {
    if (this.#judged || this.#count < this.blocks.cut.blockCount) return
    this.#judged = true
    this.demandOffered(this.blocks.expectedRoot())
  }

  /** @throws ReceiveFailed `source-changed` for another root than the offered one */
  demandOffered(root: Uint8Array): void {
    if (this.offeredRoot === undefined || sameHash(this.offeredRoot, root)) return
    throw new ReceiveFailed('source-changed', 'the file is not the one that was offered')
  }

  #note(block: number, hash: Uint8Array): void {
    if (this.has(block)) return
    this.#stated[block] = 1
    this.#count += 1
    this.blocks.expect(block, hash)
  }
}
