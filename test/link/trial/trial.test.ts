/** Trials with oneself: they end in their time, whatever the other end does, and say why. */

import { createServer, type Server, type Socket } from 'node:net'
import { expect } from 'chai'
import { dialledFromOutside, seenFromOutside, tryPort, tryProxy, tryTurn } from '../../../link/trial/index.js'

const loopback = { allowLoopback: true }
const { signal } = new AbortController()
const soon = { timeoutMs: 150, signal }
const later = { timeoutMs: 20_000, signal }

describe('a trial', () => {
  const open: { server: Server; sockets: Set<Socket> }[] = []
  const serve = async (hear: (socket: Socket) => void): Promise<number> => {
    const sockets = new Set<Socket>()
    const server = createServer((socket) => {
      sockets.add(socket)
      socket.on('error', () => {})
      hear(socket)
    })
    open.push({ server, sockets })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return (server.address() as { port: number }).port
  }
  afterEach(() => {
    for (const { server, sockets } of open.splice(0)) {
      server.close()
      for (const socket of sockets) socket.destroy()
    }
  })
  const why = (trial: Promise<unknown>): Promise<string> =>
    trial.then(
      () => 'works',
      (error: Error) => `${error.name}: ${error.message}`,
    )

  it('of a port reaches it at each address that is announced', async () => {
    const { addresses } = await tryPort({ host: '127.0.0.1' }, loopback, later)
    expect(addresses).to.deep.equal([{ ip: '127.0.0.1', reached: true }])
  })

  it('of a port says why none can be opened', async () => {
    expect(await why(tryPort({ host: '192.0.2.1' }, {}, later))).to.match(/^TrialFailed: listen E/)
  })

  it('of a server that is silent, or none, ends in its time (P21)', async () => {
    const silent = await serve(() => {})
    const closed = await serve((socket) => void socket.destroy())
    const credentials = { ip: '127.0.0.1', username: 'faust', password: 'pudel' }
    const offer = { ip: '127.0.0.1', dst: 'ab'.repeat(20), activate: async () => 'joined' as const }
    for (const port of [silent, closed]) {
      const server = { ip: '127.0.0.1', port }
      expect(await why(tryProxy({ ...offer, port }, soon))).to.match(/^TrialFailed: \w/)
      expect(await why(tryTurn({ ...credentials, port }, soon))).to.match(/^TrialFailed: \w/)
      expect(await why(seenFromOutside([server], soon))).to.match(/^TrialFailed: \w/)
      expect(await why(dialledFromOutside({ ...credentials, port }, server, soon))).to.match(
        /^TrialFailed: \w/,
      )
    }
  })

  it('of a proxy takes nothing for a loop that changes the bytes', async () => {
    const sockets: Socket[] = []
    // Speaks SOCKS5, and gives both ends zeros.
    const port = await serve((socket) => {
      sockets.push(socket)
      let step = 0
      socket.on('data', (chunk) => {
        step++
        if (step === 1) socket.write(Uint8Array.of(5, 0))
        else if (step === 2) socket.write(Buffer.concat([Uint8Array.of(5, 0, 0), chunk.subarray(3)]))
        else for (const each of sockets) if (each !== socket) each.write(Buffer.alloc(chunk.length))
      })
    })
    const offer = { ip: '127.0.0.1', port, dst: 'ab'.repeat(20), activate: async () => 'joined' as const }
    expect(await why(tryProxy(offer, later))).to.equal('TrialFailed: other bytes came out than went in')
  })
})
