/** TCP allocations on a real TURN server, coturn. */

import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { connect as connectTls, createServer as createTlsServer } from 'node:tls'
import { expect } from 'chai'
import { createDeviceIdentity } from '../../../link/index.js'
import { outerAddress } from '../../../link/stun/index.js'
import { openAllocation, type TurnAllocation, TurnFailed } from '../../../link/turn/index.js'
import { type PrivateCoturn, privateCoturn } from './private-coturn.js'

/** What a socket says next, as text of this many characters. */
async function heard(socket: Socket, length: number): Promise<string> {
  const chunks: Buffer[] = []
  while (Buffer.concat(chunks).length < length) chunks.push((await once(socket, 'data'))[0] as Buffer)
  return Buffer.concat(chunks).toString()
}

/** When it is closed, orderly or not. */
function closed(socket: Socket): Promise<void> {
  socket.resume()
  socket.on('error', () => {})
  return new Promise((resolve) => {
    socket.once('close', () => resolve())
  })
}

async function failure(asked: Promise<unknown>): Promise<TurnFailed> {
  const error = await asked.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).to.be.instanceOf(TurnFailed)
  return error as TurnFailed
}

describe('a TURN server that relays TCP', () => {
  let turn: PrivateCoturn
  const allocations: TurnAllocation[] = []
  const sockets: Socket[] = []

  before(async () => {
    turn = await privateCoturn()
  })
  after(() => turn?.stop())
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy()
    for (const one of allocations.splice(0)) one.close()
  })

  async function allocation(): Promise<TurnAllocation> {
    const made = await openAllocation(turn)
    allocations.push(made)
    return made
  }

  function comer(to: TurnAllocation): Promise<Socket> {
    return new Promise((resolve) => {
      to.onPeer((socket) => {
        sockets.push(socket)
        resolve(socket)
      })
    })
  }

  function dialled(to: { ip: string; port: number }): Socket {
    const socket = connect({ host: to.ip, port: to.port })
    socket.on('error', () => {})
    sockets.push(socket)
    return socket
  }

  async function serving(onConnection: (socket: Socket) => void): Promise<{ server: Server; port: number }> {
    const server = createServer((socket) => {
      socket.on('error', () => {})
      sockets.push(socket)
      onConnection(socket)
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return { server, port: (server.address() as AddressInfo).port }
  }

  it('answers a STUN question too', async () => {
    const { ip, port, localPort } = await outerAddress(turn)
    expect({ ip, port }).to.deep.equal({ ip: '127.0.0.1', port: localPort })
  })

  it('gives an address at which whoever is permitted comes in, with all that he says from the first byte', async () => {
    const mine = await allocation()
    expect(mine.relayed).to.not.deep.equal({ ip: turn.ip, port: turn.port })
    await mine.permit('127.0.0.1')
    const came = comer(mine)
    const peer = dialled(mine.relayed)
    // Said before anybody here has heard of it: it comes with the server's word about the connection, or behind it.
    peer.write('early words')
    const socket = await came
    expect(await heard(socket, 11)).to.equal('early words')
    socket.write('an answer')
    expect(await heard(peer, 9)).to.equal('an answer')
    peer.end()
    await closed(socket)
  })

  it('lets nobody in who is not permitted', async () => {
    const mine = await allocation()
    mine.onPeer(() => expect.fail('somebody came in'))
    const stranger = dialled(mine.relayed)
    await closed(stranger)
  })

  it('dials, and what the other side says at once is not lost', async () => {
    const mine = await allocation()
    const { server, port } = await serving((socket) => socket.write('greeting'))
    const socket = await mine.dial({ ip: '127.0.0.1', port })
    sockets.push(socket)
    expect(await heard(socket, 8)).to.equal('greeting')
    server.close()
    const other = await allocation()
    expect(await failure(other.dial({ ip: '127.0.0.1', port }))).to.include({ code: 'refused', status: 447 })
  })

  it('joins two allocations, and TLS goes through, also when its first word came before anybody listened', async () => {
    const { privateKeyPem: key, certificatePem: cert } = await createDeviceIdentity()
    const secured = createTlsServer({ key, cert }, (socket) => socket.end('through and through'))
    const [one, other] = [await allocation(), await allocation()]
    await other.permit(one.relayed.ip)
    const came = comer(other)
    const out = await one.dial(other.relayed)
    const client = connectTls({ socket: out, rejectUnauthorized: false })
    sockets.push(out, client)
    const socket = await came
    // The client's hello is in the socket already, or on its way.
    await new Promise(setImmediate)
    secured.emit('connection', socket)
    expect(await heard(client, 19)).to.equal('through and through')
  })

  it('says who is not let in, and that nobody is there', async () => {
    expect(await failure(openAllocation({ ...turn, password: 'wrong' }))).to.include({
      code: 'unauthorized',
      status: 401,
    })
    const { server, port } = await serving(() => {})
    server.close()
    expect(await failure(openAllocation({ ...turn, port }))).to.include({ code: 'unreachable' })
  })

  it('keeps what was given out when the allocation is closed, and ends with it', async () => {
    const mine = await allocation()
    await mine.permit('127.0.0.1')
    const came = comer(mine)
    const peer = dialled(mine.relayed)
    const socket = await came
    mine.close()
    expect((await failure(mine.dial(turn))).code).to.equal('closed')
    peer.write('still there')
    expect(await heard(socket, 11)).to.equal('still there')
    socket.destroy()
    await closed(peer)
    // With the last of them the relayed address is gone.
    const late = dialled(mine.relayed)
    await closed(late)
  })

  it('takes what was given out with it when it goes', async () => {
    const mine = await allocation()
    await mine.permit('127.0.0.1')
    const came = comer(mine)
    dialled(mine.relayed)
    const socket = await came
    const gone = closed(socket)
    await turn.stop()
    await gone
    expect((await failure(mine.permit('127.0.0.2'))).code).to.equal('closed')
    turn = await privateCoturn()
  })
})
