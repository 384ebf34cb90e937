/**
 * Reads what is wanted and writes it to the channel, in the order of asking.
 *
 * Rules: every block is hashed, compared with what is remembered of it, and the source looked at, before
 * its last byte leaves (P5); at most two buffers of 2 MiB are being read or in flight; two blocks, their hashes
 * and all headers lie in one buffer, since each write takes its way through Node's streams, whatever its size.
 */

import type { Channel } from '../protocol/channel.js'
import { FrameType, frameHeaderBytes, writeFrameHeader } from '../protocol/frames.js'
import { blake3, type Hasher, hashBytes } from './blake3.js'
import { pieceBytes } from './block-hashing.js'
import { ServeFailed } from './failure.js'
import { ReadPace, readStraight } from './read-pace.js'
import type { Source } from './source.js'
import type { Stating } from './stating.js'
import { positionOf, type Wanted, type WantedPiece } from './wanted.js'

const buffersInFlight = 2
const piecesTogether = 2
/** The slowest line that is waited for, bytes a millisecond: a server may let no more through than 1,000 a second. */
const slowest = 0.5
const hashesFrameBytes = frameHeaderBytes + hashBytes
/** What a piece takes in a buffer besides its bytes, at most. */
const roomBytes = hashesFrameBytes + frameHeaderBytes

/** A piece that is read or being read. */
interface Piece extends WantedPiece {
  /** Where its frames begin in the buffer. */
  from: number
  /** Where its block's hash is said with it: before a block of one piece, behind the last piece of a larger one. */
  hashGoes: 'before' | 'behind' | undefined
  got: number
}

/** What lies in one buffer, and leaves together. */
interface Load {
  buffer: Buffer
  pieces: Piece[]
  /** Bytes of all its frames. */
  bytes: number
  /** Pieces that are being read in the thread pool. */
  reading: number
  error?: unknown
}

export interface SendingActions {
  sent(): void
  /** The network has taken a buffer. */
  taken(): void
  failed(error: unknown): void
}

export class Sending {
  /** Bytes of the file that were given to the channel. */
  bytesSent = 0
  readonly #pace: ReadPace
  readonly #free: Buffer[] = []
  #buffers = 0
  readonly #loads: Load[] = []
  #hasher: Hasher | undefined
  #pumping = false
  #over = false
  /** Bytes that the network has still to take, and when it last took some. */
  #untaken = 0
  #takenAt = 0

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
    return this.wanted.empty && this.#loads.length === 0
  }

  /** Whether something is being read. */
  get isReading(): boolean {
    return this.#loads.some(({ reading }) => reading > 0)
  }

  /** Whether a slow line may be busy still with what it was given: it is told only of whole buffers. */
  get isUnderWay(): boolean {
    return performance.now() - this.#takenAt < this.#untaken / slowest
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
        const first = this.wanted.take()
        if (first === undefined) break
        const load = this.#loadFrom(first)
        this.#loads.push(load)
        for (const piece of load.pieces) this.#read(load, piece)
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
    const { blockBytes, filesize } = this.source.cut
    const bytes = Math.min(piecesTogether * Math.min(pieceBytes, blockBytes), filesize)
    return Buffer.allocUnsafeSlow(piecesTogether * roomBytes + bytes)
  }

  /** Where everything goes of what is to be read now. The very first piece goes alone: somebody waits for it. */
  #loadFrom(first: WantedPiece): Load {
    const load: Load = { buffer: this.#buffer(), pieces: [], bytes: 0, reading: 0 }
    const most = this.bytesSent === 0 ? 1 : piecesTogether
    for (let next: WantedPiece | undefined = first; next !== undefined; ) {
      // What is stated meanwhile is said once more, the same: that is allowed.
      const isToState = next.last && !this.stating.stated(next.block)
      const hashGoes = isToState ? (next.at === 0 ? 'before' : 'behind') : undefined
      load.pieces.push({ ...next, from: load.bytes, hashGoes, got: 0 })
      load.bytes += (isToState ? roomBytes : frameHeaderBytes) + next.bytes
      next = load.pieces.length < most ? this.wanted.take() : undefined
    }
    return load
  }

  #read(load: Load, piece: Piece): void {
    const { source } = this
    const position = positionOf(source.cut, piece)
    const at = dataAt(piece)
    if (source.closed) throw new ServeFailed('io', 'the source was closed')
    if (this.#pace.straight) {
      piece.got = readStraight(source.fd, load.buffer, at, piece.bytes, position, this.#pace)
      return
    }
    load.reading += 1
    source.readAside(load.buffer, at, piece.bytes, position).then(
      (got) => this.#arrived(load, piece, got),
      (error) => this.#arrived(load, piece, 0, error),
    )
  }

  #arrived(load: Load, piece: Piece, got: number, error?: unknown): void {
    piece.got = got
    load.error ??= error
    load.reading -= 1
    try {
      this.#drain()
    } catch (failure) {
      this.actions.failed(failure)
    }
    this.pump()
  }

  /** Sends what is read, in order. */
  #drain(): void {
    while (!this.#over && this.#loads[0]?.reading === 0) this.#send(this.#loads.shift()!)
  }

  #send(load: Load): void {
    const { buffer, pieces, bytes } = load
    if (load.error !== undefined) throw load.error
    const look = this.source.look()
    if (look === 'changed' || pieces.some((piece) => piece.got < piece.bytes)) throw changedSource()
    for (const piece of pieces) this.#frame(buffer, piece, look === 'same')
    if (this.#untaken === 0) this.#takenAt = performance.now()
    this.#untaken += bytes
    this.channel.write(buffer.subarray(0, bytes), () => {
      this.#untaken -= bytes
      this.#takenAt = performance.now()
      this.#free.push(buffer)
      if (!this.#over) this.actions.taken()
      this.pump()
    })
    this.actions.sent()
  }

  /** Hashes a piece and writes its frames around it. @throws ServeFailed where its block is not what it was */
  #frame(buffer: Buffer, piece: Piece, isTrusted: boolean): void {
    const { source, stating, file } = this
    const { block, bytes, from, hashGoes } = piece
    const at = dataAt(piece)
    const hash = this.#hashOf(piece, buffer.subarray(at, at + bytes))
    if (hash !== undefined && !source.hashes.note(block, hash, isTrusted)) throw changedSource()
    if (hash !== undefined && hashGoes !== undefined) {
      const where = hashGoes === 'before' ? from : at + bytes
      writeFrameHeader(buffer, where, {
        type: FrameType.hashes,
        file,
        offset: block,
        payloadBytes: hashBytes,
      })
      buffer.set(hash, where + frameHeaderBytes)
      stating.wasStated(block)
    }
    const offset = positionOf(source.cut, piece)
    writeFrameHeader(buffer, at - frameHeaderBytes, {
      type: FrameType.data,
      file,
      offset,
      payloadBytes: bytes,
    })
    this.bytesSent += bytes
  }

  /** The hash of a block, with its last piece. */
  #hashOf(piece: Piece, data: Buffer): Uint8Array | undefined {
    if (piece.at === 0 && piece.last) return blake3.hash(data)
    if (piece.at === 0) this.#hasher = blake3.hasher()
    this.#hasher!.update(data)
    return piece.last ? this.#hasher!.digest() : undefined
  }
}

/** Where the bytes of a piece are in its buffer. */
function dataAt({ from, hashGoes }: Piece): number {
  return from + (hashGoes === 'before' ? roomBytes : frameHeaderBytes)
}

/** The one failure that the other side is told of. */
export function changedSource(): ServeFailed {
  return new ServeFailed('source-changed', 'the source is no longer what was offered')
}
