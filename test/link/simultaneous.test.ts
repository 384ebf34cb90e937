/** Both directions at once, and an attempt that meets itself: exactly one link, or none. */

import { once } from 'node:events'
import { connect } from 'node:net'
import { expect } from 'chai'
import type { Link } from '../../link/index.js'
import {
  at,
  atLoopback,
  closing,
  incoming,
  linkedPair,
  newToken,
  outcome,
  portOf,
  receivingAttempt,
  sender,
  sendingAttempt,
} from './two-devices.js'

/** Whether two links are the two ends of one. */
async function areOne(sending: Link, receiving: Link): Promise<boolean> {
  sending.write(Buffer.from('one'))
  return (await incoming(receiving, 3)).toString() === 'one'
}

describe('both directions at once', () => {
  for (const dialDelayMs of [0, 1, 2, 5, 150]) {
    it(`give one link that both sides mean, when the sending side dials after ${dialDelayMs} ms (case 76)`, async () => {
      for (let round = 0; round < 12; round++) {
        const both = { listen: atLoopback }
        const { sending, receiving } = await linkedPair({
          sending: { ...both, dialDelayMs },
          receiving: both,
        })
        expect(sending.path.dialled).to.equal(!receiving.path.dialled)
        expect(await areOne(sending, receiving)).to.equal(true)
        const ends = Promise.all([closing(sending), closing(receiving)])
        receiving.end()
        await ends
      }
    })
  }

  it('give a link also where somebody came in and says nothing, as a dial is only put off for him (case 76)', async () => {
    const token = newToken()
    const [sending, receiving] = [sendingAttempt({ token }), receivingAttempt({ token })]
    const [mine, yours] = [await portOf(sending), await portOf(receiving)]
    const silent = connect(yours, '127.0.0.1')
    // The receiving side is the client of TLS, so its first bytes show that it has taken the connection.
    await once(silent, 'data')
    receiving.dial([at(mine)])
    const [one, other] = await Promise.all([sending.link, receiving.link])
    expect([one.path.dialled, other.path.dialled]).to.deep.equal([false, true])
    silent.destroy()
    other.destroy()
  })

  it('are begun before it is known how the own side can be reached', async () => {
    const token = newToken()
    const sending = sendingAttempt({ token })
    // A router that never answers: it is waited for while candidates are looked for.
    const mapper = { map: () => new Promise<undefined>(() => undefined), close: async () => undefined }
    const receiving = receivingAttempt({ token, gather: { mapper }, listen: {} })
    const mine = await portOf(sending)
    const own = receiving.candidates()
    receiving.dial([at(mine)])
    const [one, { path }] = await Promise.all([sending.link, receiving.link])
    expect(path.dialled).to.equal(true)
    await own
    one.destroy()
  })

  it('give one link over several addresses of the same device (case 76)', async () => {
    const token = newToken()
    const sending = sendingAttempt({ token, listen: { host: '0.0.0.0' } })
    const receiving = receivingAttempt({ token, listen: { host: '0.0.0.0' }, dialDelayMs: 0 })
    const [mine, yours] = [await portOf(sending), await portOf(receiving)]
    const everywhere = (port: number) => [1, 2, 3, 4].map((number) => at(port, `127.0.0.${number}`))
    sending.dial(everywhere(yours))
    receiving.dial(everywhere(mine))
    const [one, other] = await Promise.all([sending.link, receiving.link])
    expect(await areOne(one, other)).to.equal(true)
    other.destroy()
  })
})

describe('an attempt that meets itself', () => {
  it('does not dial its own port (case 76)', async () => {
    for (const attempt of [sendingAttempt({ token: newToken() }), receivingAttempt()]) {
      attempt.dial([at(await portOf(attempt))])
      expect(attempt.reasons).to.deep.equal(['candidate refused: own'])
      attempt.close()
    }
  })

  it('meets another of the same side: nobody gets a link (case 76)', async () => {
    const token = newToken()
    const options = { token, deadlineMs: 3_000, listen: atLoopback }
    await Promise.all(
      [sendingAttempt, receivingAttempt].map(async (open) => {
        const [one, other] = [open(options), open(options)]
        one.dial([at(await portOf(other))])
        other.dial([at(await portOf(one))])
        expect(await Promise.all([outcome(one), outcome(other)])).to.deep.equal(['timeout', 'timeout'])
      }),
    )
  })

  it('is no peer of its own device: the same certificate on both ends is the wrong one', async () => {
    const token = newToken()
    const sending = sendingAttempt({ token })
    const receiving = receivingAttempt({ token, identity: sender, listen: false })
    receiving.dial([at(await portOf(sending))])
    expect(await outcome(receiving)).to.equal('refused')
    expect(sending.reasons).to.deep.equal(['IPv4 inbound: wrong device'])
    sending.close()
  })
})
