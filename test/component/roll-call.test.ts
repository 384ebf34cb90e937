/** The roll call: in whose order who is asked, whatever came before. */

import { expect } from 'chai'
import { RollCall } from '../../component/attendance/roll-call.js'
import { Turns } from '../../component/attendance/turns.js'

describe('turns of devices', () => {
  it('go from domain to domain and there from peer to peer, and leave nobody out (P17)', () => {
    const turns = new Turns<string>()
    const many = Array.from({ length: 5 }, (_, n) => `loud@evil.example/r${n}`)
    const others = ['loud2@evil.example/r', 'faust@goethe.example/a/b@c', 'faust@goethe.example/b']
    for (const jid of [...many, ...others]) turns.push(jid, jid)
    const order = Array.from({ length: 8 }, () => turns.next())
    expect(order.slice(0, 4)).to.deep.equal([many[0], others[1], others[0], others[2]])
    expect(order).to.have.members([...many, ...others])
    expect(turns.next()).to.equal(undefined)
  })
})

describe('the roll call', () => {
  it('asks the one device of a peer early, although ten thousand silent ones of others were there before (P17, P19)', async () => {
    const asked: string[] = []
    const speaker = {
      ask: async (jid: string) => {
        asked.push(jid)
        if (jid.startsWith('honest@')) return undefined
        return new Promise(() => undefined)
      },
      room: () => undefined,
      presence: () => undefined,
    }
    const rollCall = new RollCall({ speaker })
    for (let n = 0; n < 10_000; n++) rollCall.ask(`peer${n % 312}@evil.example/r${n}`, () => undefined)
    await new Promise((resolve) => rollCall.ask('honest@goethe.example/r', resolve))
    rollCall.clear()
    expect(asked.indexOf('honest@goethe.example/r')).to.be.below(10)
  })
})
