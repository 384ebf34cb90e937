/** What a TURN server may say, and how it is understood: a server that plays by a script. */

import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { expect } from 'chai'
import { attribute, numberAttribute, textOf, xorAddressAttribute } from '../../../link/stun/attributes.js'
import { StunFailed } from '../../../link/stun/index.js'
import { isSigned, longTermKey, writeSigned } from '../../../link/stun/integrity.js'
import {
  readMessage,
  type StunAttribute,
  type StunMessage,
  writeMessage,
} from '../../../link/stun/message.js'
import { openAllocation, TurnFailed } from '../../../link/turn/index.js'

const realm = Buffer.from('a realm')
const key = longTermKey('faust', realm, 'pudel')
const relayed = { ip: '25.0.3.2', port: 50_000 }

const refusal = (code: number, nonce: string): StunAttribute[] => [
  { type: attribute.errorCode, value: Buffer.from([0, 0, Math.floor(code / 100), code % 100]) },
  { type: attribute.realm, value: realm },
  { type: attribute.nonce, value: Buffer.from(nonce) },
]
const allocated = ({ transaction }: StunMessage): StunAttribute[] => [
  xorAddressAttribute(attribute.xorRelayedAddress, relayed, transaction),
  xorAddressAttribute(attribute.xorMappedAddress, { ip: '25.0.1.2', port: 40_000 }, transaction),
  numberAttribute(attribute.lifetime, 600),
]

describe('a TURN server', () => {
  let server: Server | undefined
  afterEach(() => server?.close())

  /** Answers each request as the script says; gives what it was asked with. */
  async function scripted(answer: (question: StunMessage, count: number, bytes: Buffer) => Buffer[]) {
    const nonces: (string | undefined)[] = []
    server = createServer((socket) => {
      socket.on('error', () => {})
      socket.on('data', (bytes: Buffer) => {
        const question = readMessage(bytes)!
        nonces.push(textOf(question, attribute.nonce)?.toString())
        for (const said of answer(question, nonces.length, bytes)) socket.write(said)
      })
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    return { nonces, at: { ip: '127.0.0.1', port, username: 'faust', password: 'pudel' } }
  }

  const error = (question: StunMessage, attributes: StunAttribute[]): Buffer =>
    writeMessage({ ...question, kind: 'error', attributes })
  const success = (question: StunMessage, attributes = allocated(question), by = key): Buffer =>
    writeSigned({ ...question, kind: 'success', attributes }, by)

  it('whose nonce has become old is asked again with the next, and only what it proves counts', async () => {
    const { nonces, at } = await scripted((question, count, bytes) => {
      if (count === 1) return [error(question, refusal(401, 'first'))]
      expect(isSigned(bytes, key)).to.equal(true)
      if (count === 2) return [error(question, refusal(438, 'second'))]
      const forged = allocated(question).slice(1)
      return [
        writeMessage({ ...question, kind: 'success', attributes: allocated(question) }),
        success(question, forged, longTermKey('faust', realm, 'wagner')),
        success(question),
      ]
    })
    const allocation = await openAllocation(at)
    expect(allocation.relayed).to.deep.equal(relayed)
    expect(nonces).to.deep.equal([undefined, 'first', 'second'])
    allocation.close()
  })

  it('that refuses without end is not asked without end', async () => {
    const { nonces, at } = await scripted((question, count) => [
      error(question, refusal(count === 1 ? 401 : 438, `nonce ${count}`)),
    ])
    const failed = await openAllocation(at).catch((reason: unknown) => reason)
    expect(failed).to.be.instanceOf(TurnFailed).and.include({ code: 'refused', status: 438 })
    expect(nonces).to.have.length(3)
  })

  it('that sends us to another server, gives no address, or proves nothing gives no allocation', async () => {
    const tryAnother = await scripted((question) => [error(question, refusal(300, 'x'))])
    expect(await openAllocation(tryAnother.at).catch((reason: unknown) => reason)).to.include({ status: 300 })
    server?.close()
    const empty = await scripted((question, count) => [
      count === 1 ? error(question, refusal(401, 'x')) : success(question, []),
    ])
    expect(await openAllocation(empty.at).catch((reason: unknown) => reason)).to.include({
      code: 'malformed',
    })
    server?.close()
    const unproven = await scripted((question, count) => [
      count === 1
        ? error(question, refusal(401, 'x'))
        : writeMessage({ ...question, kind: 'success', attributes: allocated(question) }),
    ])
    const failed = await openAllocation(unproven.at, { timeoutMs: 100 }).catch((reason: unknown) => reason)
    expect(failed).to.be.instanceOf(StunFailed).and.include({ code: 'timeout' })
  })

  it('that tells of a thousand callers at once is asked for a few of them (P16)', async () => {
    const caller = (id: number, transaction: Buffer): Buffer =>
      writeMessage({
        method: 12,
        kind: 'indication',
        transaction,
        attributes: [
          numberAttribute(attribute.connectionId, id),
          xorAddressAttribute(attribute.xorPeerAddress, relayed, transaction),
        ],
      })
    const methods: number[] = []
    const { at } = await scripted((question, count) => {
      const { method, transaction } = question
      methods.push(method)
      if (count === 1) return [error(question, refusal(401, 'x'))]
      if (method === 3) return [success(question)]
      if (method !== 8) return []
      const callers = Array.from({ length: 1_000 }, (_, id) => caller(id, transaction))
      return [Buffer.concat([...callers, success(question, [])])]
    })
    let connections = 0
    server?.on('connection', () => connections++)
    const allocation = await openAllocation(at, { timeoutMs: 4_000 })
    allocation.onPeer((socket) => socket.destroy())
    // When it is permitted, all callers were heard of; what is never answered leaves time for them.
    await allocation.permit('25.0.3.3')
    await allocation.dial(relayed).catch(() => {})
    expect(methods.filter((method) => method === 11).length).to.be.within(1, 8)
    expect(connections).to.be.within(2, 9)
    allocation.close()
  })
})
