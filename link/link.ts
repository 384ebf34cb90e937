/**
 * A link: one authenticated byte channel between two devices, over a TLS socket that has passed its greeting.
 *
 * The end of a link proves nothing about what was said on it: anybody on the path can cut TCP, and Node tells a cut from
 * TLS's own goodbye in no case. Whether the work was done is in the frames. So an orderly end only means: no error.
 */

import type { TLSSocket } from 'node:tls'
import type { Channel } from '../protocol/channel.js'
import { FrameType, frameHeaderBytes, writeFrameHeader } from '../protocol/frames.js'
import type { PathKind } from '../protocol/paths.js'
import { LinkLost } from './failure.js'
import { FrameEdge } from './frame-edge.js'
import type { Inlet } from './inlet.js'
import { Nudge } from './nudge.js'
import { Pulse } from './pulse.js'

/** How the two devices reach each other (docs/protocol.md, "Paths"). */
export interface LinkPath {
  kind: PathKind
  /** Whether this side dialled. */
  dialled: boolean
  /** Of the address that was dialled; undefined for a path without one. */
  family: 4 | 6 | undefined
  /** Why cheaper paths did not win, in order; no address is ever in it. */
  why: readonly string[]
}

export interface Link extends Channel {
  readonly path: LinkPath
  /** This machine's end of it, an IP literal; undefined where it has none of its own, as inside XMPP. */
  readonly localAddress: string | undefined
  /** The other end, the other side's or a relay's; undefined where it has none. Never to be logged. */
  readonly remoteAddress: string | undefined
  /** Bytes that have come in, or were taken off by the network: while it stays the same nothing moves. */
  readonly bytesMoved: number

  /**
   * Says whether the other side owes us bytes of the file. While it does, a trickle counts as silence, and the link is
   * lost with `stalled`; otherwise one byte in the idle time is enough.
   */
  expect(expecting: boolean): void
}

/** `write` gives false while more than this is queued, in bytes. */
const queueBytes = 1024 * 1024

/** After our end, the other side has this long to end too, in milliseconds. */
const lingerMs = 10_000

/** The link over a socket; bytes that came already are given to the first receiver. */
export function linkOver(socket: TLSSocket, inlet: Inlet, path: LinkPath, idleMs?: number): Link {
  return new SocketLink(socket, inlet, path, idleMs)
}

class SocketLink implements Link {
  private readonly pulse: Pulse
  /** On a relayed path only. */
  private readonly nudge: Nudge | undefined
  private readonly edge = new FrameEdge()
  private closed: ((error?: Error) => void) | undefined
  private gone = false
  private told = false
  private ended = false
  private peerEnded = false
  private loss: LinkLost | undefined
  private linger: NodeJS.Timeout | undefined

  constructor(
    private readonly socket: TLSSocket,
    private readonly inlet: Inlet,
    readonly path: LinkPath,
    idleMs?: number,
  ) {
    // What waits is written one by one: Node would join it into one new buffer of its size first (TLSWrap), which costs a copy of
    // every byte and some mebibytes. It is how `net` itself turns the joining off where a handle cannot do it.
    ;(socket as unknown as { _writev: null })._writev = null
    this.pulse = new Pulse({ sayAlive: () => this.sayAlive(), lost: (how) => this.lose(how) }, idleMs)
    if (path.kind === 'proxy') this.nudge = new Nudge(() => this.sayAlive())
    socket.on('error', (error) => {
      // After the other side's end, writing to it fails; that is still an orderly end.
      if (!this.peerEnded) this.loss ??= new LinkLost('broken', error)
    })
    socket.on('end', () => {
      this.peerEnded = true
      // Neither side has more to say after the other's end, and what is queued would be read by nobody.
      socket.destroy()
    })
    // It may have closed before we were there to hear it.
    if (socket.closed) this.over()
    else socket.once('close', () => this.over())
  }

  get localAddress(): string | undefined {
    return this.socket.localAddress
  }

  get remoteAddress(): string | undefined {
    return this.socket.remoteAddress
  }

  get bytesMoved(): number {
    const { bytesWritten, writableLength } = this.socket
    return this.pulse.allReceived + bytesWritten - writableLength
  }

  write(bytes: Uint8Array, flushed?: () => void): boolean {
    if (this.ended || this.socket.destroyed) {
      if (flushed !== undefined) queueMicrotask(flushed)
      return false
    }
    this.edge.pass(bytes)
    this.pulse.sent()
    this.nudge?.wrote()
    this.socket.write(bytes, flushed)
    return this.socket.writableLength < queueBytes
  }

  onBytes(receive: (chunk: Uint8Array) => void): void {
    this.inlet.deliverTo((chunk) => {
      this.pulse.came(chunk.length)
      receive(chunk)
    })
    this.tellClosed()
  }

  onClosed(closed: (error?: Error) => void): void {
    this.closed = closed
    queueMicrotask(() => this.tellClosed())
  }

  expect(expecting: boolean): void {
    this.pulse.expect(expecting)
  }

  end(): void {
    if (this.ended) return
    this.ended = true
    this.nudge?.stop()
    // Nothing would clear the timer any more, and it would keep the process for its ten seconds.
    if (this.gone) return
    this.socket.end()
    this.linger = setTimeout(() => this.socket.destroy(), lingerMs)
  }

  destroy(): void {
    if (this.gone) return
    this.ended = true
    this.loss ??= new LinkLost('destroyed')
    this.socket.destroy()
  }

  private over(): void {
    this.gone = true
    this.pulse.stop()
    this.nudge?.stop()
    clearTimeout(this.linger)
    this.tellClosed()
  }

  private lose(how: 'idle' | 'stalled'): void {
    this.loss ??= new LinkLost(how)
    this.socket.destroy()
  }

  private sayAlive(): void {
    // What is queued already shows that we live as soon as it gets through.
    if (this.ended || !this.edge.atEdge || this.socket.writableLength > 0) return
    const alive = new Uint8Array(frameHeaderBytes)
    writeFrameHeader(alive, 0, { type: FrameType.alive, file: 0, offset: 0, payloadBytes: 0 })
    this.socket.write(alive)
  }

  /** Once, and after the last byte: what is held is given to the receiver first. */
  private tellClosed(): void {
    if (!this.gone || this.told || this.closed === undefined || this.inlet.holds) return
    this.told = true
    this.closed(this.peerEnded ? undefined : (this.loss ?? (this.ended ? undefined : new LinkLost('broken'))))
  }
}
