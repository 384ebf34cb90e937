/** A program inside or outside of a home that opens plain sockets as it is told. */
import { connect, createServer, type Socket } from 'node:net'
import type { Found, Place, Task } from './probing.js'

process.on('message', async (task: Task) => process.send!(await follow(task)))
process.on('disconnect', () => process.exit())

async function follow({ tell, look, listen, dial }: Task): Promise<Found> {
  if (tell !== undefined)
    await serve(tell, (socket) => socket.end(`${socket.remoteAddress} ${socket.remotePort}`))
  if (listen !== undefined) await serve(listen, () => {})
  if (look !== undefined) return { seen: await seenFrom(look.from, look.at) }
  if (dial !== undefined) return { isIn: await isIn(dial) }
  return {}
}

function serve(port: number, take: (socket: Socket) => void): Promise<void> {
  return new Promise((resolve) => {
    const server = createServer((socket) => take(socket.on('error', () => {})))
    server.listen({ host: '0.0.0.0', port }, resolve)
  })
}

function seenFrom(localPort: number, { ip, port }: Place): Promise<Place> {
  return new Promise((resolve, reject) => {
    let text = ''
    const socket = connect({ host: ip, port, localPort })
    socket.on('data', (more) => {
      text += more
    })
    socket.on('error', reject).on('end', () => {
      const [seen, at] = text.split(' ')
      resolve({ ip: seen!, port: Number(at) })
    })
  })
}

function isIn({ ip, port }: Place): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: ip, port })
    const end = (isIn: boolean) => {
      socket.destroy()
      resolve(isIn)
    }
    socket.once('connect', () => end(true)).once('error', () => end(false))
  })
}
