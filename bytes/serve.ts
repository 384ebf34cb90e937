/**
 * The sending side: a small server of ranges of one source over one channel (docs/protocol.md, "Moving").
 *
 * Rules: it answers only wants inside the file and the window; every block is read, hashed, compared with
 * what is remembered of it, and the source looked at, before a byte of it leaves (P5); at most four buffers
 * of 1 MiB are in flight; the other side's rubbish destroys the channel; whatever happens, `done` settles once.
 */

import type { Channel } from '../protocol/channel.js'
import {
  BadFrame,
  type FrameHeader,
  FrameType,
  frameHeaderBytes,
  writeFrameHeader,
} from '../protocol/frames.js'
import { blake3, type Hasher, hashBytes } from './blake3.js'
import { pieceBytes } from './block-hashing.js'
import { lengthOf, windowOf } from './cut.js'
import { ServeFailed, SourceFailed, systemCode } from './failure.js'
import { FrameReader } from './frame-reader.js'
import { frameOf } from './frame-writing.js'
import { ReadPace, readStraight } from './read-pace.js'
import { sameHash } from './root.js'
import type { Source } from './source.js'
import { type SourceIdentity, sameIdentity } from './source-identity.js'
import { Stating } from './stating.js'
import { positionOf, Wanted, type WantedPiece } from './wanted.js'

export interface ServeOptions {
  /** Which file of the offer, from 0. */
  file?: number
  /** The root that was offered. Without it, the root is stated at the end over what was sent. */
  root?: Uint8Array
  /** What the source was when it was offered. Default: what it was when it was opened. */
  identity?: SourceIdentity
  onProgress?: (progress: ServeProgress) => void
  signal?: AbortSignal
  /** For trials: the most bytes that may be wanted and not yet read. */
  windowBytes?: number
}

export interface ServeProgress {
  /** Bytes of the file sent on this channel. */
  sentBytes: number
  /** Bytes the other side said it held. */
  heldBytes: number
  filesize: number
}

export interface Served {
  root: Uint8Array
  /** Bytes of the file sent on this channel. */
  bytesSent: number
}

export interface Serving {
  /** Resolves when the other side has the file verified and in place. Rejects with ServeFailed. */
  readonly done: Promise<Served>
  /** Bytes of the file sent so far on this channel; counts after a failure too. */
  readonly bytesSent: number
  /** Pauses on purpose: says `stop` and ends the channel. */
  stop(): void
}

/** Serves one source over one channel until the other side says `done`. */
export function serve(channel: Channel, source: Source, options: ServeOptions = {}): Serving {
  return new Server(channel, source, options)
}

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

class Server implements Serving {
  readonly done: Promise<Served>
  bytesSent = 0
  readonly #file: number
  readonly #reader: FrameReader
  readonly #wanted: Wanted
  readonly #stating: Stating
  readonly #pace = new ReadPace()
  readonly #free: Buffer[] = []
  #buffers = 0
  readonly #pieces: Piece[] = []
  #hasher: Hasher | undefined
  #pumping = false
  #open = false
  #heldBytes = 0
  #held: Uint8Array
  #finishing = false
  #root: Uint8Array | undefined
  #over = false
  #resolve!: (served: Served) => void
  #reject!: (error: ServeFailed) => void
  readonly #onAbort = (): void => this.stop()

  constructor(
    readonly channel: Channel,
    readonly source: Source,
    readonly options: ServeOptions,
  ) {
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    // Whoever looks later still sees it; nobody looking is no crash.
    this.done.catch(() => undefined)
    this.#file = options.file ?? 0
    this.#held = new Uint8Array(source.cut.blockCount)
    this.#wanted = new Wanted(source.cut, options.windowBytes ?? windowOf(source.cut))
    this.#stating = new Stating(source, channel, this.#file, (error) => this.#fail(error))
    this.#reader = new FrameReader({
      begin: (header) => this.#judge(header),
      frame: (header, payload) => this.#take(header, payload),
      piece: () => undefined,
    })
    options.signal?.addEventListener('abort', this.#onAbort, { once: true })
    channel.onClosed((error) => this.#fail(new ServeFailed('channel-lost', 'the channel was lost', error)))
    queueMicrotask(() => void this.#begin())
  }

  stop(): void {
    this.#fail(new ServeFailed('stopped', 'stopped here'))
  }

  async #begin(): Promise<void> {
    const { source, options, channel } = this
    if (options.signal?.aborted) return this.stop()
    try {
      if (options.identity !== undefined && !sameIdentity(options.identity, source.identity)) throw changed()
      if (source.closed) throw new ServeFailed('io', 'the source is closed')
      if (source.lookClosely() === 'changed') throw changed()
      // With a root, blocks of two versions cannot pass; without, nobody may write unseen.
      if (options.root === undefined) await source.writtenBack()
      else if (source.hashes.complete) this.#stating.stateAll()
      this.#open = true
    } catch (error) {
      this.#fail(error)
    }
    channel.onBytes((chunk) => this.#receive(chunk))
  }

  #receive(chunk: Uint8Array): void {
    if (this.#over) return
    try {
      this.#reader.push(chunk)
    } catch (error) {
      this.#fail(error)
    }
    this.#pump()
    if (!this.#over) this.#stating.go()
  }

  #judge(header: FrameHeader): void {
    const { type, payloadBytes } = header
    const { blockCount } = this.source.cut
    if (type !== FrameType.alive && header.file !== this.#file)
      throw new BadFrame('a file that is not offered')
    if (type === FrameType.want) {
      if (payloadBytes !== 8) throw new BadFrame('want without a length')
    } else if (type === FrameType.held) {
      if (payloadBytes === 0 || header.offset + payloadBytes * 8 >= blockCount + 8) {
        throw new BadFrame('held beyond the last block')
      }
    } else if (type === FrameType.finish || type === FrameType.stop || type === FrameType.alive) {
      if (payloadBytes !== 0) throw new BadFrame('payload where none may be')
    } else if (type === FrameType.done) {
      if (payloadBytes !== 0 || this.#root === undefined) throw new BadFrame('done before the root')
    } else throw new BadFrame(`frame type ${type} from the receiving side`)
    if (this.#finishing && type !== FrameType.done && type !== FrameType.stop && type !== FrameType.alive) {
      throw new BadFrame('more after finish')
    }
  }

  #take(header: FrameHeader, payload: Buffer): void {
    if (header.type === FrameType.want) this.#wanted.add(header.offset, payload.readBigUInt64BE())
    else if (header.type === FrameType.held) this.#takeHeld(header.offset, payload)
    else if (header.type === FrameType.finish) this.#takeFinish()
    else if (header.type === FrameType.stop)
      this.#settle(new ServeFailed('stopped', 'stopped there', undefined, true))
    else if (header.type === FrameType.done) this.#settle()
  }

  #takeHeld(first: number, bitmap: Buffer): void {
    const { cut } = this.source
    for (let bit = 0; bit < bitmap.length * 8; bit++) {
      if ((bitmap[bit >> 3]! & (1 << (bit & 7))) === 0) continue
      const block = first + bit
      if (block >= cut.blockCount) throw new BadFrame('held beyond the last block')
      if (this.#held[block] === 1) continue
      this.#held[block] = 1
      this.#heldBytes += lengthOf(cut, block)
      this.#stating.wish(block)
    }
    this.#progress()
  }

  #takeFinish(): void {
    for (let block = 0; block < this.source.cut.blockCount; block++) {
      if (this.#held[block] === 0 && !this.#wanted.asked(block))
        throw new BadFrame('finish with blocks missing')
    }
    if (!this.#wanted.empty || this.#pieces.length > 0) throw new BadFrame('finish before the end')
    this.#finishing = true
    this.source.busy(() => this.#stateRoot()).catch((error) => this.#fail(error))
  }

  async #stateRoot(): Promise<void> {
    const { source, options } = this
    await this.#stating.complete()
    // What moved only the inode's time makes everything to be hashed again, once.
    if (!this.#over && source.lookClosely() === 'doubtful') await this.#stating.complete()
    if (this.#over) return
    const root = source.hashes.root()
    if (source.lookClosely() !== 'same' || root === undefined) throw changed()
    if (options.root !== undefined && !sameHash(options.root, root)) throw changed()
    this.#root = root
    this.channel.write(frameOf(FrameType.root, this.#file, 0, root))
  }

  /** Reads and sends while there is something to send and a buffer to read into. */
  #pump(): void {
    if (this.#pumping || !this.#open) return
    this.#pumping = true
    try {
      while (!this.#over && (this.#free.length > 0 || this.#buffers < buffersInFlight)) {
        const wanted = this.#wanted.take()
        if (wanted === undefined) break
        this.#read({ ...wanted, buffer: this.#buffer(), ready: false, got: 0 })
        this.#drain()
      }
    } catch (error) {
      this.#fail(error)
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
      this.#fail(failure)
    }
    this.#pump()
  }

  /** Sends what is read, in order. */
  #drain(): void {
    while (!this.#over && this.#pieces[0]?.ready) this.#send(this.#pieces.shift()!)
  }

  #send(piece: Piece): void {
    const { source } = this
    const { buffer, block } = piece
    if (piece.error !== undefined) throw piece.error
    const look = source.look()
    if (piece.got < piece.bytes || look === 'changed') throw changed()
    const data = buffer.subarray(roomBytes, roomBytes + piece.bytes)
    let from = hashesFrameBytes
    let hash: Uint8Array | undefined
    const small = piece.at === 0 && piece.last
    if (small) hash = blake3.hash(data)
    else {
      if (piece.at === 0) this.#hasher = blake3.hasher()
      this.#hasher!.update(data)
      if (piece.last) hash = this.#hasher!.digest()
    }
    if (hash !== undefined && !source.hashes.note(block, hash, look === 'same')) throw changed()
    const toState = hash !== undefined && !this.#stating.stated(block)
    if (toState && small) {
      from = 0
      const header = { type: FrameType.hashes, file: this.#file, offset: block, payloadBytes: hashBytes }
      writeFrameHeader(buffer, 0, header)
      buffer.set(hash!, frameHeaderBytes)
    }
    writeFrameHeader(buffer, hashesFrameBytes, {
      type: FrameType.data,
      file: this.#file,
      offset: positionOf(source.cut, piece),
      payloadBytes: piece.bytes,
    })
    this.bytesSent += piece.bytes
    this.channel.write(buffer.subarray(from, roomBytes + piece.bytes), () => {
      this.#free.push(buffer)
      this.#pump()
    })
    if (toState && !small) this.channel.write(frameOf(FrameType.hashes, this.#file, block, hash))
    if (toState) this.#stating.wasStated(block)
    this.#progress()
  }

  #progress(): void {
    this.options.onProgress?.({
      sentBytes: this.bytesSent,
      heldBytes: this.#heldBytes,
      filesize: this.source.filesize,
    })
  }

  /** Ends with a failure: says what can be said of it to the other side. */
  #fail(error: unknown): void {
    if (this.#over) return
    const failure = asServeFailed(error)
    if (failure.code === 'source-changed') this.channel.write(frameOf(FrameType.changed, this.#file, 0))
    else if (failure.code === 'stopped') this.channel.write(frameOf(FrameType.stop, this.#file, 0))
    else if (failure.code === 'bad-peer' || failure.code === 'io') {
      this.#settle(failure, false)
      this.channel.destroy()
      return
    }
    this.#settle(failure)
  }

  #settle(failure?: ServeFailed, orderly = true): void {
    if (this.#over) return
    this.#over = true
    this.#reader.stop()
    this.#stating.stop()
    this.options.signal?.removeEventListener('abort', this.#onAbort)
    if (orderly) this.channel.end()
    if (failure !== undefined) this.#reject(failure)
    else this.#resolve({ root: this.#root!, bytesSent: this.bytesSent })
  }
}

function changed(): ServeFailed {
  return new ServeFailed('source-changed', 'the source is no longer what was offered')
}

function asServeFailed(error: unknown): ServeFailed {
  if (error instanceof ServeFailed) return error
  if (error instanceof BadFrame) return new ServeFailed('bad-peer', error.message, error)
  if (error instanceof SourceFailed) {
    if (error.code === 'source-changed') return new ServeFailed('source-changed', error.message, error)
    return new ServeFailed('io', error.message, error)
  }
  return new ServeFailed('io', `the source cannot be read: ${systemCode(error) ?? 'failed'}`, error)
}
