/**
 * The one block that is coming in: gathered in pieces of at most 1 MiB, hashed as it comes.
 *
 * Rules: a block that fits into one piece is not written before it is proven; of a larger one every piece
 * is written where it belongs, and counts for nothing until the whole is proven. A piece that is being written
 * aside is not touched before that is over.
 */

import { blake3, type Hasher } from './blake3.js'
import { pieceBytes } from './block-hashing.js'
import { lengthOf } from './cut.js'
import { alignedPieces } from './direct-writing.js'
import type { ReceiveFailed } from './failure.js'
import type { PartFile } from './part-file.js'

/** Blocks that may be on their way past the page cache, and the one that comes in. */
const pieces = 4

export class Filling {
  #gathered: Buffer
  /** Pieces that a block can be gathered in next; without any, every block is written before the next comes in. */
  readonly #free: Buffer[]
  #waiting = 0
  #came = 0
  #hasher: Hasher | undefined

  constructor(
    readonly part: PartFile,
    /** Throws when nothing may be written any more. */
    readonly mayWrite: () => void,
  ) {
    const bytes = Math.max(1, Math.min(pieceBytes, part.cut.blockBytes, part.filesize))
    this.#free = (part.cut.blockCount > 1 ? alignedPieces(pieces, bytes) : undefined) ?? []
    this.#gathered = this.#free.pop() ?? Buffer.allocUnsafeSlow(bytes)
  }

  /** Bytes of the block that came so far. */
  get came(): number {
    return this.#came
  }

  /** Takes the next bytes of `block`, none beyond its end; gives the hash of the block once it is whole. @throws ReceiveFailed */
  take(block: number, bytes: Uint8Array): Uint8Array | undefined {
    const length = lengthOf(this.part.cut, block)
    for (let at = 0; at < bytes.length; ) {
      const taken = Math.min(bytes.length - at, this.#gathered.length - this.#waiting)
      this.#gathered.set(taken === bytes.length ? bytes : bytes.subarray(at, at + taken), this.#waiting)
      this.#waiting += taken
      this.#came += taken
      at += taken
      if (this.#waiting === length) return blake3.hash(this.#piece())
      if (this.#waiting === this.#gathered.length || this.#came === length) this.#writePiece(block)
    }
    return this.#came === length ? this.#hasher!.digest() : undefined
  }

  /**
   * The block is proven: writes what is not written yet, now or aside, and is ready for the next.
   * @param written told once all of it is written, or what failed meanwhile
   * @throws ReceiveFailed
   */
  keep(block: number, written: (failure?: ReceiveFailed) => void): void {
    const aside = this.#hasher === undefined && this.#keepPiece(block, written)
    this.#hasher = undefined
    this.#waiting = 0
    this.#came = 0
    if (!aside) written()
  }

  /** Writes a block that is one piece; gives whether that is still under way. */
  #keepPiece(block: number, written: (failure?: ReceiveFailed) => void): boolean {
    this.mayWrite()
    const { part } = this
    const piece = this.#piece()
    if (this.#free.length > 0 && !part.pace.cached) {
      const gathered = this.#gathered
      const begun = part.writeAside(block, piece, (failure) => {
        this.#free.push(gathered)
        written(failure)
      })
      if (begun) {
        this.#gathered = this.#free.pop()!
        return true
      }
    }
    const begun = performance.now()
    part.write(block, 0, piece)
    part.pace.took(performance.now() - begun, piece.length)
    return false
  }

  #writePiece(block: number): void {
    this.#hasher ??= blake3.hasher()
    this.#hasher.update(this.#piece())
    this.mayWrite()
    this.part.write(block, this.#came - this.#waiting, this.#piece())
    this.#waiting = 0
  }

  #piece(): Buffer {
    return this.#gathered.subarray(0, this.#waiting)
  }
}
