/** Putting in order what comes over several sockets, and reading one of them. */

import { expect } from 'chai'
import fc from 'fast-check'
import { Order } from '../../../link/bundle/order.js'
import { BadFrame } from '../../../protocol/frames.js'

describe('the order of pieces', () => {
  it('is that of their positions, however they come', () => {
    const cut = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 60 })
    fc.assert(
      fc.property(cut, fc.infiniteStream(fc.nat()), fc.nat({ max: 1e9 }), (lengths, draws, start) => {
        let at = start
        const pieces = lengths.map((length) => {
          const position = at
          at += length
          return { position, bytes: Uint8Array.from({ length }, (_, i) => (position + i) % 251) }
        })
        const got: number[] = []
        const order = new Order(start, (bytes) => got.push(...bytes))
        while (pieces.length > 0) {
          const [piece] = pieces.splice(draws.next().value! % pieces.length, 1)
          expect(order.take(piece!.position, piece!.bytes)).to.equal(true)
          // Its memory is the socket's own.
          piece!.bytes.fill(0)
        }
        expect(order.next).to.equal(at)
        expect(got.every((byte, i) => byte === (start + i) % 251)).to.equal(true)
      }),
    )
  })

  it('keeps only so much, takes what is next all the same, and has room again', () => {
    const got: number[] = []
    const order = new Order(0, (bytes) => got.push(...bytes), 2_000)
    let kept = 0
    while (order.take(1 + kept, Uint8Array.of(7))) kept++
    // One byte takes more memory than a byte.
    expect(kept).to.be.lessThan(10)
    expect(order.isFull).to.equal(true)
    expect(order.take(0, Uint8Array.of(7))).to.equal(true)
    expect([got.length, order.isFull]).to.deep.equal([kept + 1, false])
    expect(order.take(kept + 100, Uint8Array.of(7))).to.equal(true)
  })

  it('takes nothing twice', () => {
    const order = new Order(10, () => {})
    order.take(10, Uint8Array.of(1, 2))
    order.take(20, Uint8Array.of(1))
    for (const position of [0, 10, 11, 20])
      expect(() => order.take(position, Uint8Array.of(1))).to.throw(BadFrame)
  })
})
