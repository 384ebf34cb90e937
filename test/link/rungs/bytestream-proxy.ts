/**
 * A SOCKS5 bytestreams proxy as servers have it (XEP-0065): the two that name the same stream are joined when whoever
 * offered it asks for that. As Prosody does, it reads nothing of either before that.
 */

import type { Socket } from 'node:net'
import type { ProxyOffer } from '../../../link/index.js'
import { tcpServer } from '../raw-peer.js'

export interface BytestreamProxy {
  port: number
  /** Connections so far. */
  readonly callers: number
  /** Pairs that were joined. */
  readonly joined: number
  /** A stream of this name, as the side that offers it has it. */
  offer(dst: string): ProxyOffer
  close(): void
}

export interface ProxyManners {
  /** Bytes of a reply are sent one by one. */
  piecemeal?: boolean
  /** How the request is answered, instead of with success. */
  reply?: number
  /** Joins at the same moment as it answers the later of the two, so that bytes come with the reply. */
  hasty?: boolean
}

export async function bytestreamProxy(manners: ProxyManners = {}): Promise<BytestreamProxy> {
  const waiting = new Map<string, Socket[]>()
  let callers = 0
  let joined = 0
  const join = (name: string): boolean => {
    const [one, other, ...more] = waiting.get(name) ?? []
    if (one === undefined || other === undefined || more.length > 0) return false
    waiting.delete(name)
    joined++
    one.pipe(other).pipe(one)
    return true
  }
  const say = (socket: Socket, bytes: Uint8Array): void => {
    if (manners.piecemeal !== true) socket.write(bytes)
    else for (const byte of bytes) socket.write(Uint8Array.of(byte))
  }
  const server = await tcpServer((socket) => {
    callers++
    socket.setNoDelay(true)
    const hear = (): void => {
      const greeting: Buffer | null = socket.read(3)
      if (greeting === null) return
      socket.removeListener('readable', hear)
      say(socket, Uint8Array.of(5, 0))
      const hearRequest = (): void => {
        const request: Buffer | null = socket.read(47)
        if (request === null) return
        socket.removeListener('readable', hearRequest)
        if (request.readUInt32BE(0) !== 0x05010003 || request[4] !== 40 || request.readUInt16BE(45) !== 0) {
          socket.destroy()
          return
        }
        const name = request.toString('ascii', 5, 45)
        say(socket, Buffer.concat([Uint8Array.of(5, manners.reply ?? 0, 0, 3), request.subarray(4)]))
        waiting.set(name, [...(waiting.get(name) ?? []), socket])
        socket.once('close', () => {
          const left = (waiting.get(name) ?? []).filter((one) => one !== socket)
          if (left.length > 0) waiting.set(name, left)
          else waiting.delete(name)
        })
        if (manners.hasty === true) join(name)
      }
      socket.on('readable', hearRequest)
      hearRequest()
    }
    socket.on('readable', hear)
  })
  return {
    port: server.port,
    get callers() {
      return callers
    },
    get joined() {
      return joined
    },
    offer: (dst) => ({
      ip: '127.0.0.1',
      port: server.port,
      dst,
      activate: async () => {
        if (manners.hasty !== true && !join(dst)) throw new Error('item-not-found')
        return 'joined'
      },
    }),
    close: () => server.close(),
  }
}
