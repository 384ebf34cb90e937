/**
 * A link: one authenticated byte channel between two devices, over a TLS socket that has passed its greeting.
 *
 * The end of a link proves nothing about what was said on it: anybody on the path can cut TCP, and Node tells a cut from
 * TLS's own goodbye in no case. Whether the work was done is in the frames. So an orderly end only means: no error.
 */

import type { SecureContext, TLSSocket } from 'node:tls'
import { isLoopback, parseAddress } from '../protocol/addresses.js'
import type { Channel } from '../protocol/channel.js'
import { FrameType, frameHeaderBytes, writeFrameHeader } from '../protocol/frames.js'
import type { PathKind } from '../protocol/paths.js'
import { maxSockets, mayHaveMore } from '../protocol/sockets.js'
import type { SocketsWanted } from './attempt-options.js'
import type { BundleGround, BundleHost } from './bundle/bundle.js'
import { Merging } from './bundle/merging.js'
import { Spreading } from './bundle/spreading.js'
import type { Side } from './connection.js'
import { LinkLost } from './failure.js'
import { FrameEdge } from './frame-edge.js'
import type { DeviceId } from './identity.js'
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
  /** ms that a packet and its answer took in the handshake; undefined where that is not known. */
  readonly roundTripMs: number | undefined
  /** Whether both ends of its socket are this machine; behind a proxy or a tunnel that listens here the other side may be far. */
  readonly isLoopback: boolean
  /** How many sockets it has. */
  readonly sockets: number
  /**
   * Receiving side: asks once for so many sockets more; where they cannot be had the link stays as it is. Whether they are asked
   * for: not before there is a receiver of bytes.
   */
  widen(more: number): boolean
  /** Sets who is told of each further socket. */
  onWidened(told: (sockets: number) => void): void

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

export interface LinkOptions {
  idleMs?: number | undefined
  roundTripMs?: number | undefined
  /** How further sockets may be got; without it there is one for ever. */
  more?: (SocketsWanted & { side: Side; context: SecureContext; peerDevice: DeviceId }) | undefined
}

/** The link over a socket; bytes that came already are given to the first receiver. */
export function linkOver(socket: TLSSocket, inlet: Inlet, path: LinkPath, options: LinkOptions = {}): Link {
  return new SocketLink(socket, inlet, path, options)
}

class SocketLink implements Link, BundleHost {
  readonly roundTripMs: number | undefined
  readonly isLoopback: boolean
  /** Bytes written to the socket as they are. */
  written = 0
  private taken = 0
  /** By what further sockets are got; undefined where there are none to be had. */
  private readonly ground: BundleGround | undefined
  /** Sending side: what is written, if there may be more sockets. */
  private readonly spreading: Spreading | undefined
  /** Receiving side: what comes in, when more sockets were asked for. */
  private merging: Merging | undefined
  private draining = false
  private receive: ((chunk: Uint8Array) => void) | undefined
  private toldOfSockets: ((sockets: number) => void) | undefined
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
    readonly socket: TLSSocket,
    private readonly inlet: Inlet,
    readonly path: LinkPath,
    { idleMs, roundTripMs, more }: LinkOptions,
  ) {
    this.roundTripMs = roundTripMs
    const address = parseAddress(socket.remoteAddress?.replace(/^::ffff:/, '') ?? '')
    this.isLoopback = address !== undefined && isLoopback(address)
    this.ground = more && this.groundOf(more)
    if (this.ground?.side === 'sending')
      this.spreading = new Spreading(this, this.ground)
      // What waits is written one by one: Node would join it into one new buffer of its size first (TLSWrap), which costs a copy of
      // every byte and some mebibytes. It is how `net` itself turns the joining off where a handle cannot do it.
    ;(socket as unknown as { _writev: null })._writev = null
    this.pulse = new Pulse({ sayAlive: () => this.sayAlive(), lost: (how) => this.loseBy(how) }, idleMs)
    if (path.kind === 'proxy') this.nudge = new Nudge(() => this.sayAlive())
    socket.on('error', (error) => {
      // After the other side's end, writing to it fails; that is still an orderly end.
      if (!this.peerEnded) this.loss ??= new LinkLost('broken', error)
    })
    socket.on('end', () => {
      this.peerEnded = true
      // Neither side has more to say after the other's end, and what is queued would be read by nobody.
      if (this.merging === undefined || this.ended) socket.destroy()
      else this.drain(this.merging)
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
    return this.pulse.allReceived + bytesWritten - writableLength + (this.spreading?.bytesSent ?? 0)
  }

  write(bytes: Uint8Array, flushed?: () => void): boolean {
    if (this.ended || this.socket.destroyed) {
      if (flushed !== undefined) queueMicrotask(flushed)
      return false
    }
    this.edge.pass(bytes)
    this.pulse.sent()
    this.nudge?.wrote()
    const outlet = this.spreading?.outlet
    if (outlet !== undefined) return outlet.write(bytes, flushed)
    this.written += bytes.length
    this.socket.write(bytes, flushed)
    return this.socket.writableLength < queueBytes
  }

  onBytes(receive: (chunk: Uint8Array) => void): void {
    this.receive = receive
    if (this.merging !== undefined) return
    this.inlet.deliverTo((chunk) => {
      this.pulse.came(chunk.length)
      this.taken += chunk.length
      this.spreading?.hear(chunk)
      receive(chunk)
    })
    this.tellClosed()
  }

  lendRoom(room: () => Uint8Array | undefined): void {
    // With more sockets what comes in is not the stream itself.
    if (this.ground?.isLong !== true) this.inlet.lendRoom(room)
  }

  get sockets(): number {
    return this.spreading?.sockets ?? this.merging?.sockets ?? 1
  }

  widen(more: number): boolean {
    const { ground, inlet } = this
    const count = Math.min(more, (ground?.most ?? 1) - 1)
    if (ground?.side !== 'receiving' || !ground.isLong || this.merging !== undefined || count <= 0)
      return false
    if (this.ended || this.socket.destroyed || this.receive === undefined) return false
    this.merging = new Merging(this, ground, inlet, count, this.taken, (bytes) => this.receive?.(bytes))
    return true
  }

  onWidened(told: (sockets: number) => void): void {
    this.toldOfSockets = told
  }

  widened(): void {
    this.toldOfSockets?.(this.sockets)
  }

  came(bytes: number): void {
    this.pulse.came(bytes)
  }

  say(frame: Uint8Array): boolean {
    if (this.ended || this.socket.destroyed || !this.edge.atEdge) return false
    this.socket.write(frame)
    return true
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
    this.merging?.end()
    this.spreading?.end()
    if (this.spreading?.outlet === undefined) this.socket.end()
    this.linger = setTimeout(() => this.socket.destroy(), lingerMs)
  }

  destroy(): void {
    if (this.gone) return
    this.ended = true
    this.loss ??= new LinkLost('destroyed')
    this.draining = false
    if (this.socket.closed) this.over()
    else this.socket.destroy()
  }

  lose(error?: unknown): void {
    if (this.ended || this.peerEnded) return
    this.loss ??= new LinkLost('broken', error)
    this.socket.destroy()
  }

  /** What further sockets such a link may have. */
  private groundOf({ anywhere, most, ...more }: NonNullable<LinkOptions['more']>): BundleGround | undefined {
    const { isLoopback, roundTripMs, path } = this
    const { kind, dialled } = path
    const canBe = kind === 'direct' || kind === 'mapped'
    if (most <= 1 || !canBe || (isLoopback && anywhere !== true)) return undefined
    const isLong = anywhere === true || mayHaveMore({ kind, isLoopback, roundTripMs })
    return { ...more, dialled, roundTripMs, isLong, most: Math.min(most, maxSockets) }
  }

  /** The other side has ended, and what it wrote last may still come over other sockets. */
  private drain(merging: Merging): void {
    this.draining = true
    merging.drain(() => {
      this.draining = false
      if (this.socket.closed) this.over()
      else this.socket.destroy()
    })
  }

  private over(): void {
    if (this.draining || this.gone) return
    this.gone = true
    this.merging?.over()
    this.spreading?.over(this.ended && this.loss === undefined)
    this.pulse.stop()
    this.nudge?.stop()
    clearTimeout(this.linger)
    this.tellClosed()
  }

  private loseBy(how: 'idle' | 'stalled'): void {
    this.loss ??= new LinkLost(how)
    this.socket.destroy()
  }

  private sayAlive(): void {
    // What is queued already shows that we live as soon as it gets through.
    if (this.ended || !this.edge.atEdge || this.socket.writableLength > 0) return
    const alive = new Uint8Array(frameHeaderBytes)
    writeFrameHeader(alive, 0, { type: FrameType.alive, file: 0, offset: 0, payloadBytes: 0 })
    const outlet = this.spreading?.outlet
    if (outlet?.isIdle === true) outlet.aside(alive)
    else if (outlet === undefined) {
      this.written += alive.length
      this.socket.write(alive)
    }
  }

  /** Once, and after the last byte: what is held is given to the receiver first. */
  private tellClosed(): void {
    const isToBeRead = this.inlet.holds && this.merging === undefined
    if (!this.gone || this.told || this.closed === undefined || isToBeRead) return
    this.told = true
    this.closed(this.peerEnded ? undefined : (this.loss ?? (this.ended ? undefined : new LinkLost('broken'))))
  }
}
