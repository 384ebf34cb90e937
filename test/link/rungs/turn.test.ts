/** Links over a TURN server that relays TCP: a real one, coturn. */

import { expect } from 'chai'
import type { AttemptOptions, Candidate } from '../../../link/index.js'
import { type PrivateCoturn, privateCoturn } from '../nat/private-coturn.js'
import { closing, incoming, outcome } from '../two-devices.js'
import { linksOf, meet } from './meeting.js'

describe('a TURN server', () => {
  let turn: PrivateCoturn
  before(async () => {
    turn = await privateCoturn()
  })
  after(() => turn?.stop())

  /** Somewhere at the same address where nobody listens, so that it is known from where this side comes. */
  const elsewhere: Candidate = { kind: 'host', ip: '127.0.0.1', port: 1_025 }

  const carries = async (
    options: { sending?: Partial<AttemptOptions>; receiving?: Partial<AttemptOptions> },
    between?: Parameters<typeof meet>[1],
  ) => {
    const links = await linksOf(await meet(options, between))
    expect([links.sending.path.kind, links.receiving.path.kind]).to.deep.equal(['turn', 'turn'])
    const bytes = Buffer.alloc(2_000_003, 'bytes')
    const came = incoming(links.receiving, bytes.length)
    links.sending.write(bytes)
    expect((await came).equals(bytes)).to.equal(true)
    // The server closes the other half abruptly, so only who heard the end can tell that it was one.
    const ends = Promise.all([closing(links.sending), closing(links.receiving)])
    links.receiving.end()
    expect((await ends)[0]).to.equal(undefined)
    return links
  }

  for (const side of ['sending', 'receiving'] as const) {
    it(`of the ${side} side alone: the other dials its relayed address`, async () => {
      const links = await carries({ [side]: { gather: { turn: [turn] } } }, (told, from) =>
        from === side ? told : [elsewhere],
      )
      expect(links[side].path.dialled).to.equal(false)
    })
  }

  it('that is not there is no loss where the server names another', async () => {
    const gone = { ip: '127.0.0.1', port: 1_026, username: 'u', password: 'p' }
    let told = 0
    const refusing = { ...turn, password: 'wrong', failed: () => void told++ }
    for (const first of [gone, refusing]) {
      const hidden: Partial<AttemptOptions> = { policy: 'relay', gather: { turn: [first, turn] } }
      await carries({ sending: hidden, receiving: { policy: 'relay', gather: { turn: [turn] } } })
    }
    expect(told).to.equal(1)
  })

  it('of both sides: one link', async () => {
    await carries({ sending: { gather: { turn: [turn] } }, receiving: { gather: { turn: [turn] } } })
  })

  it('of both sides, neither of which shows its address: from relay to relay', async () => {
    const hidden: Partial<AttemptOptions> = { policy: 'relay', gather: { turn: [turn] } }
    await carries({ sending: hidden, receiving: hidden })
  })

  it('lets in nobody of whom it is not known from where he comes', async () => {
    const met = await meet({ sending: { gather: { turn: [turn] } }, receiving: { deadlineMs: 9_000 } })
    expect(await Promise.all([outcome(met.sending), outcome(met.receiving)])).to.deep.equal([
      'bad-candidate',
      'refused',
    ])
    expect(met.sending.reasons).to.deep.equal(['turn: it is not known from where the other side will come'])
  })
})
