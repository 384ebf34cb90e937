/** Strangers at the port: how many, for how long, and whether the true peer gets in past them. */

import type { Socket } from 'node:net'
import { expect } from 'chai'
import fc from 'fast-check'
import { displaced, maxUnproven } from '../../link/crowd.js'
import type { LinkAttempt } from '../../link/index.js'
import { gone, read, tcpClient, tlsClient } from './raw-peer.js'
import { at, newToken, outcome, portOf, receiver, receivingAttempt, sendingAttempt } from './two-devices.js'

/** Lets the true receiving side in by dialling. */
async function trueReceiverGetsIn(sending: LinkAttempt, token: Uint8Array): Promise<void> {
  const receiving = receivingAttempt({ token, listen: false })
  receiving.dial([at(await portOf(sending))])
  expect(await Promise.all([outcome(sending), outcome(receiving)])).to.deep.equal(['link', 'link'])
  ;(await receiving.link).destroy()
}

describe('strangers at the port', () => {
  it('who connect first and hold no key do not keep the true peer out (case 74)', async () => {
    const token = newToken()
    const sending = sendingAttempt({ token })
    const port = await portOf(sending)
    const strangers = await Promise.all(Array.from({ length: 20 }, () => tcpClient(port)))
    await trueReceiverGetsIn(sending, token)
    await Promise.all(strangers.map(gone))
  })

  it('do not keep it out of a receiving side that listens either (case 74)', async () => {
    const token = newToken()
    const receiving = receivingAttempt({ token })
    const port = await portOf(receiving)
    const strangers = await Promise.all(Array.from({ length: 20 }, () => tcpClient(port)))
    const sending = sendingAttempt({ token, listen: false })
    sending.dial([at(port)])
    expect(await Promise.all([outcome(sending), outcome(receiving)])).to.deep.equal(['link', 'link'])
    ;(await sending.link).destroy()
    await Promise.all(strangers.map(gone))
  })

  it('are at most eight at once: the oldest makes room (case 75)', async () => {
    const sending = sendingAttempt({ token: newToken() })
    const port = await portOf(sending)
    const strangers: Socket[] = []
    for (let i = 0; i < maxUnproven + 3; i++) strangers.push(await tcpClient(port))
    await Promise.all(strangers.slice(0, 3).map(gone))
    expect(sending.reasons).to.deep.equal(Array(3).fill('IPv4 inbound: made room for another'))
    expect(strangers.slice(3).every((one) => !one.closed)).to.equal(true)
    sending.close()
    await Promise.all(strangers.map(gone))
  })

  it('have one deadline, however slowly they speak: silent, half a handshake, or a byte now and then (case 75)', async () => {
    const token = newToken()
    const sending = sendingAttempt({ token, authenticateMs: 5_000 })
    const port = await portOf(sending)
    const silent = await tcpClient(port)
    const half = await tcpClient(port)
    half.write(clientHello.subarray(0, 60))
    const drip = await tcpClient(port)
    let next = 0
    const dripping = setInterval(() => drip.write(clientHello.subarray(next, ++next)), 20)
    const mute = await tlsClient(port, receiver)
    const slow = await tlsClient(port, receiver)
    const go = Buffer.from([2, 0, 0, 0, 0, 0, 0, 32])
    let said = 0
    const speaking = setInterval(() => slow.write(go.subarray(said, ++said)), 20)
    await Promise.all([silent, half, drip, mute, slow].map(gone))
    clearInterval(dripping)
    clearInterval(speaking)
    expect(next + said).to.be.greaterThan(2)
    expect(sending.reasons).to.deep.equal(Array(5).fill('IPv4 inbound: not authenticated in time'))
    await trueReceiverGetsIn(sending, token)
  })

  it('are gone in ten seconds where nothing else is said, and the true peer gets in after them (cases 74 and 75, P10)', async function () {
    this.timeout(60_000)
    const token = newToken()
    const sending = sendingAttempt({ token, deadlineMs: 50_000 })
    const port = await portOf(sending)
    const since = performance.now()
    const silent = await tcpClient(port)
    const drip = await tcpClient(port)
    let next = 0
    const dripping = setInterval(() => drip.write(clientHello.subarray(next, ++next)), 900)
    await Promise.all([silent, drip].map(gone))
    clearInterval(dripping)
    // A busy machine may be late, and is never early.
    expect(performance.now() - since).to.be.within(9_500, 20_000)
    expect(next).to.be.greaterThan(3)
    await trueReceiverGetsIn(sending, token)
  })

  it('make way as the deadline of the attempt passes, too (case 75)', async () => {
    const sending = sendingAttempt({ token: newToken(), deadlineMs: 4_000 })
    const stranger = await tlsClient(await portOf(sending), receiver)
    await read(stranger, 1)
    await gone(stranger)
    expect(await outcome(sending)).to.equal('timeout')
  })

  it('from one address displace only each other (case 75)', () => {
    const crowd = fc.array(fc.record({ remote: fc.constantFrom('a', 'b', 'c', 'peer') }), { maxLength: 12 })
    fc.assert(
      fc.property(crowd, (waiting) => {
        const out = displaced(waiting)
        expect(out === undefined).to.equal(waiting.length < maxUnproven)
        if (out === undefined) return
        const count = (remote: string): number => waiting.filter((one) => one.remote === remote).length
        for (const { remote } of waiting) expect(count(out.remote)).to.be.at.least(count(remote))
        expect(waiting.find(({ remote }) => remote === out.remote)).to.equal(out)
      }),
    )
  })

  it('from one network of IPv6 displace only each other, however many addresses it has (case 75)', () => {
    const waiting: { remote: string }[] = [{ remote: '2001:db8:7::66' }]
    for (let n = 1; n <= 100; n++) {
      const out = displaced(waiting)
      if (out !== undefined) waiting.splice(waiting.indexOf(out), 1)
      waiting.push({ remote: `2001:db8:0:1::${n.toString(16)}` })
    }
    expect(waiting).to.have.length(maxUnproven)
    expect(waiting[0]).to.deep.equal({ remote: '2001:db8:7::66' })
    expect(waiting.at(-1)).to.deep.equal({ remote: '2001:db8:0:1::64' })
  })
})

/** The beginning of a TLS 1.3 ClientHello. */
const clientHello = Buffer.from(
  '16030100f8010000f40303000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20' +
    'e0e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff0008130213031301',
  'hex',
)
