/**
 * The sending side: a small server of ranges of one source over one channel (docs/protocol.md, "Moving").
 *
 * Rules: it answers only wants inside the file and the window, and says the hash of whatever the other side
 * sends or holds; the root only when every hash is known and the source is still the one that was offered
 * (P5); the other side's rubbish destroys the channel (case 97), and so does its doing nothing for long; whatever happens, `done`
 * settles once.
 */

import type { Channel } from '../protocol/channel.js'
import { BadFrame, type FrameHeader, FrameType } from '../protocol/frames.js'
import { lengthOf, windowOf } from './cut.js'
import { ServeFailed, SourceFailed, systemCode } from './failure.js'
import { FrameReader } from './frame-reader.js'
import { frameOf } from './frame-writing.js'
import { judgeFromReceiver } from './frames-from-receiver.js'
import { Owed } from './owed.js'
import type { ReadPace } from './read-pace.js'
import { sameHash } from './root.js'
import { changedSource, Sending } from './sending.js'
import type { Source } from './source.js'
import { type SourceIdentity, sameIdentity } from './source-identity.js'
import { Stating } from './stating.js'
import { Wanted } from './wanted.js'

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
  /** For trials: how long the other side may ask for nothing and take nothing, ms. */
  patienceMs?: number
  /** For trials: how it decides between the two ways of reading. */
  pace?: ReadPace
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

class Server implements Serving {
  readonly done: Promise<Served>
  readonly #file: number
  readonly #reader: FrameReader
  readonly #wanted: Wanted
  readonly #stating: Stating
  readonly #sending: Sending
  readonly #owed: Owed
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
    this.#sending = new Sending(
      channel,
      source,
      this.#file,
      this.#wanted,
      this.#stating,
      {
        sent: () => this.#progress(),
        taken: () => this.#owed.moved(),
        failed: (error) => this.#fail(error),
      },
      options.pace,
    )
    this.#reader = new FrameReader({
      begin: (header) =>
        judgeFromReceiver(header, {
          file: this.#file,
          blockCount: source.cut.blockCount,
          finishHeard: this.#finishing,
          rootSaid: this.#root !== undefined,
        }),
      frame: (header, payload) => this.#take(header, payload),
      piece: () => undefined,
    })
    this.#owed = new Owed(
      () => this.#isOurTurn,
      () => this.#fail(new ServeFailed('bad-peer', 'nothing was asked for or taken for long')),
      options.patienceMs,
    )
    options.signal?.addEventListener('abort', this.#onAbort, { once: true })
    channel.onClosed((error) => this.#fail(new ServeFailed('channel-lost', 'the channel was lost', error)))
    queueMicrotask(() => void this.#begin())
  }

  get bytesSent(): number {
    return this.#sending.bytesSent
  }

  stop(): void {
    this.#fail(new ServeFailed('stopped', 'stopped here'))
  }

  async #begin(): Promise<void> {
    const { source, options, channel } = this
    if (options.signal?.aborted) return this.stop()
    try {
      if (options.identity !== undefined && !sameIdentity(options.identity, source.identity, source.path))
        throw changedSource()
      if (source.closed) throw new ServeFailed('io', 'the source is closed')
      if (source.lookClosely() === 'changed') throw changedSource()
      // With a root, blocks of two versions cannot pass; without, nobody may write unseen.
      if (options.root === undefined) await source.writtenBack()
      else if (source.hashes.complete) this.#stating.stateAll()
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
    if (this.#over) return
    this.#sending.pump()
    if (!this.#over) this.#stating.go()
  }

  #take(header: FrameHeader, payload: Buffer): void {
    // Of all that may be said only these come to an end.
    if (header.type === FrameType.want || header.type === FrameType.finish) this.#owed.moved()
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
    if (!this.#sending.idle) throw new BadFrame('finish before the end')
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
    if (source.lookClosely() !== 'same' || root === undefined) throw changedSource()
    if (options.root !== undefined && !sameHash(options.root, root)) throw changedSource()
    this.#root = root
    this.channel.write(frameOf(FrameType.root, this.#file, 0, root))
  }

  /** Whether the other side waits for us: for what is being read or hashed, or is on a slow line. */
  get #isOurTurn(): boolean {
    const isRootDue = this.#finishing && this.#root === undefined
    const isSent = this.#sending.isReading || this.#sending.isUnderWay
    return isRootDue || isSent || this.#stating.isHashing
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
    this.#sending.stop()
    this.#owed.stop()
    this.options.signal?.removeEventListener('abort', this.#onAbort)
    if (orderly) this.channel.end()
    if (failure !== undefined) this.#reject(failure)
    else this.#resolve({ root: this.#root!, bytesSent: this.bytesSent })
  }
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
