/**
 * Ports for servers that are to get the same one again after a restart.
 *
 * Rules: they lie below the ephemeral range, so that no connection that goes out takes one; none is one that nobody may announce, as
 * other services are usual there (a few of the ten thousand, so whoever draws hundreds meets one every now and then); and a port that was given out is
 * given out to nobody else as long as this process lives, also while nobody listens there. Between processes that is settled by a
 * socket without a file (Linux' abstract names), which the kernel takes back with the process, and which is as much in one network
 * namespace as the port is.
 */
import { randomInt } from 'node:crypto'
import { createServer, type ListenOptions, type Server } from 'node:net'
import { portAllowed } from '../protocol/ports.js'

/**
 * A port nobody listens on now, and that nobody else who asks here gets until this process ends.
 * @param from the first that may be drawn
 * @param to the first that may not
 */
export async function freePort(from = 20_000, to = 32_000): Promise<number> {
  for (let tries = 0; tries < 200; tries++) {
    const port = randomInt(from, to)
    if (!portAllowed(port) || !(await isReserved(port))) continue
    const probe = await listening({ host: '127.0.0.1', port, exclusive: true })
    if (probe instanceof Error) continue
    await new Promise<void>((resolve) => probe.close(() => resolve()))
    return port
  }
  throw new Error(`no free port between ${from} and ${to}`)
}

/** @returns whether the port is ours from now on; where there are no such names, nobody reserves anything */
async function isReserved(port: number): Promise<boolean> {
  if (process.platform !== 'linux') return true
  const name = await listening({ path: `\0jabberfs-port-${port}` })
  if (name instanceof Error) return (name as NodeJS.ErrnoException).code !== 'EADDRINUSE'
  name.unref()
  return true
}

/** @returns a server that listens there, or why none does */
function listening(where: ListenOptions): Promise<Server | Error> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', resolve)
    server.listen(where, () => resolve(server))
  })
}
