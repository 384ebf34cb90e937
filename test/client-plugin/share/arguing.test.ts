/** A component that never holds what we say: how we do not publish without end. */

import { expect } from 'chai'
import { Arguing } from '../../../client-plugin/share/arguing.js'

describe('a component that holds something else than we', () => {
  it('once is set right at once; again and again, more and more slowly (P16)', () => {
    const arguing = new Arguing()
    const pauses = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((at) => arguing.pauseMs(at))
    expect(pauses).to.deep.equal([0, 1, 2, 4, 8, 16, 32, 60, 60, 60].map((seconds) => seconds * 1_000))
  })

  it('and not for long is forgotten', () => {
    const arguing = new Arguing()
    arguing.pauseMs(0)
    expect(arguing.pauseMs(600_000)).to.equal(1_000)
    expect(arguing.pauseMs(1_300_000)).to.equal(0)
  })
})
