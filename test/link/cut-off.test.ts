/**
 * A cable that is cut or that garbles, at every byte from the first of the handshake to the last of what is sent.
 * JABBERFS_EVERY_BYTE=1 tries each position below TLS; otherwise each seventh, from a random one on.
 */

import { expect } from 'chai'
import { goFrame, helloFrame } from '../../link/greeting.js'
import type { LinkAttempt } from '../../link/index.js'
import { seed } from '../seed.js'
import { cable, type Way } from './cable.js'
import { gone, read, tlsClient, tlsServer } from './raw-peer.js'
import {
  at,
  closing,
  newToken,
  outcome,
  portOf,
  receiver,
  receivingAttempt,
  sender,
  sendingAttempt,
} from './two-devices.js'

const step = process.env.JABBERFS_EVERY_BYTE === '1' ? 1 : 7

/** What is sent each way once there is a link: a few frames' worth. */
const payload = Buffer.from(Array.from({ length: 700 }, (_, i) => i % 251))

interface Story {
  sendingHad: Buffer
  receivingHad: Buffer
  linked: { sending: boolean; receiving: boolean }
  carried: Record<Way, number>
}

/** One attempt over a cable: the receiving side dials, both send the payload, and all of it ends. */
async function story(pass: Parameters<typeof cable>[1], authenticateMs = 10_000): Promise<Story> {
  const token = newToken()
  const sending = sendingAttempt({ token, authenticateMs })
  const wire = await cable(await portOf(sending), pass)
  const receiving = receivingAttempt({ token, listen: false, authenticateMs })
  receiving.dial([at(wire.port)])
  const had = { sending: Buffer.alloc(0), receiving: Buffer.alloc(0) }
  const linked = { sending: false, receiving: false }
  const follow = async (side: 'sending' | 'receiving', attempt: LinkAttempt): Promise<void> => {
    const link = await attempt.link.catch(() => undefined)
    if (link === undefined) return
    linked[side] = true
    link.onBytes((chunk) => {
      had[side] = Buffer.concat([had[side], chunk])
      if (had[side].length >= payload.length) link.end()
    })
    const closed = closing(link)
    link.write(payload)
    await closed
  }
  const ofReceiving = follow('receiving', receiving)
  const ofSending = follow('sending', sending)
  await ofReceiving
  // The sending side would wait for another connection until its deadline.
  sending.close()
  wire.close()
  await ofSending
  return { sendingHad: had.sending, receivingHad: had.receiving, linked, carried: wire.carried }
}

function expectPrefix(had: Buffer): void {
  expect(had.equals(payload.subarray(0, had.length))).to.equal(true)
}

describe(`a cable (seed ${seed})`, () => {
  let whole: Record<Way, number>

  before(async () => {
    const unharmed = await story((_way, _at, chunk) => chunk)
    expect(unharmed.linked).to.deep.equal({ sending: true, receiving: true })
    whole = unharmed.carried
  })

  for (const way of ['up', 'down'] as const) {
    for (const how of ['FIN', 'RST'] as const) {
      it(`cut by ${how} at a byte on its way ${way} leaves no link, or one that breaks (case 78)`, async function () {
        this.timeout(180_000)
        for (let where = seed % step; where < whole[way]; where += step) {
          const { sendingHad, receivingHad, linked } = await story((at, position, chunk, cut) => {
            if (at !== way || position + chunk.length <= where) return chunk
            cut(how)
            return chunk.subarray(0, Math.max(0, where - position))
          })
          expectPrefix(sendingHad)
          expectPrefix(receivingHad)
          // Without a whole `go` there is nothing for the sending side.
          if (!linked.receiving) expect(linked.sending, `seed ${seed}, byte ${where}`).to.equal(false)
        }
      })
    }

    it(`with one bit flipped on its way ${way} gives no byte that was not sent (case 79)`, async function () {
      this.timeout(180_000)
      for (let where = seed % (3 * step); where < whole[way]; where += 3 * step) {
        const { sendingHad, receivingHad } = await story((at, position, chunk) => {
          if (at !== way || where < position || where >= position + chunk.length) return chunk
          const flipped = Buffer.from(chunk)
          flipped[where - position]! ^= 1 << ((where + seed) % 8)
          return flipped
          // A flipped length makes a side wait for what never comes.
        }, 300)
        expectPrefix(sendingHad)
        expectPrefix(receivingHad)
      }
    })
  }
})

describe('a greeting', () => {
  // With TLS's own goodbye and without.
  const ends = ['end', 'destroy'] as const

  it('cut off after each of its bytes gives the sending side no link (case 78)', async () => {
    const token = newToken()
    const go = goFrame(token)
    const sending = sendingAttempt({ token })
    const port = await portOf(sending)
    for (let count = 0; count < go.length; count++) {
      for (const end of ends) {
        const client = await tlsClient(port, receiver)
        await read(client, helloFrame().length)
        const said = (): void => void client[end]()
        if (count === 0) said()
        else client.write(go.subarray(0, count), said)
        await gone(client)
      }
    }
    sending.close()
    expect(await outcome(sending)).to.equal('aborted')
  })

  it('cut off after each of its bytes gives the receiving side no link (case 78)', async () => {
    const hello = helloFrame()
    for (let count = 0; count < hello.length; count++) {
      for (const end of ends) {
        const server = await tlsServer(sender, (socket) => {
          const said = (): void => void socket[end]()
          if (count === 0) said()
          else socket.write(hello.subarray(0, count), said)
        })
        const receiving = receivingAttempt({ listen: false })
        receiving.dial([at(server.port)])
        expect(await outcome(receiving)).to.equal('refused')
        server.close()
      }
    }
  })

  it('cut anywhere into chunks, by bytes of one record each, is read the same (case 78)', async () => {
    const token = newToken()
    const sending = sendingAttempt({ token })
    const client = await tlsClient(await portOf(sending), receiver)
    await read(client, helloFrame().length)
    client.setNoDelay(true)
    for (const byte of goFrame(token)) client.write(Uint8Array.of(byte))
    ;(await sending.link).destroy()
    await gone(client)
  })
})
