/**
 * Connecting through a SOCKS5 server to a name (RFC 1928), as bytestreams use it (XEP-0065, section 6.3): no
 * authentication, the destination a name of 40 hexadecimal digits, port 0.
 *
 * Exactly the reply is taken from the stream; what came behind it is put back, for it is the other side's already. That
 * is why this is no library's: `socks` gives such bytes as an event, which TLS over the same socket never sees.
 */

import { connect, type Socket } from 'node:net'
import { errorCode } from '../failure.js'

/** A proxy that gave no way through. No address is ever in its text. */
export class SocksFailed extends Error {
  override name = 'SocksFailed'
}

const version = 5
const noAuthentication = 0
const connectCommand = 1
const nameAddress = 3

/** Bytes of an address in a reply, by its type; a name says its length itself. */
const addressBytes: Record<number, number> = { 1: 4, 4: 16 }

/** What a server's reply means (RFC 1928, section 6). */
const replies: Record<number, string> = {
  1: 'general failure',
  2: 'not allowed',
  3: 'network unreachable',
  4: 'host unreachable',
  5: 'connection refused',
  8: 'address type not supported',
}

export interface SocksOptions {
  /** Milliseconds for all of it. */
  timeoutMs: number
  signal: AbortSignal
}

/** A connection to `name` through the server; paused, whatever came already is in it. @throws SocksFailed */
export function throughSocks(
  server: { ip: string; port: number },
  name: string,
  { timeoutMs, signal }: SocksOptions,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: server.ip, port: server.port, autoSelectFamily: false, noDelay: true })
    const done = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', aborted)
      socket.removeListener('readable', read)
      socket.removeListener('close', closed)
    }
    const fail = (reason: string): void => {
      done()
      socket.destroy()
      reject(new SocksFailed(reason))
    }
    const aborted = (): void => fail('aborted')
    let problem: unknown
    const closed = (): void => fail(problem === undefined ? 'closed' : `connect ${errorCode(problem)}`)
    const timer = setTimeout(() => fail('no answer in time'), timeoutMs)
    const reader = new ReplyReader()
    const read = (): void => {
      try {
        for (;;) {
          const step = reader.wants(socket)
          if (step === 'more') return
          if (step === 'greeted') socket.write(request(name))
          else {
            done()
            resolve(socket)
            return
          }
        }
      } catch (error) {
        fail((error as Error).message)
      }
    }
    // Stays: an error before the next owner listens is no reason to die.
    socket.on('error', (error) => {
      problem = error
    })
    socket.on('close', closed)
    socket.on('readable', read)
    socket.once('connect', () => socket.write(Uint8Array.of(version, 1, noAuthentication)))
    if (signal.aborted) aborted()
    else signal.addEventListener('abort', aborted)
  })
}

function request(name: string): Uint8Array {
  const bytes = Buffer.from(name, 'ascii')
  return Buffer.concat([
    Uint8Array.of(version, connectCommand, 0, nameAddress, bytes.length),
    bytes,
    Buffer.alloc(2),
  ])
}

/** Takes exactly the two replies out of a socket, however they are cut. */
class ReplyReader {
  private greeted = false
  private head: Buffer | undefined

  /** @throws SocksFailed */
  wants(socket: Socket): 'more' | 'greeted' | 'connected' {
    if (!this.greeted) {
      const choice: Buffer | null = socket.read(2)
      if (choice === null) return 'more'
      if (choice[0] !== version) throw new SocksFailed('no SOCKS5')
      if (choice[1] !== noAuthentication) throw new SocksFailed('wants authentication')
      this.greeted = true
      return 'greeted'
    }
    // Version, reply, 0, type of address, and the first byte of it: a name's length.
    this.head ??= socket.read(5) ?? undefined
    if (this.head === undefined) return 'more'
    const [first, reply = 0, , type = 0, length = 0] = this.head
    if (first !== version) throw new SocksFailed('no SOCKS5')
    if (reply !== 0) throw new SocksFailed(replies[reply] ?? 'refused')
    const more = type === nameAddress ? length : (addressBytes[type] ?? 0) - 1
    if (more < 0) throw new SocksFailed('no SOCKS5')
    return socket.read(more + 2) === null ? 'more' : 'connected'
  }
}
