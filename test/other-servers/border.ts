/** Stands before a port of this machine, so that a test can close it: nobody comes through then, and who was there is thrown out. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export interface Border {
  readonly port: number
  close(): void
  open(): void
  stop(): void
}

export async function borderBefore(port: number): Promise<Border> {
  const sockets = new Set<Socket>()
  let isOpen = true
  const server = createServer((outer) => {
    const inner = isOpen ? connect(port, '127.0.0.1') : undefined
    if (inner === undefined) {
      outer.destroy()
      return
    }
    for (const [one, other] of [
      [outer, inner],
      [inner, outer],
    ] as const) {
      sockets.add(one)
      one.on('error', () => other.destroy())
      one.on('close', () => {
        sockets.delete(one)
        other.destroy()
      })
      one.pipe(other)
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const throwOut = () => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      isOpen = false
      throwOut()
    },
    open() {
      isOpen = true
    },
    stop() {
      server.close()
      throwOut()
    },
  }
}
