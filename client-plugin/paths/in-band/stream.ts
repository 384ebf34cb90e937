/**
 * One in-band bytestream (XEP-0047) as a Node stream: what carries a link where nothing else does.
 *
 * Rules: one block is unanswered at a time, so nothing comes out of order; what the other side may pile up here is
 * bounded; an end of the stream is an end, whoever says it, and proves nothing.
 */

import { Duplex } from 'node:stream'
import { type Element, inBandClose, inBandData } from '../../../schemas/index.js'

/** Bytes of one block, before base64: small, so that a word of a person never waits long behind one. */
export const blockBytes = 2_048
/** What the other side may have said that was not read yet. A well-meaning one has one block on its way. */
const pileBytes = 256 * 1024
/** XEP-0047, 2.2: blocks are counted by sixteen bits. */
const sequences = 65_536

export class InBandStream extends Duplex {
  #sent = 0
  #came = 0
  #isClosedByPeer = false
  readonly #blockBytes: number

  constructor(
    readonly sid: string,
    blockSize: number,
    /** Says a payload to the other side, and resolves when it is answered; the last word also after `over`. */
    readonly say: (payload: Element, isLast: boolean) => Promise<void>,
    /** Told once, when it is over: what waits to be said is not worth saying any more. */
    readonly over: () => void,
  ) {
    super({ readableHighWaterMark: pileBytes, writableHighWaterMark: pileBytes, allowHalfOpen: false })
    this.#blockBytes = Math.min(blockBytes, blockSize)
    // Whoever uses it hears of it too.
    this.on('error', () => undefined)
  }

  /** A block came in. @returns whether it was the one that was due, and there was room for it */
  arrived(seq: number, bytes: Uint8Array): boolean {
    const isDue = seq === this.#came % sequences && this.readableLength + bytes.length <= pileBytes
    if (!isDue) {
      this.destroy(new Error('in-band: a block out of turn'))
      return false
    }
    this.#came++
    if (bytes.length > 0) this.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length))
    return true
  }

  /** The other side ended it. */
  closedByPeer(): void {
    this.#isClosedByPeer = true
    this.push(null)
  }

  /** It never came to be. */
  abandon(): void {
    this.#isClosedByPeer = true
    this.destroy()
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    this.#writeAll(chunk).then(() => done(), done)
  }

  override _writev(chunks: { chunk: Buffer }[], done: (error?: Error | null) => void): void {
    this.#writeAll(Buffer.concat(chunks.map(({ chunk }) => chunk))).then(() => done(), done)
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#sayClosed().then(() => done())
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.over()
    done(error)
    void this.#sayClosed()
  }

  async #writeAll(bytes: Buffer): Promise<void> {
    for (let at = 0; at < bytes.length; at += this.#blockBytes) {
      if (this.#isClosedByPeer) throw new Error('in-band: closed by the other side')
      const block = bytes.subarray(at, at + this.#blockBytes)
      await this.say(inBandData.write({ sid: this.sid, seq: this.#sent++ % sequences, bytes: block }), false)
    }
  }

  async #sayClosed(): Promise<void> {
    if (this.#isClosedByPeer) return
    this.#isClosedByPeer = true
    await this.say(inBandClose.write({ sid: this.sid }), true).catch(() => undefined)
  }
}
