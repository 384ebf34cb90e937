/** Waking what waits for somebody who is away: in turns, and however many wait, they are no flood. */

import { setMaxListeners } from 'node:events'
import { expect } from 'chai'
import { Bells } from '../../client-plugin/getting/bells.js'

const long = 600_000

describe('those who wait for somebody who is away', () => {
  it('are woken when he shows himself, a few at once and the others one after the other (P16)', async () => {
    const bells = new Bells()
    const life = new AbortController()
    const [mephisto, gretchen] = ['mephisto@goethe.example', 'gretchen@goethe.example']
    let woken = 0
    const waiting = Array.from({ length: 20 }, () =>
      bells.wait(long, new Set([mephisto, gretchen]), new AbortController().signal).then(() => ++woken),
    )
    const other = bells.wait(long, new Set([gretchen]), life.signal)
    bells.rang(mephisto)
    bells.rang(mephisto)
    await new Promise((resolve) => setImmediate(resolve))
    expect(woken).to.equal(8)
    await Promise.all(waiting)
    expect(woken).to.equal(20)
    life.abort(new Error('over'))
    expect(await other.catch((error: Error) => error.message)).to.equal('over')
  })

  it('look again by themselves, the seldomer the more they are (P16)', async () => {
    const bells = new Bells()
    expect(bells.longestWaitMs(10_000)).to.equal(10_000)
    bells.stand('mephisto@goethe.example', {})
    expect(bells.longestWaitMs(500)).to.equal(5_000)
    const life = new AbortController()
    setMaxListeners(0, life.signal)
    const waiting = Array.from({ length: 20 }, () =>
      bells.wait(long, new Set(), life.signal).catch(() => undefined),
    )
    expect(bells.longestWaitMs(500)).to.equal(60_000)
    expect(bells.longestWaitMs(long)).to.equal(60_000)
    life.abort(new Error('over'))
    await Promise.all(waiting)
    expect(bells.longestWaitMs(500)).to.equal(5_000)
  })

  it('have one request standing with him, and so many with all', () => {
    const bells = new Bells()
    const [one, another] = [{}, {}]
    bells.stand('mephisto@goethe.example', one)
    expect(bells.isFree('mephisto@goethe.example')).to.equal(false)
    bells.leave('mephisto@goethe.example', another)
    expect(bells.isFree('mephisto@goethe.example')).to.equal(false)
    for (let n = 1; n < 32; n++) bells.stand(`source${n}@goethe.example`, one)
    expect(bells.isFree('gretchen@goethe.example')).to.equal(false)
    bells.leave('mephisto@goethe.example', one)
    expect(bells.isFree('gretchen@goethe.example')).to.equal(true)
  })
})
