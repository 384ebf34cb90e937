/**
 * Reads what is wanted and writes it to the channel, in the order of asking.
 *
 * Rules: every block is hashed, compared with what is remembered of it, and the source looked at, before
 * its last byte leaves (P5); at most four buffers of 1 MiB are being read or in flight; a block, its hash
 * and both headers lie in one buffer.
 */

import type { Channel } from '../protocol/channel.js'
import { FrameType, frameHeaderBytes, writeFrameHeader } from '../protocol/frames.js'
import { blake3, type Hasher, hashBytes } from './blake3.js'
import { pieceBytes } from './block-hashing.js'
import { ServeFailed } from './failure.js'
import { frameOf } from './frame-writing.js'
import { ReadPace, readStraight } from './read-pace.js'
import type { Source } from './source.js'
import type { Stating } from './stating.js'
import { positionOf, type Wanted, type WantedPiece } from './wanted.js'

const buffersInFlight = 4
const hashesFrameBytes = frameHeaderBytes + hashBytes
const roomBytes = hashesFrameBytes + frameHeaderBytes

/** A piece that is read or being read. */
interface Piece extends WantedPiece {
  buffer: Buffer
  ready: boolean
  got: number
  error?: unknown
}

export interface SendingActions {
  sent(): void
  failed(error: unknown): void
}

export class Sending {
  /** Bytes of the file that were given to the channel. */
  bytesSent = 0
  readonly #pace: ReadPace
  readonly #free: Buffer[] = []
  #buffers = 0
  readonly #pieces: Piece[] = []
  #hasher: Hasher | undefined
  #pumping = false
  #over = false

  constructor(
    readonly channel: Channel,
    readonly source: Source,
    readonly file: number,
    readonly wanted: Wanted,
    readonly stating: Stating,
    readonly actions: SendingActions,
    pace: ReadPace = new ReadPace(),
  ) {
    this.#pace = pace
  }

  /** Whether all that was wanted is given to the channel. */
  get idle(): boolean {
    return this.wanted.empty && this.#pieces.length === 0
  }

  stop(): void {
    this.#over = true
  }

  /** Reads and sends while there is something to send and a buffer to read into. */
  pump(): void {
    if (this.#pumping) return
    this.#pumping = true
    try {
      while (!this.#over && (this.#free.length > 0 || this.#buffers < buffersInFlight)) {
        const wanted = this.wanted.take()
        if (wanted === undefined) break
        this.#read({ ...wanted, buffer: this.#buffer(), ready: false, got: 0 })
        this.#drain()
      }
    } catch (error) {
      this.actions.failed(error)
    } finally {
      this.#pumping = false
    }
  }

  #buffer(): Buffer {
    const free = this.#free.pop()
    if (free !== undefined) return free
    this.#buffers += 1
    return Buffer.allocUnsafeSlow(roomBytes + Math.min(pieceBytes, this.source.cut.blockBytes))
  }

  #read(piece: Piece): void {
    const { source } = this
    this.#pieces.push(piece)
    const position = positionOf(source.cut, piece)
    if (source.closed) throw new ServeFailed('io', 'the source was closed')
    if (this.#pace.straight) {
      piece.got = readStraight(source.fd, piece.buffer, roomBytes, piece.bytes, position, this.#pace)
      piece.ready = true
      return
    }
    source.readAside(piece.buffer, roomBytes, piece.bytes, position).then(
      (got) => this.#arrived(piece, got),
      (error) => this.#arrived(piece, 0, error),
    )
  }

  #arrived(piece: Piece, got: number, error?: unknown): void {
    piece.got = got
    piece.error = error
    piece.ready = true
    try {
      this.#drain()
    } catch (failure) {
      this.actions.failed(failure)
    }
    this.pump()
  }

  /** Sends what is read, in order. */
  #drain(): void {
    while (!this.#over && this.#pieces[0]?.ready) this.#send(this.#pieces.shift()!)
  }

  #send(piece: Piece): void {
    const { source, stating } = this
    const { buffer, block } = piece
    if (piece.error !== undefined) throw piece.error
    const look = source.look()
    if (piece.got < piece.bytes || look === 'changed') throw changedSource()
    const hash = this.#hashOf(piece)
    if (hash !== undefined && !source.hashes.note(block, hash, look === 'same')) throw changedSource()
    const toState = hash !== undefined && !stating.stated(block)
    // A block of one piece brings its hash along, before it; a larger one is followed by it.
    const together = toState && piece.at === 0
    if (together) {
      const header = { type: FrameType.hashes, file: this.file, offset: block, payloadBytes: hashBytes }
      writeFrameHeader(buffer, 0, header)
      buffer.set(hash, frameHeaderBytes)
    }
    writeFrameHeader(buffer, hashesFrameBytes, {
      type: FrameType.data,
      file: this.file,
      offset: positionOf(source.cut, piece),
      payloadBytes: piece.bytes,
    })
    this.bytesSent += piece.bytes
    const from = together ? 0 : hashesFrameBytes
    this.channel.write(buffer.subarray(from, roomBytes + piece.bytes), () => {
      this.#free.push(buffer)
      this.pump()
    })
    if (toState && !together) this.channel.write(frameOf(FrameType.hashes, this.file, block, hash))
    if (toState) stating.wasStated(block)
    this.actions.sent()
  }

  /** The hash of a block, with its last piece. */
  #hashOf(piece: Piece): Uint8Array | undefined {
    const data = piece.buffer.subarray(roomBytes, roomBytes + piece.bytes)
    if (piece.at === 0 && piece.last) return blake3.hash(data)
    if (piece.at === 0) this.#hasher = blake3.hasher()
    this.#hasher!.update(data)
    return piece.last ? this.#hasher!.digest() : undefined
  }
}

/** The one failure that the other side is told of. */
export function changedSource(): ServeFailed {
  return new ServeFailed('source-changed', 'the source is no longer what was offered')
}
