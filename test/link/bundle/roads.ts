/**
 * Several cables to one port, one for each connection, each of which is as slow as it happens to be, and can be cut by its
 * number.
 */

import { connect, type Socket } from 'node:net'
import { tcpServer } from '../raw-peer.js'

export interface Roads {
  port: number
  /** Connections so far. */
  count: number
  /** Bytes that each has brought back to who dialled, by number from 0. */
  carried: number[]
  /** Cuts one. */
  cut(number: number): void
  close(): void
}

/** @param turns how many turns of the event loop a chunk waits, by the number of its connection; 0: none */
export async function roads(to: number, turns: (number: number) => number = () => 0): Promise<Roads> {
  const ends: Socket[][] = []
  const server = await tcpServer((near) => {
    const number = made.count++
    made.carried[number] = 0
    const far = connect({ host: '127.0.0.1', port: to, noDelay: true })
    near.setNoDelay(true)
    far.on('error', () => {})
    ends.push([near, far])
    const carry = (from: Socket, into: Socket, back: boolean): void => {
      from.on('data', async (chunk: Buffer) => {
        from.pause()
        for (let turn = turns(number); turn > 0; turn--) await new Promise(setImmediate)
        if (back) made.carried[number]! += chunk.length
        into.write(chunk)
        from.resume()
      })
      let ended = false
      from.on('end', () => {
        ended = true
        into.end()
      })
      from.on('close', () => ended || into.destroy())
    }
    carry(near, far, false)
    carry(far, near, true)
  })
  const made: Roads = {
    port: server.port,
    count: 0,
    carried: [],
    cut: (number) => {
      for (const end of ends[number]!) end.resetAndDestroy()
    },
    close: server.close,
  }
  return made
}
