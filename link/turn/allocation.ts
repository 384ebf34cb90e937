/**
 * One allocation on a TURN server: a relayed address at which permitted peers may come in over TCP, and from which peers
 * can be dialled (RFC 8656; RFC 6062).
 *
 * It lives as long as its control connection, and every data connection lives as long as it does. So `close` lets go of
 * it at once for whoever might still come, and ends it when the last socket that was given out has closed. Lifetimes are
 * the server's, but clamped: a server's number never makes us ask more often than twice a minute.
 */

import type { Socket } from 'node:net'
import {
  type AddressAndPort,
  addressOf,
  attribute,
  numberAttribute,
  numberOf,
  xorAddressAttribute,
} from '../stun/attributes.js'
import type { StunAttribute, StunMessage } from '../stun/message.js'
import { Control, type TurnCredentials, type TurnSession } from './control.js'
import { TurnFailed } from './failure.js'
import { reach } from './reaching.js'

export interface TurnOptions {
  /** The family of the relayed address: 4 by default. */
  family?: 4 | 6
  /** The own address to speak from, an IP literal. */
  localAddress?: string
  /** Milliseconds for opening it, and for every request to it. */
  timeoutMs?: number
  signal?: AbortSignal
}

export interface TurnAllocation {
  /** Where peers that are permitted may come in. */
  readonly relayed: AddressAndPort
  /** What the server sees this side as. */
  readonly outer: AddressAndPort
  /** Lets connections from this address in, until the allocation is closed. @throws TurnFailed */
  permit(ip: string): Promise<void>
  /** Hears who came in, each a plain socket that nobody has read yet; who hears takes it over. */
  onPeer(hear: (socket: Socket, peer: AddressAndPort) => void): void
  /** A connection to a peer, from the relayed address. @throws TurnFailed */
  dial(peer: AddressAndPort): Promise<Socket>
  /** Nobody comes in any more; what was given out stays until it closes by itself, and the allocation with it. */
  close(): void
}

const method = { allocate: 3, refresh: 4, createPermission: 8, connect: 10, connectionBind: 11, attempt: 12 }

const tcp = 6
const timeoutMsByDefault = 5_000
/** A permission lives five minutes (RFC 8656, section 9), and is renewed well before. */
const permissionMs = 240_000
const shortestRefreshMs = 30_000
const longestRefreshMs = 600_000
const lifetimeSByDefault = 600
/** Peers that came in and were not closed yet: who is permitted could fill our memory with them. */
const maxPeers = 8
const maxPermissions = 16

/** @throws TurnFailed, StunFailed */
export async function openAllocation(
  server: AddressAndPort & TurnCredentials,
  options: TurnOptions = {},
): Promise<TurnAllocation> {
  const timeoutMs = options.timeoutMs ?? timeoutMsByDefault
  const socket = await reach(server, { ...options, timeoutMs })
  const stop = (): void => void socket.destroy()
  options.signal?.addEventListener('abort', stop)
  try {
    const allocation = new Allocation(server, socket, { ...options, timeoutMs })
    await allocation.allocate()
    return allocation
  } catch (error) {
    socket.destroy()
    throw error
  } finally {
    options.signal?.removeEventListener('abort', stop)
  }
}

class Allocation implements TurnAllocation {
  relayed!: AddressAndPort
  outer!: AddressAndPort
  private readonly control: Control
  private readonly session: TurnSession = {}
  private readonly permissions = new Map<string, Promise<void>>()
  private readonly sockets = new Set<Socket>()
  /** Those that are not connected yet: a server that tells of callers without end is asked for none of them either. */
  private reaching = 0
  private readonly timers = new Set<NodeJS.Timeout>()
  private hear: ((socket: Socket, peer: AddressAndPort) => void) | undefined
  private closing = false
  private lost = false

  constructor(
    private readonly server: AddressAndPort & TurnCredentials,
    private readonly socket: Socket,
    private readonly options: TurnOptions & { timeoutMs: number },
  ) {
    this.control = new Control(
      socket,
      server,
      this.session,
      (message) => this.indicated(message),
      () => this.end(),
    )
  }

  async allocate(): Promise<void> {
    const transport = numberAttribute(attribute.requestedTransport, tcp * 2 ** 24)
    const family = numberAttribute(attribute.requestedAddressFamily, 2 * 2 ** 24)
    const wanted = this.options.family === 6 ? [transport, family] : [transport]
    const reply = await this.ask(method.allocate, () => [...wanted, lifetime(lifetimeSByDefault)])
    const relayed = addressOf(reply, attribute.xorRelayedAddress)
    const outer = addressOf(reply, attribute.xorMappedAddress)
    if (relayed === undefined || outer === undefined) throw new TurnFailed('malformed')
    this.relayed = relayed
    this.outer = outer
    this.refreshIn(reply)
    // The process need not live for a relay that nobody uses.
    this.socket.unref()
  }

  permit(ip: string): Promise<void> {
    const before = this.permissions.get(ip)
    if (before !== undefined) return before
    if (this.closing || this.permissions.size >= maxPermissions)
      return Promise.reject(new TurnFailed('closed'))
    const permitted = this.createPermission(ip)
    this.permissions.set(ip, permitted)
    permitted.catch(() => this.permissions.delete(ip))
    return permitted
  }

  onPeer(hear: (socket: Socket, peer: AddressAndPort) => void): void {
    this.hear = hear
  }

  async dial(peer: AddressAndPort): Promise<Socket> {
    if (this.closing) throw new TurnFailed('closed')
    const reply = await this.ask(method.connect, (transaction) => [
      xorAddressAttribute(attribute.xorPeerAddress, { ip: peer.ip, port: peer.port }, transaction),
    ])
    const id = numberOf(reply, attribute.connectionId)
    if (id === undefined) throw new TurnFailed('malformed')
    return await this.bind(id)
  }

  close(): void {
    this.closing = true
    this.hear = undefined
    if (this.sockets.size === 0) this.end()
  }

  private async createPermission(ip: string): Promise<void> {
    await this.ask(method.createPermission, (transaction) => [
      xorAddressAttribute(attribute.xorPeerAddress, { ip, port: 0 }, transaction),
    ])
    this.later(permissionMs, () => {
      if (!this.closing) this.createPermission(ip).catch(() => this.permissions.delete(ip))
    })
  }

  private ask(which: number, attributes: (transaction: Buffer) => StunAttribute[]): Promise<StunMessage> {
    return this.control.request({ method: which, attributes, timeoutMs: this.options.timeoutMs })
  }

  private indicated(message: StunMessage): void {
    if (message.method !== method.attempt || this.hear === undefined) return
    const id = numberOf(message, attribute.connectionId)
    const peer = addressOf(message, attribute.xorPeerAddress)
    if (id === undefined || peer === undefined || this.sockets.size + this.reaching >= maxPeers) return
    this.bind(id).then(
      (socket) => {
        if (this.hear === undefined) socket.destroy()
        else this.hear(socket, peer)
      },
      () => {},
    )
  }

  /** The data connection of an id: another connection to the server, whose stream is the peer's from then on. */
  private async bind(id: number): Promise<Socket> {
    const { timeoutMs, localAddress } = this.options
    const from = localAddress === undefined ? {} : { localAddress }
    this.reaching++
    const socket = await reach(this.server, { timeoutMs, ...from }).finally(() => this.reaching--)
    this.sockets.add(socket)
    socket.once('close', () => this.released(socket))
    try {
      if (this.lost) throw new TurnFailed('closed')
      await new Control(socket, this.server, this.session).request({
        method: method.connectionBind,
        attributes: () => [numberAttribute(attribute.connectionId, id)],
        timeoutMs,
        last: true,
      })
      return socket
    } catch (error) {
      socket.destroy()
      throw error
    }
  }

  private released(socket: Socket): void {
    this.sockets.delete(socket)
    if (this.closing && this.sockets.size === 0) this.end()
  }

  private refreshIn(reply: StunMessage): void {
    const seconds = numberOf(reply, attribute.lifetime) ?? lifetimeSByDefault
    const ms = Math.min(Math.max(seconds * 500, shortestRefreshMs), longestRefreshMs)
    this.later(ms, () => {
      this.ask(method.refresh, () => [lifetime(lifetimeSByDefault)]).then(
        (refreshed) => this.refreshIn(refreshed),
        () => this.end(),
      )
    })
  }

  private later(ms: number, act: () => void): void {
    if (this.lost) return
    const timer = setTimeout(() => {
      this.timers.delete(timer)
      act()
    }, ms)
    timer.unref()
    this.timers.add(timer)
  }

  /** Gone, for whatever reason: the server closes what belongs to it (RFC 6062, section 5.1); so do we. */
  private end(): void {
    if (this.lost) return
    this.lost = true
    this.closing = true
    this.hear = undefined
    for (const timer of this.timers) clearTimeout(timer)
    for (const socket of this.sockets) socket.destroy()
    // Closing the connection is taking the allocation back (RFC 6062, section 4.1 makes it the whole 5-tuple's).
    this.socket.destroy()
  }
}

function lifetime(seconds: number): StunAttribute {
  return numberAttribute(attribute.lifetime, seconds)
}
