/**
 * One connection on its way to being a link: TCP or whatever carries it, TLS, the other's certificate, then the greeting
 * of its side.
 *
 * One deadline covers all of it, from the first packet to the last byte of the greeting, so that nobody can stretch it
 * by sending slowly. A connection either passes, once, or fails, once, with a reason that holds no address; what has
 * failed is destroyed already. Nothing but TLS's own bytes is sent before the other side has proved its certificate.
 */

import { connect as connectTcp, isIP, isIPv4, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type ConnectionOptions, connect as connectTls, type SecureContext, TLSSocket } from 'node:tls'
import { FrameType } from '../protocol/frames.js'
import type { PathKind } from '../protocol/paths.js'
import { errorCode } from './failure.js'
import { type Greeted, GreetingReader, goFrame, helloFrame, linkVersion, tokenBytes } from './greeting.js'
import type { DeviceId } from './identity.js'
import { Inlet } from './inlet.js'
import { peerFault, tlsRules } from './secure.js'

/** Who has the file; it is the TLS server. */
export type Side = 'sending' | 'receiving'

export interface ConnectionOptionsOfAttempt {
  side: Side
  context: SecureContext
  /** The device that the other side must prove to be; or those of which it must be one. */
  peerDevice: DeviceId | { has(device: DeviceId): boolean }
  /** Milliseconds from the first packet to the last byte of the greeting. */
  authenticateMs: number
  /** Sending side: what the other side's greeting is; `go` with a token by default. */
  awaits?: { type: FrameType; payloadBytes: number }
  /**
   * The other side is the right device and has said its greeting. On the receiving side that was `hello` and there is
   * no token; on the sending side it was `go` with this token, or what else was awaited.
   */
  onGreeted: (connection: Connection, token?: Uint8Array) => void
  onFailed: (connection: Connection, fault: ConnectionFault) => void
}

export interface ConnectionFault {
  kind: 'refused' | 'wrong-device'
  reason: string
}

/** What a connection is, besides its socket. */
export interface ConnectionKind {
  kind: PathKind
  /** Whether this side dialled. */
  dialled: boolean
  /** Where it came from or goes to, or the relay between; kept for the count of unproven ones, never for a log. */
  remote: string
}

/** From where to dial, if not from any port. */
export interface LocalEnd {
  localPort: number
  localAddress: string
}

export class Connection {
  readonly kind: PathKind
  readonly dialled: boolean
  readonly remote: string
  private socket: TLSSocket | undefined
  private raw: Duplex | undefined
  private readonly timer: NodeJS.Timeout
  private state: 'opening' | 'greeting' | 'greeted' | 'taken' | 'over' = 'opening'
  private lastError: unknown
  /** When our end of TCP stood. */
  private since = 0
  /** ms that a packet and its answer took in the handshake; undefined before its end. */
  roundTripMs: number | undefined
  /** Who the other side has proved to be. */
  device: DeviceId | undefined

  /** A connection that came in at our port. */
  static accepted(
    raw: Socket,
    options: ConnectionOptionsOfAttempt,
    kind: 'direct' | 'mapped' = 'direct',
  ): Connection {
    return Connection.over(raw, options, { kind, dialled: false, remote: raw.remoteAddress ?? '' })
  }

  /** A connection that stands already: one that came in, or that somebody else carries. */
  static over(raw: Duplex, options: ConnectionOptionsOfAttempt, kind: ConnectionKind): Connection {
    return new Connection(options, kind, inletOf(options), (self) => {
      self.raw = raw
      raw.on('error', self.noteError)
      // TLS over a stream that is no socket does not always hear that it is gone.
      if (!(raw instanceof Socket)) raw.once('close', () => self.socket?.destroy())
      if (options.side === 'sending') self.serveTls(raw)
      else self.useSocket(connectTls({ socket: raw, secureContext: options.context, ...tlsRules }))
    })
  }

  /** One connect to a candidate. */
  static dialled(
    { ip, port, kind }: { ip: string; port: number; kind: PathKind },
    options: ConnectionOptionsOfAttempt,
    from?: LocalEnd,
  ): Connection {
    return new Connection(options, { kind, dialled: true, remote: ip }, inletOf(options), (self) => {
      const to = { host: ip, port, autoSelectFamily: false, ...from }
      if (options.side === 'sending') self.dialAsServer(connectTcp(to))
      else self.dialAsClient(to)
    })
  }

  private constructor(
    private readonly options: ConnectionOptionsOfAttempt,
    { kind, dialled, remote }: ConnectionKind,
    private readonly inlet: Inlet,
    open: (self: Connection) => void,
  ) {
    this.kind = kind
    this.dialled = dialled
    this.remote = remote
    this.timer = setTimeout(() => this.fail('refused', 'not authenticated in time'), options.authenticateMs)
    open(this)
  }

  /** Which family it runs over, also where a dual-stack port shows IPv4 as mapped; undefined without an address. */
  get family(): 4 | 6 | undefined {
    if (isIP(this.remote) === 0) return undefined
    return isIPv4(this.remote) || this.remote.startsWith('::ffff:') ? 4 : 6
  }

  /** Whether the other side has yet to prove itself. */
  get unproven(): boolean {
    return this.state === 'opening' || this.state === 'greeting'
  }

  /** Receiving side: makes this connection the one. */
  go(token: Uint8Array): void {
    this.socket?.write(goFrame(token))
  }

  /** Hands the socket over; from here on this object does nothing. */
  take(): { socket: TLSSocket; inlet: Inlet } {
    if (this.state !== 'greeted' || this.socket === undefined) throw new Error('connection taken out of turn')
    this.state = 'taken'
    clearTimeout(this.timer)
    this.socket.removeListener('error', this.noteError)
    this.socket.removeListener('close', this.closed)
    return { socket: this.socket, inlet: this.inlet }
  }

  /** Ends it with a reason, which goes to `onFailed`. */
  fail(kind: ConnectionFault['kind'], reason: string): void {
    if (this.state === 'over' || this.state === 'taken') return
    this.drop()
    this.options.onFailed(this, { kind, reason })
  }

  /** Ends it without a word to anybody. */
  drop(): void {
    if (this.state === 'taken') return
    this.state = 'over'
    clearTimeout(this.timer)
    this.socket?.destroy()
    this.raw?.destroy()
  }

  private dialAsClient(to: ConnectionOptions): void {
    const options = { ...to, onread: this.inlet.onread, secureContext: this.options.context, ...tlsRules }
    const socket = connectTls(options as ConnectionOptions)
    this.useSocket(socket, true)
    socket.once('connect', () => {
      this.since = performance.now()
    })
  }

  private dialAsServer(raw: Socket): void {
    this.raw = raw
    raw.on('error', this.noteError)
    raw.on('close', this.closed)
    raw.on('connect', () => {
      if (this.state === 'over') return
      raw.removeListener('close', this.closed)
      this.serveTls(raw)
    })
  }

  private serveTls(raw: Duplex): void {
    const socket = new TLSSocket(raw as Socket, {
      isServer: true,
      secureContext: this.options.context,
      ...tlsRules,
    })
    this.useSocket(socket)
  }

  private useSocket(socket: TLSSocket, hasOnRead = false): void {
    this.socket = socket
    this.since = performance.now()
    this.inlet.attach(socket, hasOnRead)
    this.inlet.deliverTo(() => this.fail('refused', 'bytes before the handshake'))
    socket.on('error', this.noteError)
    socket.on('close', this.closed)
    // Both roles say 'secure' when the handshake is done; only the client's has 'secureConnect' besides.
    socket.once('secure', () => this.secured(socket))
  }

  private secured(socket: TLSSocket): void {
    if (this.state !== 'opening') return
    const { peerDevice } = this.options
    const fault = peerFault(socket, (device) => {
      this.device = device
      return typeof peerDevice === 'string' ? device === peerDevice : peerDevice.has(device)
    })
    if (fault !== undefined) {
      this.fail(fault === 'wrong device' ? 'wrong-device' : 'refused', fault)
      return
    }
    this.state = 'greeting'
    this.roundTripMs = performance.now() - this.since
    socket.setNoDelay(true)
    const { awaits = { type: FrameType.go, payloadBytes: tokenBytes } } = this.options
    const awaited = this.options.side === 'sending' ? awaits : { type: FrameType.hello, payloadBytes: 1 }
    this.readGreeting(new GreetingReader(awaited.type, awaited.payloadBytes))
    if (this.options.side === 'sending') socket.write(helloFrame())
  }

  private readGreeting(reader: GreetingReader): void {
    this.inlet.deliverTo((chunk) => {
      try {
        const greeted = reader.take(chunk)
        if (greeted !== undefined) this.greeted(greeted)
      } catch {
        this.fail('refused', 'malformed greeting')
      }
    })
  }

  private greeted({ payload, rest }: Greeted): void {
    if (this.state !== 'greeting') return
    this.inlet.deliverTo(undefined)
    this.inlet.putBack(rest)
    if (this.options.side === 'sending') {
      this.state = 'greeted'
      this.options.onGreeted(this, payload)
    } else if (payload[0] !== linkVersion) this.fail('refused', 'unknown link version')
    // The sending side has nothing to say between its hello and our go.
    else if (rest.length > 0) this.fail('refused', 'bytes before go')
    else {
      this.state = 'greeted'
      this.options.onGreeted(this)
    }
  }

  private readonly noteError = (error: unknown): void => {
    this.lastError = error
  }

  private readonly closed = (): void => {
    const at = this.socket === undefined || this.state === 'opening' ? 'connect' : 'greeting'
    this.fail('refused', this.lastError === undefined ? `${at} closed` : `${at} ${errorCode(this.lastError)}`)
  }
}

/** Only the receiving side reads much. */
function inletOf({ side }: ConnectionOptionsOfAttempt): Inlet {
  return side === 'receiving' ? Inlet.forMuch() : Inlet.forWords()
}
