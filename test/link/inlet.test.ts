/** Where bytes come in: whose memory they are put into. */

import { expect } from 'chai'
import { Inlet } from '../../link/inlet.js'

describe('where the bytes of a socket come in', () => {
  it('puts none into memory that was lent while others wait that come before them', () => {
    const inlet = Inlet.forMuch()
    const block = new Uint8Array(64)
    const here: number[] = []
    let have = 0
    // As Node does: it asks for memory, fills it, hands it over, asks again.
    let memory = inlet.onread.buffer()
    const comes = (...bytes: number[]) => {
      memory.set(bytes)
      inlet.onread.callback(bytes.length, memory)
      memory = inlet.onread.buffer()
    }
    inlet.lendRoom(() => block.subarray(have))
    comes(1, 2)
    comes(3)
    inlet.deliverTo((chunk) => {
      here.push(...chunk)
      if (chunk.buffer !== block.buffer) block.set(chunk, have)
      have += chunk.length
    })
    comes(4, 5)
    comes(6, 7)
    expect(here).to.deep.equal([1, 2, 3, 4, 5, 6, 7])
    expect([...block.subarray(0, have)]).to.deep.equal(here)
    expect(memory.buffer).to.equal(block.buffer)
  })
})
