/**
 * Under what address a local port is seen from outside: asked of a STUN server over TCP, from that port (RFC 8489).
 *
 * It says something of that port only, and through some routers only while the connection stays. So who wants to listen
 * at the port, or to dial from it, asks first, keeps the connection, and then listens or dials: Linux lets a port that has
 * connections be listened at and dialled from, where it does not let one that listens be dialled from (EADDRINUSE). Both
 * only if the first was bound before it was connected, since Node sets SO_REUSEADDR when it binds; so it always is.
 */

import { connect, isIPv6, type Socket } from 'node:net'
import { type AddressAndPort, addressOf, attribute } from './attributes.js'
import { Conversation, StunFailed } from './conversation.js'
import { writeMessage } from './message.js'

export interface OuterAddressOptions {
  /** The port to ask from; otherwise one that the system chooses. */
  localPort?: number
  /** The own address to ask from, an IP literal. */
  localAddress?: string
  /** Leave the connection open, for the router's memory; it is then the caller's to destroy. */
  keep?: boolean
  /** Milliseconds for all of it. */
  timeoutMs?: number
  signal?: AbortSignal
}

export interface OuterAddress extends AddressAndPort {
  /** The port that was asked from. */
  localPort: number
  /** The own address that was asked from. */
  localAddress: string
  /** The connection, where it was to be kept. It never keeps the process alive. */
  socket?: Socket
}

const bindingMethod = 0x001
const timeoutMsByDefault = 3_000

/** @throws StunFailed when there is no answer in time, or none that can be used */
export async function outerAddress(
  server: AddressAndPort,
  options: OuterAddressOptions = {},
): Promise<OuterAddress> {
  const { localPort = 0, keep = false, timeoutMs = timeoutMsByDefault, signal } = options
  const localAddress = options.localAddress ?? (isIPv6(server.ip) ? '::' : '0.0.0.0')
  if (signal?.aborted === true) throw new StunFailed('closed')
  const socket = connect({ host: server.ip, port: server.port, localPort, localAddress, noDelay: true })
  const stop = (): void => void socket.destroy()
  signal?.addEventListener('abort', stop)
  const conversation = new Conversation(socket)
  try {
    const reply = await conversation.request({
      method: bindingMethod,
      write: (transaction) =>
        writeMessage({ method: bindingMethod, kind: 'request', transaction, attributes: [] }),
      timeoutMs,
    })
    const seen = addressOf(reply, attribute.xorMappedAddress) ?? addressOf(reply, attribute.mappedAddress)
    const own = { localPort: socket.localPort, localAddress: socket.localAddress }
    if (reply.kind !== 'success' || seen === undefined || own.localPort === undefined)
      throw new StunFailed('closed')
    const answer = { ...seen, localPort: own.localPort, localAddress: own.localAddress ?? '' }
    if (!keep) {
      socket.destroy()
      return answer
    }
    conversation.release()
    // Whatever else it may say is nobody's, and its end is seen.
    socket.resume()
    socket.unref()
    return { ...answer, socket }
  } catch (error) {
    socket.destroy()
    throw error
  } finally {
    signal?.removeEventListener('abort', stop)
  }
}
