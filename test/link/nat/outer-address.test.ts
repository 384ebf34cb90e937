/** Asking a STUN server over TCP, with servers that answer in every wrong way. */

import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { networkInterfaces } from 'node:os'
import { expect } from 'chai'
import { attribute, xorAddressAttribute } from '../../../link/stun/attributes.js'
import { outerAddress, StunFailed } from '../../../link/stun/index.js'
import { readMessage, type StunMessage, writeMessage } from '../../../link/stun/message.js'

const seen = { ip: '198.51.100.7', port: 40_007 }

/** What a good server says to a question. */
function reply(question: StunMessage, over: Partial<StunMessage> = {}): Buffer {
  const { transaction } = question
  const attributes = [xorAddressAttribute(attribute.xorMappedAddress, seen, transaction)]
  return writeMessage({ method: 1, kind: 'success', transaction, attributes, ...over })
}

describe('the outer address', () => {
  let server: Server | undefined
  afterEach(() => server?.close())

  /** A server that answers each question in this way. */
  async function answering(
    answer: (question: StunMessage, socket: Socket) => void,
  ): Promise<{ ip: string; port: number }> {
    server = createServer((socket) => {
      socket.on('error', () => {})
      socket.on('data', (bytes: Buffer) => answer(readMessage(bytes)!, socket))
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return { ip: '127.0.0.1', port: (server.address() as AddressInfo).port }
  }

  async function failure(asked: Promise<unknown>): Promise<string> {
    const error = await asked.then(
      () => undefined,
      (reason: unknown) => reason,
    )
    expect(error).to.be.instanceOf(StunFailed)
    return (error as StunFailed).code
  }

  it('is what the server says of the port that asks', async () => {
    let from = 0
    const at = await answering((question, socket) => {
      from = socket.remotePort!
      socket.write(reply(question))
    })
    const answer = await outerAddress(at)
    expect(answer).to.include({ ...seen, localPort: from, localAddress: '127.0.0.1' })
    expect(answer.socket).to.equal(undefined)
  })

  it('is heard though the answer comes byte by byte, behind answers that are for nobody', async () => {
    const at = await answering((question, socket) => {
      socket.setNoDelay(true)
      const wrong = [
        reply({ ...question, transaction: Buffer.alloc(12) }),
        reply(question, { kind: 'indication' }),
        reply(question, { kind: 'request' }),
        reply(question, { method: 3 }),
        // Something that must be understood, and is not known here.
        reply(question, { attributes: [{ type: 0x7777, value: Buffer.alloc(4) }] }),
        // A fingerprint that is wrong.
        reply(question, { attributes: [{ type: attribute.fingerprint, value: Buffer.alloc(4) }] }),
        // A length of an attribute that leads out of the message.
        Buffer.concat([reply(question, { attributes: [] }).fill(4, 3, 4), Buffer.from([0, 0x20, 0, 99])]),
      ]
      for (const byte of Buffer.concat([...wrong, reply(question)])) socket.write(Buffer.of(byte))
    })
    expect(await outerAddress(at)).to.include(seen)
  })

  it('is none where the server refuses, says no address, speaks something else, hangs up or is silent', async () => {
    const ways: [(question: StunMessage, socket: Socket) => void, string][] = [
      [(question, socket) => socket.write(reply(question, { kind: 'error', attributes: [] })), 'closed'],
      [(question, socket) => socket.write(reply(question, { attributes: [] })), 'closed'],
      [(_, socket) => socket.write('SSH-2.0-OpenSSH_9.2 and twenty bytes\r\n'), 'closed'],
      [(_, socket) => socket.end(), 'closed'],
      [(_, socket) => socket.resetAndDestroy(), 'closed'],
      [() => {}, 'timeout'],
    ]
    for (const [way, code] of ways) {
      const at = await answering(way)
      expect(await failure(outerAddress(at, { timeoutMs: code === 'timeout' ? 50 : 10_000 }))).to.equal(code)
      server?.close()
    }
    const gone = await answering(() => {})
    server?.close()
    expect(await failure(outerAddress(gone))).to.equal('closed')
  })

  it('is not waited for by who gives up', async () => {
    const giveUp = new AbortController()
    const at = await answering(() => giveUp.abort())
    expect(await failure(outerAddress(at, { signal: giveUp.signal }))).to.equal('closed')
    expect(await failure(outerAddress(at, { signal: giveUp.signal }))).to.equal('closed')
  })

  it('can be asked for a port that then listens and was dialled from, while the connection stays', async () => {
    const at = await answering((question, socket) => socket.write(reply(question)))
    const { localPort, socket: kept } = await outerAddress(at, { keep: true })
    // Dialled from: the same port to another place, as a punch does.
    const elsewhere = createServer().listen(0, '127.0.0.1')
    await once(elsewhere, 'listening')
    const { port } = elsewhere.address() as AddressInfo
    const dialled = connect({ host: '127.0.0.1', port, localPort, localAddress: '0.0.0.0' })
    await once(dialled, 'connect')
    expect(dialled.localPort).to.equal(localPort)
    // Listens: for both families where there are both, as a port of an attempt does.
    const host = Object.values(networkInterfaces()).some((some) =>
      some?.some(({ family }) => family === 'IPv6'),
    )
      ? '::'
      : '0.0.0.0'
    const listening = createServer().listen({ host, port: localPort, exclusive: true })
    await once(listening, 'listening')
    const guest = connect(localPort, '127.0.0.1')
    await Promise.all([once(guest, 'connect'), once(listening, 'connection')])
    expect(kept?.destroyed).to.equal(false)
    for (const socket of [guest, dialled, kept!]) socket.destroy()
    for (const one of [listening, elsewhere]) one.close()
  })
})
