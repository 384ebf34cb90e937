/** A STUN server over TCP that says of everybody what it was told to say, and from where he was seen to ask. */

import { attribute, xorAddressAttribute } from '../../../link/stun/attributes.js'
import { readMessage, writeMessage } from '../../../link/stun/message.js'
import { tcpServer } from '../raw-peer.js'

export interface FakeStun {
  ip: string
  port: number
  /** The ports that were asked from, in order. */
  readonly seen: readonly number[]
  close(): void
}

/** @param says which outer address a caller from this port has; by default the one that he has. */
export async function stunServer(
  says: (port: number) => { ip: string; port: number } = (port) => ({ ip: '127.0.0.1', port }),
): Promise<FakeStun> {
  const seen: number[] = []
  const server = await tcpServer((socket) => {
    socket.on('data', (bytes) => {
      const request = readMessage(bytes)
      const from = socket.remotePort
      if (request === undefined || from === undefined) return
      seen.push(from)
      const { method, transaction } = request
      const address = xorAddressAttribute(attribute.xorMappedAddress, says(from), transaction)
      socket.write(writeMessage({ method, kind: 'success', transaction, attributes: [address] }))
    })
  })
  return { ip: '127.0.0.1', port: server.port, seen, close: server.close }
}
