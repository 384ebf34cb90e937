/** The parts of several sockets, where there is room for little. */

import { expect } from 'chai'
import { Lane } from '../../../link/bundle/lane.js'
import { Order } from '../../../link/bundle/order.js'
import { fromFrame, pieceHeader } from '../../../link/bundle/words.js'
import { Inlet } from '../../../link/inlet.js'

const piece = (position: number, text: string): Buffer =>
  Buffer.concat([pieceHeader(position, text.length), Buffer.from(text)])

describe('the part of one of several sockets', () => {
  /** What was handed on, and lanes over it: there is room for two small runs. */
  function lanes(count: number) {
    const said: string[] = []
    const order = new Order(0, (bytes) => said.push(Buffer.from(bytes).toString()), 600)
    const actions = {
      came: () => {},
      from: () => {},
      moved: () => {},
      failed: (error: unknown) => said.push(String(error)),
    }
    return {
      said,
      order,
      all: Array.from({ length: count }, () => new Lane(Inlet.forWords(), order, actions)),
    }
  }

  it('goes on when it has what is next, also while there is no room for anything else (P16)', () => {
    const { said, order, all } = lanes(3)
    const [ahead, waits, first] = all as [Lane, Lane, Lane]
    ahead.take(piece(100, 'far'))
    ahead.take(piece(200, 'farther'))
    waits.take(piece(5, ' there'))
    expect([waits.isBlocked, waits.mayGoOn, order.isFull]).to.deep.equal([true, false, true])
    first.take(piece(0, 'hello'))
    expect([waits.mayGoOn, order.isFull]).to.deep.equal([true, true])
    waits.open()
    expect(said).to.deep.equal(['hello', ' there'])
    expect(waits.isBlocked).to.equal(false)
  })

  it('takes frames that are cut anywhere', () => {
    const { said, all } = lanes(1)
    const [lane] = all as [Lane]
    const bytes = Buffer.concat([piece(0, 'one'), fromFrame(7), piece(3, ' and two')])
    for (const byte of bytes) lane.take(Buffer.of(byte))
    expect(said.join('')).to.equal('one and two')
  })

  it('hands on nothing any more once it has brought what came before, or a piece that is too long', () => {
    for (const bad of [piece(0, 'again'), piece(2, 'within'), pieceHeader(2 ** 53 - 1, 70_000)]) {
      const { said, order, all } = lanes(2)
      const [one, other] = all as [Lane, Lane]
      one.take(piece(0, 'first'))
      other.take(bad)
      other.take(piece(5, 'and more'))
      expect(said).to.have.length(2)
      expect(said[1]).to.match(/BadFrame/)
      expect(order.next).to.equal(5)
    }
  })
})
