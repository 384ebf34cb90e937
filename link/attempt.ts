/**
 * One attempt to get a link for one transfer (docs/protocol.md, "Links").
 *
 * Both directions are tried at once: this side listens, if it may, and dials what it is given, if it is given anything.
 * Several connections may pass; the receiving side says `go` on exactly one and closes the others, the sending side takes
 * the first that says `go` with the right token, and forgets the token. Whoever listens lets go of the port as soon as
 * there is a link, or none. One deadline covers the attempt. No address and no token ever gets into a reason.
 */

import assert from 'node:assert'
import { timingSafeEqual } from 'node:crypto'
import type { Server, Socket } from 'node:net'
import {
  type Candidate,
  candidateKey,
  type DirectCandidate,
  dialOrder,
  isDirect,
  maxDirect,
} from '../protocol/candidates.js'
import { Connection, type ConnectionFault, type ConnectionOptionsOfAttempt, type Side } from './connection.js'
import { displaced } from './crowd.js'
import { Dialling } from './dialling.js'
import { LinkFailed, type LinkFailure } from './failure.js'
import type { Gathering } from './gathering.js'
import { tokenBytes } from './greeting.js'
import type { DeviceId, DeviceIdentity } from './identity.js'
import { type Link, linkOver, type PathKind } from './link.js'
import { isOwn, type ListenOptions, openPort } from './listening.js'
import { secureContextOf } from './secure.js'

export interface AttemptOptions {
  /** `sending`: this side has the file. */
  side: Side
  identity: DeviceIdentity
  /** The device that the other side must prove to be. */
  peerDevice: DeviceId
  /** 32 bytes, for this attempt only. The receiving side has it from the start, the sending side may be told later. */
  token?: Uint8Array
  /** `false`: never open a port. */
  listen?: false | ListenOptions
  /**
   * `direct`: no relay is announced or used. `relay`: no own address is sent and no socket to the peer is opened. By
   * default `any`.
   */
  policy?: PathPolicy
  /** What this side can use besides its own addresses. */
  gather?: Gathering
  /** The path that worked last with this device: a relay that did is not waited with for long. */
  lately?: PathKind
  /** Also dial and announce loopback addresses: for tests and the demo. */
  allowLoopback?: boolean
  /** Milliseconds for the whole attempt. */
  deadlineMs?: number
  /** Milliseconds for one connection, from its first packet to the end of its greeting. */
  authenticateMs?: number
  /**
   * Milliseconds before the first dial. Where both directions work, the receiving side's own dial should win, since a
   * socket that dialled reads faster; so the sending side waits 150 by default while it listens itself.
   */
  dialDelayMs?: number
  /** Milliseconds without a byte after which the link counts as lost. */
  idleMs?: number
  signal?: AbortSignal
}

/** Which paths a side allows. */
export type PathPolicy = 'any' | 'direct' | 'relay'

export interface LinkAttempt {
  /** Opens the port, at the first call, and gives what to announce; none when it cannot or may not listen. */
  candidates(): Promise<Candidate[]>
  /** Sending side: the token that the other side will say. Connections that said one already are judged now. */
  setToken(token: Uint8Array): void
  /**
   * Dials what the other side announced; none (`[]`) when it said that it cannot be reached. Kinds beyond their limits and
   * those the rule refuses are left out.
   */
  dial(candidates: readonly Candidate[]): void
  /** Settles once: the link, or LinkFailed. It belongs to the caller, and `close` does not touch it. */
  readonly link: Promise<Link>
  /** What went wrong on each path so far. */
  readonly reasons: readonly string[]
  /** Gives up, unless there is a link already. Nothing stays open. */
  close(): void
}

const deadlineMsByDefault = 10_000
const authenticateMsByDefault = 10_000
const sendingDialDelayMs = 150
const maxReasons = 32

/** Begins an attempt. Nothing is opened before `candidates()` or `dial()` is called. */
export function openAttempt(options: AttemptOptions): LinkAttempt {
  return new Attempt(options)
}

class Attempt implements LinkAttempt {
  readonly link: Promise<Link>
  readonly reasons: string[] = []
  private settle!: { resolve: (link: Link) => void; reject: (error: LinkFailed) => void }
  private settled = false
  private token: Uint8Array | undefined
  private server: Server | undefined
  private opening: Promise<Candidate[]> | undefined
  private own: DirectCandidate[] = []
  private cannotListen = false
  private asked = false
  private wrongDevice = false
  private readonly dialledKeys = new Set<string>()
  private readonly connections = new Set<Connection>()
  /** Sending side: who said `go` before the token was known, and with what token. */
  private early: { connection: Connection; said: Uint8Array } | undefined
  private readonly dialling: Dialling
  private readonly deadline: NodeJS.Timeout
  private readonly connectionOptions: ConnectionOptionsOfAttempt
  private readonly aborted = (): void => this.fail('aborted')

  constructor(private readonly options: AttemptOptions) {
    if (options.token !== undefined) this.token = copyOf(options.token)
    assert(options.side === 'sending' || this.token !== undefined, 'the receiving side needs the token')
    this.link = new Promise((resolve, reject) => {
      this.settle = { resolve, reject }
    })
    // Who closes an attempt need not look at what became of it.
    this.link.catch(() => {})
    this.connectionOptions = {
      side: options.side,
      context: secureContextOf(options.identity),
      peerDevice: options.peerDevice,
      authenticateMs: options.authenticateMs ?? authenticateMsByDefault,
      onGreeted: (connection, token) => this.greeted(connection, token),
      onFailed: (connection, fault) => this.connectionFailed(connection, fault),
    }
    this.dialling = new Dialling((candidate) => this.dialOne(candidate))
    this.deadline = setTimeout(() => this.fail('timeout'), options.deadlineMs ?? deadlineMsByDefault)
    if (options.signal?.aborted === true) this.aborted()
    else options.signal?.addEventListener('abort', this.aborted)
  }

  candidates(): Promise<Candidate[]> {
    this.opening ??= this.open()
    return this.opening
  }

  setToken(token: Uint8Array): void {
    if (this.settled || this.token !== undefined) return
    this.token = copyOf(token)
    const { early } = this
    this.early = undefined
    if (early !== undefined) this.judge(early.connection, early.said)
  }

  dial(candidates: readonly Candidate[]): void {
    if (this.settled) return
    const { dial, refused } = dialOrder(candidates.filter(isDirect), this.rule)
    for (const fault of refused) this.note(`candidate refused: ${fault}`)
    this.asked = true
    this.dialling.add(
      dial.filter((candidate) => this.mayDial(candidate)),
      this.options.dialDelayMs ??
        (this.options.side === 'sending' && this.reachable ? sendingDialDelayMs : 0),
    )
    this.giveUpIfNothingIsLeft()
  }

  close(): void {
    this.fail('aborted')
  }

  /** Whether somebody may yet come in at our port. */
  private get reachable(): boolean {
    return this.opening !== undefined && !this.cannotListen
  }

  private get rule(): { allowLoopback: boolean } {
    return { allowLoopback: this.options.allowLoopback === true }
  }

  private async open(): Promise<Candidate[]> {
    const listen = this.options.listen ?? {}
    if (listen === false || this.settled) {
      this.cannotListen = true
      return []
    }
    const listening = await openPort(listen, this.rule, (socket) => this.accept(socket))
    if (listening.server === undefined) {
      this.cannotListen = true
      this.note(listening.reason)
      this.giveUpIfNothingIsLeft()
      return []
    }
    if (this.settled) {
      listening.server.close()
      return []
    }
    this.server = listening.server
    this.own = listening.candidates
    return [...this.own]
  }

  private accept(raw: Socket): void {
    if (this.settled) {
      raw.destroy()
      return
    }
    const inbound = [...this.connections].filter((one) => !one.dialled && one.unproven)
    displaced(inbound)?.fail('refused', 'made room for another')
    this.connections.add(Connection.accepted(raw, this.connectionOptions))
  }

  private mayDial(candidate: DirectCandidate): boolean {
    const key = candidateKey(candidate)
    if (this.dialledKeys.has(key) || this.dialledKeys.size >= maxDirect) return false
    if (isOwn(candidate, this.own)) {
      this.note('candidate refused: own')
      return false
    }
    this.dialledKeys.add(key)
    return true
  }

  private dialOne(candidate: DirectCandidate): void {
    this.connections.add(Connection.dialled(candidate, this.connectionOptions))
  }

  private greeted(connection: Connection, token?: Uint8Array): void {
    if (this.settled) connection.drop()
    else if (token === undefined) {
      connection.go(this.token!)
      this.succeed(connection)
    } else if (this.token !== undefined) this.judge(connection, token)
    // `go` is said on exactly one connection, so there is never a second to keep.
    else if (this.early !== undefined) connection.fail('refused', 'second go')
    else this.early = { connection, said: token }
  }

  private judge(connection: Connection, said: Uint8Array): void {
    if (this.settled || this.token === undefined) return
    if (timingSafeEqual(said, this.token)) this.succeed(connection)
    else connection.fail('refused', 'wrong token')
  }

  private succeed(connection: Connection): void {
    const { socket, inlet } = connection.take()
    const { dialled, family } = connection
    this.connections.delete(connection)
    this.cleanUp()
    this.settle.resolve(
      linkOver(socket, inlet, { kind: 'direct', dialled, family, why: [] }, this.options.idleMs),
    )
  }

  private connectionFailed(connection: Connection, { kind, reason }: ConnectionFault): void {
    this.connections.delete(connection)
    if (this.early?.connection === connection) this.early = undefined
    const { dialled, family } = connection
    this.note(`IPv${family}${dialled ? '' : ' inbound'}: ${reason}`)
    if (!dialled) return
    // Whoever may knock at our port can show any certificate; only where we dialled does it say something of the peer.
    if (kind === 'wrong-device') this.wrongDevice = true
    this.dialling.failed()
    this.giveUpIfNothingIsLeft()
  }

  /** Without a port, an attempt whose dials have all failed need not wait for its deadline. */
  private giveUpIfNothingIsLeft(): void {
    if (this.settled || !this.asked || this.reachable) return
    if (this.dialling.waiting || this.connections.size > 0) return
    this.fail(this.dialledKeys.size > 0 ? 'refused' : 'bad-candidate')
  }

  private note(reason: string): void {
    if (this.reasons.length < maxReasons) this.reasons.push(reason)
  }

  private fail(code: LinkFailure): void {
    if (this.settled) return
    this.cleanUp()
    const seen = this.wrongDevice && code !== 'aborted' ? 'wrong-device' : code
    this.settle.reject(new LinkFailed(seen, [...this.reasons]))
  }

  private cleanUp(): void {
    this.settled = true
    clearTimeout(this.deadline)
    this.options.signal?.removeEventListener('abort', this.aborted)
    this.dialling.stop()
    this.server?.close()
    this.early = undefined
    for (const connection of this.connections) connection.drop()
    this.connections.clear()
    // It was good for one link only.
    this.token?.fill(0)
    this.token = undefined
  }
}

function copyOf(token: Uint8Array): Uint8Array {
  assert(token.length === tokenBytes, 'a token has 32 bytes')
  return Uint8Array.from(token)
}
