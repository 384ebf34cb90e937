/** What several sockets are for, how many there may be, and how long the port is open for them. */

import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import type { TLSSocket } from 'node:tls'
import { expect } from 'chai'
import type { Link } from '../../../link/index.js'
import { incoming, linkedPair } from '../two-devices.js'
import { four, having, numbered } from './widened.js'

/** The link's own socket, which nobody else sees. */
const socketOf = (link: Link) => (link as unknown as { socket: TLSSocket }).socket

describe('the further sockets of a link', () => {
  it('carry what is sent, with its own', async () => {
    const { sending, receiving } = await linkedPair({ sending: four, receiving: four })
    const bytes = numbered(8_000_000)
    const all = incoming(receiving, bytes.length)
    sending.onBytes(() => {})
    const both = Promise.all([having(sending, 4), having(receiving, 4)])
    receiving.widen(3)
    await both
    for (let at = 0; at < bytes.length; at += 1_000_000) sending.write(bytes.subarray(at, at + 1_000_000))
    expect((await all).equals(bytes)).to.equal(true)
    const own = socketOf(sending).bytesWritten
    expect(own).to.be.within(bytes.length / 20, bytes.length * 0.8)
    // Of all of them together: TLS adds little.
    expect(sending.bytesMoved).to.be.within(bytes.length, bytes.length * 1.1)
    receiving.destroy()
  })

  it('are no more than the sending side wants, whatever the other wishes (P16)', async () => {
    const two = { sockets: { most: 2, anywhere: true } }
    for (const listens of ['sending', 'receiving']) {
      const listen = { host: '127.0.0.1' }
      const { sending, receiving } = await linkedPair({
        sending: { ...two, listen: listens === 'sending' && listen },
        receiving: { ...four, listen: listens === 'receiving' && listen },
      })
      sending.onBytes(() => {})
      receiving.onBytes(() => {})
      const both = Promise.all([having(sending, 2), having(receiving, 2)])
      receiving.widen(3)
      await both
      await pause(600)
      expect(sending.sockets, `${listens} listens`).to.equal(2)
      receiving.destroy()
    }
  })

  it('are waited for at an open port for six seconds, and no longer', async function () {
    this.timeout(20_000)
    const { sending, receiving } = await linkedPair({
      sending: { ...four, listen: false },
      receiving: { ...four, listen: { host: '127.0.0.1' } },
    })
    const port = socketOf(receiving).localPort!
    const isOpen = () =>
      new Promise<boolean>((resolve) => {
        const socket = connect({ port, host: '127.0.0.1' }, () => {
          socket.destroy()
          resolve(true)
        })
        socket.on('error', () => resolve(false))
      })
    // The sending side does not listen to what is said: nobody comes.
    receiving.onBytes(() => {})
    const begun = performance.now()
    receiving.widen(3)
    while (!(await isOpen())) await pause(5)
    while (await isOpen()) await pause(100)
    expect(performance.now() - begun).to.be.within(5_900, 7_500)
    expect([sending.sockets, receiving.sockets]).to.deep.equal([1, 1])
    receiving.destroy()
  })
})
