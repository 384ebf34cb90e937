/** Who gets past the handshake and the greeting, and who does not. */

import { randomBytes } from 'node:crypto'
import { connect as connectTls, createServer as createTlsServer } from 'node:tls'
import { expect } from 'chai'
import { goFrame, helloFrame } from '../../link/greeting.js'
import { peerFault } from '../../link/secure.js'
import { FrameType, frameHeaderBytes, writeFrameHeader } from '../../protocol/frames.js'
import { gone, read, tlsClient, tlsServer } from './raw-peer.js'
import {
  at,
  newToken,
  outcome,
  portOf,
  receiver,
  receivingAttempt,
  sender,
  sendingAttempt,
  stranger,
} from './two-devices.js'

const helloBytes = frameHeaderBytes + 1

function frame(type: number, payload: Uint8Array, offset = 0): Buffer {
  const bytes = Buffer.alloc(frameHeaderBytes + payload.length)
  writeFrameHeader(bytes, 0, { type: type as FrameType, file: 0, offset, payloadBytes: payload.length })
  bytes.set(payload, frameHeaderBytes)
  return bytes
}

/** What a sending side, with this token, makes of somebody who says this in answer to its hello. */
async function afterSaying(bytes: Uint8Array, token = newToken()): Promise<string[]> {
  const sending = sendingAttempt({ token })
  const client = await tlsClient(await portOf(sending), receiver)
  await read(client, helloBytes)
  client.write(bytes)
  await gone(client)
  sending.close()
  expect(await outcome(sending)).to.equal('aborted')
  return [...sending.reasons]
}

/** What a receiving side that dials makes of a true sending device that says this first. */
async function afterHearing(
  bytes: Uint8Array,
  more: object = {},
): Promise<{ code: string; reasons: string[] }> {
  const heard: Buffer[] = []
  const server = await tlsServer(
    sender,
    (socket) => {
      socket.on('data', (chunk: Buffer) => heard.push(chunk))
      socket.write(bytes)
    },
    more,
  )
  const receiving = receivingAttempt({ listen: false })
  receiving.dial([at(server.port)])
  const code = await outcome(receiving)
  server.close()
  expect(Buffer.concat(heard).length, 'nothing was said').to.equal(0)
  return { code, reasons: [...receiving.reasons] }
}

describe('authenticating', () => {
  it('takes the device whose certificate was named, in TLS 1.3 with AES-128-GCM (P10)', async () => {
    const token = newToken()
    const sending = sendingAttempt({ token })
    const client = await tlsClient(await portOf(sending), receiver)
    expect(client.getProtocol()).to.equal('TLSv1.3')
    expect(client.getCipher().standardName).to.equal('TLS_AES_128_GCM_SHA256')
    expect((await read(client, helloBytes)).equals(helloFrame())).to.equal(true)
    client.write(goFrame(token))
    const link = await sending.link
    link.destroy()
    await gone(client)
  })

  it('says not a byte to a device with another certificate, nor to one with none (P10)', async () => {
    for (const identity of [stranger, undefined]) {
      const sending = sendingAttempt({ token: newToken() })
      const client = await tlsClient(await portOf(sending), identity)
      let heard = 0
      client.on('data', (chunk: Buffer) => (heard += chunk.length))
      await gone(client)
      expect(heard).to.equal(0)
      expect(sending.reasons).to.deep.equal([
        identity === undefined ? 'IPv4 inbound: no certificate' : 'IPv4 inbound: wrong device',
      ])
      sending.close()
    }
  })

  it('does not let a stranger at the port spoil the attempt for its peer', async () => {
    const token = newToken()
    const sending = sendingAttempt({ token })
    const port = await portOf(sending)
    await gone(await tlsClient(port, stranger))
    const receiving = receivingAttempt({ token, listen: false })
    receiving.dial([at(port)])
    expect(await Promise.all([outcome(sending), outcome(receiving)])).to.deep.equal(['link', 'link'])
    ;(await receiving.link).destroy()
  })

  it('refuses TLS 1.2, as the server and as the client (case 72)', async () => {
    const sending = sendingAttempt({ token: newToken() })
    const old = { maxVersion: 'TLSv1.2', minVersion: 'TLSv1.2' } as const
    const refused = await tlsClient(await portOf(sending), receiver, old).catch((error: Error) => error)
    expect(refused).to.be.instanceOf(Error)
    sending.close()
    expect((await afterHearing(helloFrame(), old)).code).to.equal('refused')
  })

  it('has nothing to renegotiate (case 72)', async () => {
    const sending = sendingAttempt({ token: newToken() })
    const client = await tlsClient(await portOf(sending), receiver)
    await read(client, helloBytes)
    const error = await new Promise((resolve) => {
      client.on('error', resolve)
      client.renegotiate({}, resolve)
    })
    expect(error).to.be.instanceOf(Error)
    sending.close()
  })

  it('gives out nothing that early data could be sent with, or that resumes in this attempt or the next (case 72)', async () => {
    const sending = sendingAttempt({ token: newToken() })
    const port = await portOf(sending)
    const sessions: Buffer[] = []
    const client = await tlsClient(port, receiver)
    client.on('session', (session: Buffer) => sessions.push(session))
    await read(client, helloBytes)
    const session = client.getSession()!
    // max_early_data is field 15 of OpenSSL's SSL_SESSION and is left out when it is zero.
    for (const one of [session, ...sessions]) expect(fieldsOf(one)).not.to.include(0xaf)
    const next = sendingAttempt({ token: newToken() })
    for (const to of [port, await portOf(next)])
      for (const one of [session, ...sessions]) {
        const again = await tlsClient(to, receiver, { session: one })
        await read(again, helloBytes)
        expect(again.isSessionReused()).to.equal(false)
        again.destroy()
      }
    sending.close()
    next.close()
  })

  it('refuses a resumed session even where the other side would have it (case 72, P10)', async () => {
    const keys = { key: sender.privateKeyPem, cert: sender.certificatePem }
    const faults: (string | undefined)[] = []
    const server = createTlsServer({ ...keys, requestCert: true, rejectUnauthorized: false }, (socket) => {
      faults.push(peerFault(socket, (id) => id === receiver.id))
      socket.on('error', () => {})
      socket.end('x')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { port: number }
    const once = (session?: Buffer): Promise<Buffer> =>
      new Promise((resolve) => {
        const mine = { key: receiver.privateKeyPem, cert: receiver.certificatePem }
        const client = connectTls({
          port,
          host: '127.0.0.1',
          rejectUnauthorized: false,
          ...mine,
          ...(session ? { session } : {}),
        })
        let ticket: Buffer
        client.on('secureConnect', () => session && faults.push(peerFault(client, (id) => id === sender.id)))
        client.on('session', (given: Buffer) => {
          ticket = given
        })
        client.resume().on('close', () => resolve(ticket))
      })
    await once(await once())
    server.close()
    expect(faults).to.have.members([undefined, 'resumed session', 'resumed session'])
  })

  it('closes on a token that is wrong, of another transfer, or all zeros (case 73)', async () => {
    const token = newToken()
    const off = Uint8Array.from(token)
    off[31]! ^= 1
    for (const wrong of [off, newToken(), new Uint8Array(32)]) {
      expect(await afterSaying(goFrame(wrong), token)).to.deep.equal(['IPv4 inbound: wrong token'])
    }
  })

  it('closes on a token of another length (case 73)', async () => {
    const token = newToken()
    for (const length of [0, 1, 31, 33, 64, 1_048_576]) {
      const wrong = new Uint8Array(length)
      wrong.set(token.subarray(0, length))
      expect(await afterSaying(frame(FrameType.go, wrong), token)).to.deep.equal([
        'IPv4 inbound: malformed greeting',
      ])
    }
  })

  it('takes a token once (case 73)', async () => {
    const token = newToken()
    const sending = sendingAttempt({ token })
    const port = await portOf(sending)
    const clients = await Promise.all([tlsClient(port, receiver), tlsClient(port, receiver)])
    await Promise.all(clients.map((client) => read(client, helloBytes)))
    const closed = clients.map(gone)
    for (const client of clients) client.write(goFrame(token))
    // Exactly one of the two is dropped; it takes the link's own end to close the other.
    await Promise.race(closed)
    const link = await sending.link
    expect(clients.filter((client) => client.closed)).to.have.length(1)
    link.destroy()
    await Promise.all(closed)
  })

  it('takes the first token that it is told, and no other after it (case 73)', async () => {
    const [token, later] = [newToken(), newToken()]
    const sending = sendingAttempt()
    sending.setToken(token)
    sending.setToken(later)
    const client = await tlsClient(await portOf(sending), receiver)
    await read(client, helloFrame().length)
    client.write(goFrame(later))
    await gone(client)
    expect(sending.reasons).to.deep.equal(['IPv4 inbound: wrong token'])
    sending.close()
  })

  it('takes a second go as a breach while it does not know the token yet (case 73)', async () => {
    const token = newToken()
    const sending = sendingAttempt()
    const port = await portOf(sending)
    const first = await tlsClient(port, receiver)
    await read(first, helloBytes)
    first.write(goFrame(token))
    const second = await tlsClient(port, receiver)
    await read(second, helloBytes)
    // Both may be read in either order, so it is only one of them that goes.
    second.write(goFrame(token))
    await Promise.race([gone(first), gone(second)])
    expect(sending.reasons).to.deep.equal(['IPv4 inbound: second go'])
    sending.setToken(token)
    expect(await outcome(sending)).to.equal('link')
    ;(await sending.link).destroy()
  })

  it('closes on a role reversed: a hello where go is due (case 76)', async () => {
    expect(await afterSaying(helloFrame())).to.deep.equal(['IPv4 inbound: malformed greeting'])
  })

  it('closes on a role reversed: a go where hello is due (case 76)', async () => {
    expect(await afterHearing(goFrame(newToken()))).to.deep.equal({
      code: 'refused',
      reasons: ['IPv4: malformed greeting'],
    })
  })

  it('closes on a greeting with a field that must be zero, a wrong type, or no frame at all', async () => {
    const token = newToken()
    const rubbish = [
      frame(FrameType.go, token, 1),
      frame(FrameType.want, token),
      frame(FrameType.data, new Uint8Array(1000)),
      Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'),
      Buffer.alloc(64, 0xff),
    ]
    for (const bytes of rubbish) {
      expect(await afterSaying(bytes, token)).to.deep.equal(['IPv4 inbound: malformed greeting'])
    }
  })

  it('says no token to a sending side that talks before go, or in another version', async () => {
    const early = Buffer.concat([helloFrame(), frame(FrameType.data, randomBytes(10))])
    expect(await afterHearing(early)).to.deep.equal({ code: 'refused', reasons: ['IPv4: bytes before go'] })
    expect(await afterHearing(frame(FrameType.hello, Uint8Array.of(2)))).to.deep.equal({
      code: 'refused',
      reasons: ['IPv4: unknown link version'],
    })
  })
})

/** The tags of the fields of a DER sequence. */
function fieldsOf(der: Buffer): number[] {
  const tags: number[] = []
  let at = 0
  const length = (): number => {
    const first = der[at++]!
    if (first < 0x80) return first
    let value = 0
    for (let i = 0; i < (first & 0x7f); i++) value = value * 256 + der[at++]!
    return value
  }
  at = 1
  length()
  while (at < der.length) {
    tags.push(der[at++]!)
    at += length()
  }
  return tags
}
