/**
 * The receiving side: pulls what is missing of one file over one channel, and proves it (docs/protocol.md,
 * "Moving", "Proof").
 *
 * Rules: a block counts once its hash is what the sender states and it is written; one of at most 1 MiB is not even
 * written before. What is held is told, and has to be stated the same: where the ledger knew it, another
 * hash is a changed source (P5), otherwise the block is fetched. Anything that was not asked for destroys
 * the channel (case 97); one on which nothing of the file comes for long is lost, however often the sender says that he lives. Whatever
 * happens, `proven` settles once and what was proven stays.
 */

import type { Channel } from '../protocol/channel.js'
import { BadFrame, type FrameHeader, FrameType } from '../protocol/frames.js'
import { Asking } from './asking.js'
import { hashBytes } from './blake3.js'
import { lengthOf, startOf, windowOf } from './cut.js'
import { ReceiveFailed } from './failure.js'
import { Filling } from './filling.js'
import { FrameReader } from './frame-reader.js'
import { frameOf, lengthPayload } from './frame-writing.js'
import { judgeFromSender } from './frames-from-sender.js'
import { Owed } from './owed.js'
import { BlockState } from './part-blocks.js'
import type { PartFile } from './part-file.js'
import { sameHash } from './root.js'
import { Statements } from './statements.js'

export interface ReceiveOptions {
  /** Which file of the offer, from 0. */
  file?: number
  /** The root that was offered. Default: that of the part file's transfer. */
  root?: Uint8Array
  onProgress?: (progress: ReceiveProgress) => void
  signal?: AbortSignal
  /** Whether a packet and its answer take so little that more may be asked for at a time, less often. */
  isNear?: boolean
  /** For trials: the most bytes that may be asked for and not yet proven. */
  windowBytes?: number
  /** For trials: how long nothing of the file may come, ms. */
  patienceMs?: number
}

/** So many bytes of the file are something. */
const somethingBytes = 64 * 1024

export interface ReceiveProgress {
  /** Bytes that are here and proven on this channel. */
  provenBytes: number
  /** Bytes of the file that came over this channel. */
  receivedBytes: number
  /** Bytes that were held when this channel began. */
  heldBytes: number
  filesize: number
}

export interface Receiving {
  /** Resolves when every block is here and proven, and the root with them: the file may be placed. Rejects with ReceiveFailed. */
  readonly proven: Promise<{ root: Uint8Array }>
  /** Bytes of the file that came over this channel so far. */
  readonly bytesReceived: number
  /** After placing: says `done` and ends the channel. */
  finish(): void
  /** Pauses on purpose, before or after the proof: says `stop` and ends the channel. */
  stop(): void
}

/** A channel that can watch over a sender who owes bytes. */
type WatchingChannel = Channel & { expect?(expecting: boolean): void }

/** Receives into a part file over one channel. A receiving on the same part file before this one is stopped. */
export function receive(channel: Channel, part: PartFile, options: ReceiveOptions = {}): Receiving {
  return new Receiver(channel, part, options)
}

class Receiver implements Receiving {
  readonly proven: Promise<{ root: Uint8Array }>
  bytesReceived = 0
  readonly #file: number
  readonly #reader: FrameReader
  readonly #asking: Asking
  readonly #filling: Filling
  readonly #statements: Statements
  readonly #owed: Owed
  /** Bytes that came when there was something last. */
  #somethingAt = 0
  /** The current block's own hash, while the sender's word on it is still to come. */
  #unstated: Uint8Array | undefined
  #hashesCame = 0
  readonly #heldBytes: number
  #finishSaid = false
  #expecting = false
  #over = false
  #doneSaid = false
  #resolve!: (proven: { root: Uint8Array }) => void
  #reject!: (error: ReceiveFailed) => void
  readonly #onAbort = (): void => this.stop()

  constructor(
    readonly channel: WatchingChannel,
    readonly part: PartFile,
    readonly options: ReceiveOptions,
  ) {
    this.proven = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    this.proven.catch(() => undefined)
    this.#file = options.file ?? 0
    part.takeOver(this)
    part.onFailed = (failure) => this.#fail(failure)
    this.#heldBytes = part.blocks.heldBytes
    this.#statements = new Statements(part.blocks, options.root ?? part.transfer.root)
    const windowBytes = options.windowBytes ?? windowOf(part.cut)
    this.#asking = new Asking(part.cut, part.blocks, windowBytes, options.isNear)
    this.#filling = new Filling(part, () => this.#mayWrite())
    this.#reader = new FrameReader(
      {
        begin: (header) => this.#judge(header),
        frame: (header, payload) => this.#take(header, payload),
        piece: (_header, bytes) => this.#takeData(bytes),
      },
      FrameType.data,
    )
    this.#owed = new Owed(
      () => part.written !== undefined,
      () => this.#fail(new ReceiveFailed('channel-lost', 'nothing of the file came for long')),
      options.patienceMs,
    )
    options.signal?.addEventListener('abort', this.#onAbort, { once: true })
    channel.onClosed((error) => this.#fail(new ReceiveFailed('channel-lost', 'the channel was lost', error)))
    // What the one before has under way comes first: it may be of a block that comes to be another.
    void (part.written ?? Promise.resolve()).then(() => this.#begin())
  }

  finish(): void {
    if (this.#doneSaid) return
    this.#doneSaid = true
    this.channel.write(frameOf(FrameType.done, this.#file, 0))
    this.channel.end()
  }

  stop(): void {
    if (this.#over && !this.#doneSaid) this.#sayStop()
    this.#fail(new ReceiveFailed('stopped', 'stopped here'))
  }

  /** The file is proven and cannot be placed: the sender waits for a word. */
  #sayStop(): void {
    this.#doneSaid = true
    this.channel.write(frameOf(FrameType.stop, this.#file, 0))
    this.channel.end()
  }

  /** Another receiving took the part file over. */
  fenced(): void {
    this.#fail(new ReceiveFailed('stopped', 'the part file was taken over or closed'))
  }

  #begin(): void {
    if (this.#over) return
    if (this.options.signal?.aborted) this.stop()
    else if (this.part.failed !== undefined) this.#fail(this.part.failed)
    else if (this.part.closed) this.#fail(new ReceiveFailed('io', 'the part file is closed'))
    else this.#go()
  }

  #go(): void {
    this.#sayHeld()
    this.#ask()
    this.channel.onBytes((chunk) => this.#receive(chunk))
    this.channel.lendRoom?.(() => (this.#over ? undefined : this.#filling.room(this.#reader.streamLeft)))
    this.#finishWhenProven()
  }

  #receive(chunk: Uint8Array): void {
    if (this.#over) return
    try {
      this.#reader.push(chunk)
    } catch (error) {
      this.#fail(error)
    }
  }

  #sayHeld(): void {
    const { blocks, cut } = this.part
    if (blocks.heldBytes === 0) return
    const bitmap = Buffer.alloc(Math.ceil(cut.blockCount / 8))
    for (let block = 0; block < cut.blockCount; block++) {
      if (blocks.state(block) !== BlockState.missing) bitmap[block >> 3]! |= 1 << (block & 7)
    }
    this.channel.write(frameOf(FrameType.held, this.#file, 0, bitmap))
  }

  #ask(): void {
    const { cut } = this.part
    for (let want = this.#asking.next(); want !== undefined; want = this.#asking.next()) {
      this.channel.write(
        frameOf(FrameType.want, this.#file, startOf(cut, want.first), lengthPayload(want.bytes)),
      )
    }
    if (this.#expecting === this.#asking.idle) {
      this.#expecting = !this.#asking.idle
      this.channel.expect?.(this.#expecting)
    }
  }

  #judge(header: FrameHeader): void {
    const { cut } = this.part
    judgeFromSender(header, {
      file: this.#file,
      cut,
      current: this.#asking.current,
      came: this.#filling.came,
      unstated: this.#unstated !== undefined,
      finishSaid: this.#finishSaid,
    })
    if (header.type !== FrameType.hashes) return
    this.#hashesCame += header.payloadBytes / hashBytes
    if (this.#hashesCame > 4 * cut.blockCount) throw new BadFrame('hashes without end')
  }

  #take(header: FrameHeader, payload: Buffer): void {
    if (header.type === FrameType.hashes) this.#takeHashes(header.offset, payload)
    else if (header.type === FrameType.root) this.#takeRoot(payload)
    else if (header.type === FrameType.changed) {
      this.#fail(new ReceiveFailed('source-changed', 'the sender says that the file changed'))
    } else if (header.type === FrameType.stop) {
      this.#settle(new ReceiveFailed('stopped', 'stopped there', undefined, true))
    }
  }

  #takeHashes(first: number, payload: Buffer): void {
    for (let at = 0; at < payload.length && !this.#over; at += hashBytes) {
      this.#takeHash(first + at / hashBytes, payload.subarray(at, at + hashBytes))
    }
    if (this.#over) return
    for (const block of this.#statements.judge()) this.#asking.again(block)
    this.#ask()
    this.#progress()
    this.#finishWhenProven()
  }

  #takeHash(block: number, hash: Uint8Array): void {
    if (!this.#statements.has(block)) this.#owed.moved()
    const claimed = this.part.blocks.state(block) === BlockState.claimed
    const meaning = this.#statements.take(block, hash)
    if (meaning === 'refuted') this.#asking.again(block)
    else if (meaning === 'confirmed' && claimed) this.part.record(block)
    else if (meaning === 'expected' && this.#unstated !== undefined && block === this.#asking.current) {
      this.#blockCame(block, this.#unstated)
    }
  }

  #takeData(bytes: Uint8Array): void {
    const block = this.#asking.current!
    this.bytesReceived += bytes.length
    if (this.bytesReceived - this.#somethingAt >= somethingBytes) this.#moved()
    const hash = this.#filling.take(block, bytes)
    if (hash === undefined) return
    if (this.#statements.has(block)) this.#blockCame(block, hash)
    else this.#unstated = hash
  }

  /** All bytes of the current block are here, and the sender's word on their hash. */
  #blockCame(block: number, hash: Uint8Array): void {
    const { part } = this
    if (!part.blocks.hasHash(block, hash)) throw new BadFrame('a block that is not what its hash says')
    this.#unstated = undefined
    this.#asking.arrived()
    this.#filling.keep(block, (failure) => {
      try {
        this.#blockKept(block, hash, failure)
      } catch (error) {
        this.#fail(error)
      }
    })
  }

  /** A block that is proven is written too, so it counts. */
  #blockKept(block: number, hash: Uint8Array, failure?: Error): void {
    const { part } = this
    if (failure !== undefined) throw failure
    if (!part.counts(this)) return
    part.prove(block, hash, lengthOf(part.cut, block))
    if (this.#over) return
    this.#asking.landed(block)
    this.#ask()
    this.#progress()
    this.#finishWhenProven()
  }

  #moved(): void {
    this.#somethingAt = this.bytesReceived
    this.#owed.moved()
  }

  #mayWrite(): void {
    if (!this.part.isWriter(this))
      throw this.part.failed ?? new ReceiveFailed('stopped', 'the part file was taken over')
  }

  #finishWhenProven(): void {
    if (this.#finishSaid || this.#over || !this.part.blocks.allProven) return
    this.#finishSaid = true
    this.channel.write(frameOf(FrameType.finish, this.#file, 0))
  }

  #takeRoot(stated: Uint8Array): void {
    const root = this.part.blocks.root()!
    if (!sameHash(stated, root)) throw new BadFrame('a root that is not that of the blocks')
    this.#statements.demandOffered(root)
    this.#settle(undefined, root)
  }

  #progress(): void {
    this.options.onProgress?.({
      provenBytes: this.part.blocks.provenBytes,
      receivedBytes: this.bytesReceived,
      heldBytes: this.#heldBytes,
      filesize: this.part.filesize,
    })
  }

  #fail(error: unknown): void {
    if (this.#over) return
    const failure =
      error instanceof ReceiveFailed
        ? error
        : error instanceof BadFrame
          ? new ReceiveFailed('bad-data', error.message, error)
          : new ReceiveFailed('io', 'receiving failed', error)
    if (failure.code === 'bad-data') {
      this.#settle(failure, undefined, false)
      this.channel.destroy()
      return
    }
    if (failure.code !== 'channel-lost') this.channel.write(frameOf(FrameType.stop, this.#file, 0))
    this.#settle(failure)
  }

  #settle(failure?: ReceiveFailed, root?: Uint8Array, orderly = true): void {
    if (this.#over) return
    this.#over = true
    this.#owed.stop()
    this.#reader.stop()
    this.options.signal?.removeEventListener('abort', this.#onAbort)
    if (this.#expecting) this.channel.expect?.(false)
    if (root !== undefined) {
      this.#resolve({ root })
      return
    }
    this.#doneSaid = true
    if (orderly) this.channel.end()
    // What is under way to the file still counts, so that what is held stays as it is from then on.
    const { written } = this.part
    if (written === undefined) this.#reject(failure!)
    else void written.then(() => this.#reject(failure!))
  }
}
