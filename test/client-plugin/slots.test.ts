/** Who is served of those who want what is shared, and which source is asked: the rules, without any transfer. */

import { expect } from 'chai'
import type { Source } from '../../client-plugin/api.js'
import { choose, keyOf, type Tried } from '../../client-plugin/getting/choosing.js'
import { Slots } from '../../client-plugin/serving/slots.js'

describe('the slots of those who are served', () => {
  const bounds = { all: 4, perPeer: 2, waiting: 6 }

  it('are so many in all, and so many for one peer', () => {
    const slots = new Slots<string>(bounds)
    expect(['a1', 'a2', 'a3'].map((key) => slots.ask(key, 'a'))).to.deep.equal(['served', 'served', 'waits'])
    expect(['b1', 'b2', 'b3'].map((key) => slots.ask(key, 'b'))).to.deep.equal(['served', 'served', 'waits'])
    expect(slots.ask('c1', 'c')).to.equal('waits')
    expect(slots.ask('a1', 'a')).to.equal('served')
  })

  it('go to peers in turns, and within one peer in the order of asking', () => {
    const slots = new Slots<string>({ ...bounds, all: 1 })
    slots.ask('a1', 'a')
    for (const key of ['a2', 'a3', 'a4']) slots.ask(key, 'a')
    slots.ask('b1', 'b')
    slots.ask('c1', 'c')
    expect(slots.queue()).to.deep.equal(['b1', 'c1', 'a2', 'a3', 'a4'])
    const served = ['a1']
    while (served.length < 6) served.push(...slots.leave(served.at(-1)!))
    expect(served).to.deep.equal(['a1', 'b1', 'c1', 'a2', 'a3', 'a4'])
  })

  it('are given to somebody else where whoever is next has as many as he may', () => {
    const slots = new Slots<string>(bounds)
    for (const key of ['a1', 'a2', 'a3', 'a4']) slots.ask(key, 'a')
    expect(slots.ask('b1', 'b')).to.equal('served')
    expect(slots.leave('b1')).to.deep.equal([])
    expect(slots.leave('a1')).to.deep.equal(['a3'])
  })

  it('are shared by four small ones, which pass nobody who waits for a whole one', () => {
    const slots = new Slots<string>({ ...bounds, perPeer: 4, all: 1 })
    const small = ['a1', 'a2', 'a3', 'a4', 'a5']
    expect(small.map((key) => slots.ask(key, 'a', 1 / 4))).to.deep.equal([
      ...['served', 'served', 'served', 'served', 'waits'],
    ])
    expect(slots.ask('b1', 'b')).to.equal('waits')
    expect(slots.ask('c1', 'c', 1 / 4)).to.equal('waits')
    expect(slots.queue()).to.deep.equal(['b1', 'c1', 'a5'])
    expect(['a1', 'a2', 'a3'].flatMap((key) => slots.leave(key))).to.deep.equal([])
    expect(slots.leave('a4')).to.deep.equal(['b1'])
    expect(slots.leave('b1')).to.deep.equal(['c1', 'a5'])
  })

  it('leave what is beyond a peer’s share to others, and let none of his own pass', () => {
    const slots = new Slots<string>(bounds)
    slots.ask('a1', 'a')
    slots.ask('a2', 'a', 1 / 4)
    expect(slots.ask('a3', 'a')).to.equal('waits')
    expect(slots.ask('a4', 'a', 1 / 4)).to.equal('waits')
    expect(slots.ask('b1', 'b')).to.equal('served')
    expect(slots.leave('b1')).to.deep.equal([])
    expect(slots.leave('a2')).to.deep.equal(['a3'])
    expect(slots.leave('a1')).to.deep.equal(['a4'])
  })

  it('have a queue with an end (P16), and whoever leaves it is not served', () => {
    const slots = new Slots<string>({ all: 1, perPeer: 1, waiting: 2 })
    expect(['a', 'b', 'c', 'd'].map((key) => slots.ask(key, key))).to.deep.equal([
      'served',
      'waits',
      'waits',
      'full',
    ])
    expect(slots.leave('b')).to.deep.equal([])
    expect(slots.leave('a')).to.deep.equal(['c'])
    expect(slots.all()).to.deep.equal(['c'])
  })
})

describe('the choice of a source', () => {
  const source = (peer: string, isOnline = true): Source => ({
    peer,
    share: 'Bilder-2002',
    path: 'a',
    isOnline,
    modified: 0,
  })
  const tried = (given: Record<string, Tried>) =>
    new Map(Object.entries(given).map(([peer, what]) => [keyOf(source(peer)), what]))
  const all = [source('away', false), source('a'), source('b'), source('c')]

  it('is the first that is online, was not asked, and has not lied', () => {
    expect(choose(all, tried({}), [], true)?.peer).to.equal('a')
    expect(choose(all, tried({ a: 'nothing' }), ['b'], true)?.peer).to.equal('c')
  })

  it('is the shortest queue where all were asked', () => {
    const queues = tried({ a: { place: 9 }, b: 'nothing', c: { place: 3 } })
    expect(choose(all, queues, [], true)?.peer).to.equal('c')
    expect(choose(all, queues, [], false)).to.equal(undefined)
    expect(choose(all, tried({ a: 'nothing', b: 'nothing', c: 'nothing' }), [], true)).to.equal(undefined)
  })
})
