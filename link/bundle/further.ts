/**
 * Gets further sockets for a link (docs/protocol.md, "Several sockets"). Who dialled the link dials the same place again; the
 * other listens there again, at the very address and port of its end of the link, until all have come or the time is over.
 *
 * What holds for an attempt's connections holds for these: TLS 1.3, the device that is known, one deadline, at most eight that
 * have not proved themselves. Whatever fails here fails in silence: the link stays as it is.
 */

import type { Server, Socket } from 'node:net'
import type { SecureContext, TLSSocket } from 'node:tls'
import { FrameType } from '../../protocol/frames.js'
import {
  Connection,
  type ConnectionFault,
  type ConnectionOptionsOfAttempt,
  type Side,
} from '../connection.js'
import { displaced } from '../crowd.js'
import type { DeviceId } from '../identity.js'
import type { Inlet } from '../inlet.js'
import { listenAt } from '../listening.js'
import { isProof, proofOf } from './proof.js'
import { joinBytes, joinFrame } from './words.js'

/** ms until whoever has not come is not waited for any more. */
const openMs = 6_000
/** A dial that is refused, since the other side does not listen yet, is made again after so many ms, for so long. */
const againMs = 400
const triesForMs = 3_000

export interface FurtherOptions {
  side: Side
  context: SecureContext
  peerDevice: DeviceId
  /** The link's own socket. */
  link: TLSSocket
  /** Whether this side dialled it. */
  dialled: boolean
  /** How many are wanted. */
  count: number
  /**
   * One is there, under its number, from 1. On the sending side it has proved itself and was told so; on the receiving side it
   * has been told its number, and its first word is to be the other side's proof.
   */
  onJoined(number: number, socket: TLSSocket, inlet: Inlet): void
}

export class Further {
  #server: Server | undefined
  readonly #connections = new Set<Connection>()
  readonly #timers = new Set<NodeJS.Timeout>()
  readonly #numbers = new Set<number>()
  #dialledAt = 0
  #over = false
  readonly #connectionOptions: ConnectionOptionsOfAttempt

  constructor(readonly options: FurtherOptions) {
    const { side, context, peerDevice } = options
    this.#connectionOptions = {
      side,
      context,
      peerDevice,
      authenticateMs: openMs,
      awaits: { type: FrameType.join, payloadBytes: joinBytes },
      onGreeted: (connection, said) => this.#greeted(connection, said),
      onFailed: (connection, fault) => this.#failed(connection, fault),
    }
    this.#later(openMs, () => this.close())
  }

  /** Opens the port again; false where that cannot be. */
  async listen(): Promise<boolean> {
    const { localAddress, localPort } = this.options.link
    if (localAddress === undefined || localPort === undefined) return false
    const server = await listenAt(plain(localAddress), localPort)
    if (server instanceof Error) return false
    if (this.#over) server.close()
    else this.#server = server.on('connection', (raw) => this.#cameIn(raw))
    return !this.#over
  }

  /** Dials the place of the link again; once somebody has answered there, as often as there are sockets wanted. */
  dial(afterMs: number): void {
    this.#later(afterMs, () => {
      this.#dialledAt = performance.now()
      this.#dialOne()
    })
  }

  /** Nobody is let in any more, and who has not proved himself is closed. */
  close(): void {
    if (this.#over) return
    this.#over = true
    this.#server?.close()
    for (const timer of this.#timers) clearTimeout(timer)
    for (const connection of this.#connections) connection.drop()
    this.#connections.clear()
  }

  #later(ms: number, what: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      what()
    }, ms)
    this.#timers.add(timer)
  }

  #cameIn(raw: Socket): void {
    displaced([...this.#connections])?.fail('refused', 'made room for another')
    this.#connections.add(Connection.accepted(raw, this.#connectionOptions))
  }

  #dialOne(): void {
    const { remoteAddress: ip, remotePort: port } = this.options.link
    if (this.#over || ip === undefined || port === undefined) return
    this.#connections.add(Connection.dialled({ ip, port, kind: 'direct' }, this.#connectionOptions))
  }

  #failed(connection: Connection, { kind }: ConnectionFault): void {
    this.#connections.delete(connection)
    if (this.#over || !connection.dialled || kind === 'wrong-device') return
    if (performance.now() - this.#dialledAt < triesForMs) this.#later(againMs, () => this.#dialOne())
  }

  #greeted(connection: Connection, said: Uint8Array | undefined): void {
    this.#connections.delete(connection)
    const number = said === undefined ? this.#free() : this.#proven(said)
    if (this.#over || number === undefined || this.options.link.destroyed) {
      connection.drop()
      return
    }
    this.#numbers.add(number)
    const { socket, inlet } = connection.take()
    const { link, side, count, onJoined } = this.options
    socket.write(joinFrame(number, proofOf(link, number, side)))
    if (this.#numbers.size === count) this.close()
    if (connection.dialled && this.#numbers.size === 1) for (let one = 1; one < count; one++) this.#dialOne()
    onJoined(number, socket, inlet)
  }

  /** Receiving side: the number of the next one. */
  #free(): number | undefined {
    for (let number = 1; number <= this.options.count; number++) if (!this.#numbers.has(number)) return number
    return undefined
  }

  /** Sending side: the number that it has proved to be. */
  #proven(said: Uint8Array): number | undefined {
    const number = said[0]!
    const isFree = number >= 1 && number <= this.options.count && !this.#numbers.has(number)
    return isFree && isProof(said.subarray(1), this.options.link, number, 'receiving') ? number : undefined
  }
}

/** A port for both families shows callers by IPv4 as mapped. */
function plain(address: string): string {
  return address.startsWith('::ffff:') ? address.slice(7) : address
}
