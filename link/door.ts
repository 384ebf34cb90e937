/**
 * One port at which several devices are expected, each for one link: who comes is told by the certificate he proves.
 *
 * The side that has such a port is the receiving one and dials nobody (docs/catalogue.md, "The whole list"). All that holds for
 * an attempt's port holds here: TLS 1.3, one deadline for the greeting, at most eight connections that have not proved
 * themselves, of whom the oldest of the largest crowd makes room. While nobody is expected, whoever comes is closed at once.
 */

import assert from 'node:assert'
import type { Server, Socket } from 'node:net'
import { candidateFault, type DirectCandidate } from '../protocol/candidates.js'
import { Connection, type ConnectionOptionsOfAttempt } from './connection.js'
import { displaced } from './crowd.js'
import { LinkFailed, type LinkFailure } from './failure.js'
import { tokenBytes } from './greeting.js'
import type { DeviceId, DeviceIdentity } from './identity.js'
import { type Link, linkOver } from './link.js'
import { openPort } from './listening.js'
import { secureContextOf } from './secure.js'

export interface DoorOptions {
  identity: DeviceIdentity
  port: number
  /** An IP literal: listen there only, and announce only it. Otherwise on all interfaces. */
  host?: string
  /** Addresses to announce instead of the machine's own: where the port is forwarded from elsewhere. */
  announce?: readonly string[]
  /** Announce loopback addresses too. */
  allowLoopback?: boolean
  /** Milliseconds for one connection, from its first packet to the end of its greeting. */
  authenticateMs?: number
}

/** A device that is expected. */
export interface Expected {
  device: DeviceId
  /** 32 bytes: what it will know us by. */
  token: Uint8Array
  /** Milliseconds until it must have come. */
  deadlineMs?: number
  signal?: AbortSignal
}

export interface Door {
  /** What to announce. */
  readonly candidates: readonly DirectCandidate[]
  /** Connections that have not proved themselves. */
  readonly unproven: number
  /** The link of a device, once; another expectation of the same device ends the first. Rejects with LinkFailed. */
  expect(expected: Expected): Promise<Link>
  /** Closes the port; links that came to be stay. */
  close(): void
}

const deadlineMsByDefault = 10_000
const authenticateMsByDefault = 10_000

/** Opens the port. @throws Error with the reason, which holds no address, when it cannot be opened or announced */
export async function openDoor(options: DoorOptions): Promise<Door> {
  const rule = { allowLoopback: options.allowLoopback === true }
  const announce = (options.announce ?? []).map(
    (ip): DirectCandidate => ({ ip, port: options.port, kind: 'host' }),
  )
  const elsewhere = announce.filter((candidate) => candidateFault(candidate, rule) === undefined)
  if (announce.length > 0 && elsewhere.length === 0) throw new Error('listen: no address to announce')
  const door = new OpenDoor(options)
  const host = options.host === undefined ? {} : { host: options.host }
  const where = { ...host, ports: [options.port, options.port] as [number, number] }
  // What the machine's own addresses are is of no interest where others are announced.
  const own = elsewhere.length > 0 ? { allowLoopback: true } : rule
  const listening = await openPort(where, own, (socket) => door.accept(socket))
  if (listening.server === undefined) throw new Error(listening.reason)
  door.opened(listening.server, elsewhere.length > 0 ? elsewhere : listening.candidates)
  return door
}

interface Awaited {
  token: Uint8Array
  resolve: (link: Link) => void
  fail: (code: LinkFailure) => void
}

class OpenDoor implements Door {
  candidates: readonly DirectCandidate[] = []
  private server: Server | undefined
  private readonly awaited = new Map<DeviceId, Awaited>()
  private readonly connections = new Set<Connection>()
  private readonly connectionOptions: ConnectionOptionsOfAttempt

  constructor(options: DoorOptions) {
    this.connectionOptions = {
      side: 'receiving',
      context: secureContextOf(options.identity),
      peerDevice: this.awaited,
      authenticateMs: options.authenticateMs ?? authenticateMsByDefault,
      onGreeted: (connection) => this.greeted(connection),
      onFailed: (connection) => this.connections.delete(connection),
    }
  }

  get unproven(): number {
    return this.connections.size
  }

  opened(server: Server, candidates: readonly DirectCandidate[]): void {
    this.server = server
    this.candidates = candidates
  }

  accept(raw: Socket): void {
    if (this.awaited.size === 0) {
      raw.destroy()
      return
    }
    displaced([...this.connections])?.fail('refused', 'made room for another')
    this.connections.add(Connection.accepted(raw, this.connectionOptions))
  }

  expect({ device, token, deadlineMs, signal }: Expected): Promise<Link> {
    assert(token.length === tokenBytes, 'a token has 32 bytes')
    this.awaited.get(device)?.fail('aborted')
    return new Promise((resolve, reject) => {
      const done = () => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', aborted)
        if (this.awaited.get(device) === awaited) this.awaited.delete(device)
        // It was good for one link only.
        awaited.token.fill(0)
        if (this.awaited.size === 0) this.dropAll()
      }
      const awaited: Awaited = {
        token: Uint8Array.from(token),
        resolve: (link) => {
          done()
          resolve(link)
        },
        fail: (code) => {
          done()
          reject(new LinkFailed(code, []))
        },
      }
      const aborted = () => awaited.fail('aborted')
      const timer = setTimeout(() => awaited.fail('timeout'), deadlineMs ?? deadlineMsByDefault)
      this.awaited.set(device, awaited)
      if (this.server === undefined || signal?.aborted === true) aborted()
      else signal?.addEventListener('abort', aborted)
    })
  }

  close(): void {
    this.server?.close()
    this.server = undefined
    for (const { fail } of [...this.awaited.values()]) fail('aborted')
    this.dropAll()
  }

  private greeted(connection: Connection): void {
    const awaited = connection.device === undefined ? undefined : this.awaited.get(connection.device)
    this.connections.delete(connection)
    // Its time is over, or another connection of it was first.
    if (awaited === undefined) {
      connection.drop()
      return
    }
    connection.go(awaited.token)
    const { socket, inlet } = connection.take()
    const { dialled, family } = connection
    awaited.resolve(linkOver(socket, inlet, { kind: 'direct', dialled, family, why: [] }))
  }

  private dropAll(): void {
    for (const connection of this.connections) connection.drop()
    this.connections.clear()
  }
}
