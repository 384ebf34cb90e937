/**
 * The one block that is coming in: gathered in pieces of at most 1 MiB, hashed as it comes.
 *
 * Rules: a block that fits into one piece is not written before it is proven, and then aside while the next come in, as many
 * as the window lets come; of a larger one every piece is written where it belongs, at once, and counts for nothing until the whole is
 * proven.
 */

import { blake3, type Hasher } from './blake3.js'
import { pieceBytes } from './block-hashing.js'
import { lengthOf } from './cut.js'
import type { PartFile } from './part-file.js'

/** Of TLS a record comes at a time, 16 KiB. */
const worthRoomBytes = 16 * 1024

export class Filling {
  #gathered: Buffer
  readonly #free: Buffer[] = []
  #waiting = 0
  #came = 0
  #hasher: Hasher | undefined

  constructor(
    readonly part: PartFile,
    /** Throws when nothing may be written any more. */
    readonly mayWrite: () => void,
  ) {
    this.#gathered = this.#buffer()
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
      if (!this.#isInPlace(bytes, at)) {
        this.#gathered.set(taken === bytes.length ? bytes : bytes.subarray(at, at + taken), this.#waiting)
      }
      this.#waiting += taken
      this.#came += taken
      at += taken
      if (this.#waiting === length) return blake3.hash(this.#piece())
      if (this.#waiting === this.#gathered.length || this.#came === length) this.#writePiece(block)
    }
    return this.#came === length ? this.#hasher!.digest() : undefined
  }

  /**
   * Where the next bytes of the block belong, if so many of them come one after the other that it is worth it: who puts them there
   * spares a copy. It is theirs until the next bytes are taken.
   */
  room(next: number): Uint8Array | undefined {
    const gathered = this.#gathered
    const bytes = Math.min(next, gathered.length - this.#waiting)
    if (bytes < worthRoomBytes) return undefined
    return new Uint8Array(gathered.buffer, gathered.byteOffset + this.#waiting, bytes)
  }

  /**
   * The block is proven: writes what is not written yet, and is ready for the next. `kept` is called once it is written, before
   * this returns or later; with what went wrong, if something did. @throws ReceiveFailed
   */
  keep(block: number, kept: (failure?: Error) => void): void {
    const isWritten = this.#hasher !== undefined
    const piece = this.#piece()
    this.#hasher = undefined
    this.#waiting = 0
    this.#came = 0
    if (!isWritten) {
      this.mayWrite()
      // A small one is written sooner than it is handed over.
      if (piece.length === pieceBytes) {
        this.#writeAside(block, piece, kept)
        return
      }
      this.part.write(block, 0, piece)
    }
    kept()
  }

  #writeAside(block: number, piece: Buffer, kept: (failure?: Error) => void): void {
    const buffer = this.#gathered
    this.part.writeAside(block, piece, (failure) => {
      this.#free.push(buffer)
      kept(failure)
    })
    this.#gathered = this.#buffer()
  }

  /** Whether the bytes were put where they belong. */
  #isInPlace(bytes: Uint8Array, at: number): boolean {
    const gathered = this.#gathered
    return bytes.buffer === gathered.buffer && bytes.byteOffset + at === gathered.byteOffset + this.#waiting
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

  #buffer(): Buffer {
    const { cut, filesize } = this.part
    const bytes = Math.max(1, Math.min(pieceBytes, cut.blockBytes, filesize))
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(bytes)
  }
}
