/**
 * A cable between two ends on loopback that can be cut or made to garble: a proxy of TCP below TLS.
 */

import { connect, type Socket } from 'node:net'
import { tcpServer } from './raw-peer.js'

/** Which way bytes go: from who dialled, or to him. */
export type Way = 'up' | 'down'

export interface Cable {
  port: number
  close(): void
  /** Bytes that went each way so far. */
  carried: Record<Way, number>
}

/**
 * Carries everything to `port` and back. `pass` sees each chunk with the position of its first byte and gives what to
 * send on instead; `cut` ends both sides, by FIN or by RST.
 */
export async function cable(
  port: number,
  pass: (way: Way, at: number, chunk: Buffer, cut: (how: 'FIN' | 'RST') => void) => Buffer,
): Promise<Cable> {
  const carried = { up: 0, down: 0 }
  const server = await tcpServer((near) => {
    const far = connect({ host: '127.0.0.1', port, noDelay: true })
    near.setNoDelay(true)
    far.on('error', () => {})
    let cutOff = false
    const cut = (how: 'FIN' | 'RST'): void => {
      cutOff = true
      for (const end of [near, far]) {
        if (how === 'RST') end.resetAndDestroy()
        else end.end(() => end.destroy())
      }
    }
    const join = (way: Way, from: Socket, to: Socket): void => {
      from.on('data', (chunk: Buffer) => {
        if (cutOff) return
        const at = carried[way]
        carried[way] += chunk.length
        let how: 'FIN' | 'RST' | undefined
        const onward = pass(way, at, chunk, (wanted) => {
          how = wanted
        })
        if (onward.length === 0) {
          if (how !== undefined) cut(how)
        } else to.write(onward, () => how !== undefined && cut(how))
      })
      from.on('close', () => !cutOff && to.destroy())
    }
    join('up', near, far)
    join('down', far, near)
  })
  return { port: server.port, close: server.close, carried }
}
