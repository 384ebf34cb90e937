/** Waking what waits for somebody who is away: in turns, and however many wait, they are no flood. */

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
