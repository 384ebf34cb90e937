/**
 * The sending side's word on hashes of blocks that it does not send: those the receiving side says it
 * holds. What is not remembered is read and hashed beside the blocks that are sent.
 *
 * Rules: a hash is said once a channel, and only after the source was looked at; at most some frames of
 * hashes wait in the channel; nothing runs while nothing is to be said.
 */

import type { Channel } from '../protocol/channel.js'
import { FrameType, maxPayloadBytes } from '../protocol/frames.js'
import { hashBytes } from './blake3.js'
import { BlockHashing, breathe } from './block-hashing.js'
import { frameOf } from './frame-writing.js'
import { hashOne } from './hash-source.js'
import type { Source } from './source.js'

/** Hashes gathered before they are said, where they have to be made: so a wrong block is asked for soon. */
const batch = 64
/** The most hashes in one frame. */
const frameful = maxPayloadBytes / hashBytes
const framesInFlight = 4
const rounds = 3

export class Stating {
  readonly #stated: Uint8Array
  readonly #wished: Uint8Array
  #hashing: BlockHashing | undefined
  #lowest = Number.POSITIVE_INFINITY
  #running: Promise<void> | undefined
  #inFlight = 0
  #drained: (() => void) | undefined
  #over = false

  constructor(
    readonly source: Source,
    readonly channel: Channel,
    readonly file: number,
    readonly failed: (error: unknown) => void,
  ) {
    this.#stated = new Uint8Array(source.cut.blockCount)
    this.#wished = new Uint8Array(source.cut.blockCount)
  }

  /** Whether this channel has heard a block's hash. */
  stated(block: number): boolean {
    return this.#stated[block] === 1
  }

  /** The block's hash was, or is now, said by somebody else. */
  wasStated(block: number): void {
    this.#stated[block] = 1
  }

  /** Whether it makes hashes now, and does not wait until those it said are taken. */
  get isHashing(): boolean {
    return this.#running !== undefined && this.#inFlight < framesInFlight
  }

  /** Says every hash at once; all must be known. */
  stateAll(): void {
    for (let first = 0; first < this.source.cut.blockCount; first += frameful) {
      const end = Math.min(first + frameful, this.source.cut.blockCount)
      this.#say(first, this.source.hashes.all.subarray(first * hashBytes, end * hashBytes))
    }
  }

  /** The block's hash is to be said soon. */
  wish(block: number): void {
    if (this.#stated[block] === 1) return
    this.#wished[block] = 1
    if (block < this.#lowest) this.#lowest = block
  }

  /** Begins to say what is wished for. */
  go(): void {
    if (this.#running !== undefined || this.#over || this.#lowest === Number.POSITIVE_INFINITY) return
    this.#running = this.source
      .busy(() => this.#run())
      .catch((error) => this.failed(error))
      .finally(() => {
        this.#running = undefined
        this.go()
      })
  }

  /** Resolves once every hash of the file is known and trusted. @throws SourceFailed */
  async complete(): Promise<void> {
    const { hashes } = this.source
    while (this.#running !== undefined) await this.#running
    for (let round = 0; round < rounds && !hashes.complete && !this.#over; round++) {
      for (
        let block = hashes.nextUntrusted(0);
        block !== undefined && !this.#over;
        block = hashes.nextUntrusted(block + 1)
      ) {
        await hashOne(this.source, this.#hashingNow(), block)
      }
    }
  }

  /** Says nothing more. */
  stop(): void {
    this.#over = true
    this.#drained?.()
  }

  async #run(): Promise<void> {
    const { hashes, cut } = this.source
    let first = 0
    let gathered: Uint8Array[] = []
    const flush = (): void => {
      if (gathered.length > 0) this.#say(first, Buffer.concat(gathered))
      gathered = []
    }
    while (!this.#over && this.#lowest < cut.blockCount) {
      const block = this.#lowest++
      if (this.#wished[block] === 0 || this.#stated[block] === 1) continue
      if (hashes.trusted(block) === undefined) {
        await hashOne(this.source, this.#hashingNow(), block)
        if (gathered.length >= batch) flush()
      } else if (gathered.length % 1024 === 1023) await breathe()
      // While it was hashed, it may have been sent.
      const hash = hashes.trusted(block)
      if (this.#stated[block] === 1) continue
      if (hash === undefined) {
        // Only the inode's time moved meanwhile: once more.
        this.#lowest = Math.min(this.#lowest, block)
        continue
      }
      if (gathered.length > 0 && first + gathered.length !== block) flush()
      if (gathered.length === frameful) flush()
      if (gathered.length === 0) first = block
      gathered.push(Uint8Array.from(hash))
      if (this.#inFlight >= framesInFlight) await new Promise<void>((resolve) => (this.#drained = resolve))
    }
    if (this.#lowest >= cut.blockCount) this.#lowest = Number.POSITIVE_INFINITY
    if (!this.#over) flush()
  }

  #hashingNow(): BlockHashing {
    this.#hashing ??= new BlockHashing(this.source.cut, this.source.fd)
    return this.#hashing
  }

  #say(first: number, hashes: Uint8Array): void {
    this.#stated.fill(1, first, first + hashes.length / hashBytes)
    this.#inFlight += 1
    this.channel.write(frameOf(FrameType.hashes, this.file, first, hashes), () => {
      this.#inFlight -= 1
      if (this.#inFlight < framesInFlight) this.#drained?.()
    })
  }
}
