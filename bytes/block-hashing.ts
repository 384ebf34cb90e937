/**
 * Hashing one block of an open file, in pieces and off the way of whatever else runs in this thread.
 */

import { maxPayloadBytes } from '../protocol/frames.js'
import { blake3, type Hasher } from './blake3.js'
import { type Cut, lengthOf, startOf } from './cut.js'
import { ReadPace, readAside, readStraight } from './read-pace.js'

/** Bytes that are read, hashed and sent at a time. */
export const pieceBytes = maxPayloadBytes

/** Lets everything that waits in this thread run once. */
export const breathe = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))

/** Hashes blocks one after the other with one buffer. */
export class BlockHashing {
  readonly #pace: ReadPace
  readonly #buffer: Buffer

  constructor(
    readonly cut: Cut,
    readonly fd: number,
    pace: ReadPace = new ReadPace(),
  ) {
    this.#pace = pace
    this.#buffer = Buffer.allocUnsafeSlow(Math.max(1, Math.min(pieceBytes, cut.blockBytes)))
  }

  /**
   * The hash of a block; `undefined` when the file ends before it does. Breathes after every piece.
   * Rejects with the system's error when it cannot be read.
   */
  async hash(block: number): Promise<Uint8Array | undefined> {
    const { cut, fd } = this
    const start = startOf(cut, block)
    const length = lengthOf(cut, block)
    let hasher: Hasher | undefined
    for (let at = 0; at < length; at += pieceBytes) {
      const bytes = Math.min(pieceBytes, length - at)
      const got = this.#pace.straight
        ? readStraight(fd, this.#buffer, 0, bytes, start + at, this.#pace)
        : await readAside(fd, this.#buffer, 0, bytes, start + at)
      if (got < bytes) return undefined
      const piece = this.#buffer.subarray(0, bytes)
      if (bytes === length) {
        const hash = blake3.hash(piece)
        await breathe()
        return hash
      }
      hasher ??= blake3.hasher()
      hasher.update(piece)
      await breathe()
    }
    return hasher?.digest()
  }
}
