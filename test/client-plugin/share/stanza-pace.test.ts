/** How fast publications go where they share the stream with people who chat. */

import { expect } from 'chai'
import { isListShorter, StanzaPace } from '../../../client-plugin/share/stanza-pace.js'

describe('the pace of publications', () => {
  it('is half of what a stock Prosody allows, and the first one does not wait', () => {
    const pace = new StanzaPace()
    expect(pace.waitMs(0)).to.equal(0)
    let now = 0
    for (let said = 0; said < 10; said++) {
      now += pace.waitMs(now)
      pace.answered(8_000, now, now + 5)
      now += 5
    }
    now += pace.waitMs(now)
    expect((10 * 8_000) / (now / 1_000)).to.be.within(4_900, 5_100)
  })

  it('leaves half of the time to others where the server is slower still', () => {
    const pace = new StanzaPace()
    pace.answered(8_000, 0, 2_700)
    expect(pace.waitMs(2_700)).to.equal(2_700)
    // A server that is stuck does not stop us for ever.
    pace.answered(8_000, 0, 600_000)
    expect(pace.waitMs(600_000)).to.equal(30_000)
  })

  it('a whole list is for many changes, and for few of a large share it is not', () => {
    expect(isListShorter(100, 100)).to.equal(false)
    expect(isListShorter(400, 400)).to.equal(true)
    expect(isListShorter(100_000, 100_000)).to.equal(true)
    expect(isListShorter(1_000, 1_000_000)).to.equal(false)
    expect(isListShorter(1, 0)).to.equal(false)
  })
})
