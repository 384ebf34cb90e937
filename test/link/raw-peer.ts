/**
 * Peers that do not keep to the rules, built on bare sockets: what the tests of links attack them with.
 */

import { connect, createServer, type Server, type Socket } from 'node:net'
import {
  type ConnectionOptions,
  connect as connectTls,
  createServer as createTlsServer,
  type TLSSocket,
} from 'node:tls'
import type { DeviceIdentity } from '../../link/index.js'

/** A TLS client at a port, as the receiving side is one when it dials; settles when the handshake is done for it. */
export function tlsClient(
  port: number,
  identity?: DeviceIdentity,
  more: ConnectionOptions = {},
): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const keys = identity === undefined ? {} : { key: identity.privateKeyPem, cert: identity.certificatePem }
    const socket = connectTls({ host: '127.0.0.1', port, rejectUnauthorized: false, ...keys, ...more })
    socket.once('secureConnect', () => resolve(socket))
    socket.on('error', reject)
  })
}

/** A TLS server, as the sending side is one; `act` gets every socket when the handshake is done. */
export async function tlsServer(
  identity: DeviceIdentity,
  act: (socket: TLSSocket) => void,
  more: object = {},
): Promise<{ port: number; close(): void }> {
  const options = {
    key: identity.privateKeyPem,
    cert: identity.certificatePem,
    requestCert: true,
    rejectUnauthorized: false,
  }
  const sockets = new Set<Socket>()
  const server = createTlsServer({ ...options, ...more }, act)
  server.on('tlsClientError', () => {})
  server.on('secureConnection', (socket) => socket.on('error', () => {}))
  return await listening(server, sockets)
}

/** A plain server; `act` gets every socket. */
export async function tcpServer(
  act: (socket: Socket) => void,
  host = '127.0.0.1',
  port = 0,
): Promise<{ port: number; close(): void }> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    socket.on('error', () => {})
    act(socket)
  })
  return await listening(server, sockets, host, port)
}

function listening(
  server: Server,
  sockets: Set<Socket>,
  host = '127.0.0.1',
  port = 0,
): Promise<{ port: number; close(): void }> {
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      const bound = server.address()
      resolve({
        port: bound !== null && typeof bound === 'object' ? bound.port : 0,
        close: () => {
          server.close()
          for (const socket of sockets) socket.destroy()
        },
      })
    })
  })
}

/** A plain connection. */
export function tcpClient(port: number): Promise<Socket> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port })
    socket.on('error', () => {})
    socket.once('connect', () => resolve(socket))
  })
}

/** Settles when a socket is gone, whether it ended or broke. */
export function gone(socket: Socket): Promise<void> {
  socket.on('error', () => {})
  // Nobody would see the end of what nobody reads.
  socket.resume()
  return new Promise((resolve) => {
    if (socket.closed) resolve()
    else socket.once('close', () => resolve())
  })
}

/** All bytes of a socket until `count` are there. */
export function read(socket: Socket, count: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let bytes = Buffer.alloc(0)
    socket.on('data', (chunk) => {
      bytes = Buffer.concat([bytes, chunk])
      if (bytes.length >= count) resolve(bytes)
    })
    socket.once('close', () => reject(new Error(`closed after ${bytes.length} bytes`)))
  })
}
