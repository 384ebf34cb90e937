/** Who may ask: whom the operator keeps out, alone or with his whole server, and what a component that stops says. */

import { expect } from 'chai'
import { Gate } from '../../component/limits/gate.js'
import { Refused } from '../../wire/index.js'

const often = { perSecond: 1_000, burst: 1_000 }

describe('the gate', () => {
  const gateOf = () => new Gate({ perJid: often, perDomain: often }, () => 0, 'goethe.example')
  /** The condition that somebody is refused with, or `passed`. */
  const asks = (gate: Gate, from: string) => {
    try {
      gate.pass(from)
      return 'passed'
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      return error.condition
    }
  }

  it('keeps out one person, on each device, and nobody beside him', () => {
    const gate = gateOf()
    gate.keptOut.add('faust@goethe.example')
    expect(asks(gate, 'faust@goethe.example/desk')).to.equal('forbidden')
    expect(asks(gate, 'faust@goethe.example/phone')).to.equal('forbidden')
    expect(asks(gate, 'gretchen@goethe.example/desk')).to.equal('passed')
    expect(asks(gate, 'faust@schiller.example/desk')).to.equal('passed')
    gate.keptOut.delete('faust@goethe.example')
    expect(asks(gate, 'faust@goethe.example/desk')).to.equal('passed')
  })

  it('keeps out a whole server, and no other', () => {
    const gate = gateOf()
    gate.keptOut.add('schiller.example')
    expect(asks(gate, 'faust@schiller.example/desk')).to.equal('forbidden')
    expect(asks(gate, 'schiller.example')).to.equal('forbidden')
    expect(asks(gate, 'faust@goethe.example/desk')).to.equal('passed')
    expect(asks(gate, 'faust@sub.schiller.example/desk')).to.equal('passed')
  })

  it('tells everybody to come back later once it is closed', () => {
    const gate = gateOf()
    expect(asks(gate, 'faust@goethe.example/desk')).to.equal('passed')
    gate.close()
    expect(asks(gate, 'faust@goethe.example/desk')).to.equal('resource-constraint')
  })
})
