/** One account with many devices and as many of the largest offers as may wait for it. */

import { setTimeout as pause } from 'node:timers/promises'
import { expect } from 'chai'
import { device, manyFiles, offer } from './malicious-component.js'
import { openTown, type Town } from './town.js'

describe('the largest offers to an account of many devices', function () {
  this.timeout(20_000)
  let town: Town

  before(async () => {
    town = await openTown()
  })
  after(() => town.close())

  it('neither close the component’s stream nor fill its memory (P16, P18)', async () => {
    const { stage, evil, log } = town
    const files = manyFiles()
    for (let author = 0; author < 8; author++) {
      const from = `a${author}@evil.localhost/r`
      await evil.logIn(from, device(1))
      const ask = (i: number) => evil.ask(from, offer(`offer-000${i}`, 'many@evil.localhost', files))
      for (const answer of await Promise.all(Array.from({ length: 16 }, (_, i) => ask(i)))) {
        expect(answer).not.to.contain('<error')
      }
    }
    const calm = process.memoryUsage().rss
    let most = calm
    evil.manner = 'wait'
    const logins = Array.from({ length: 12 }, (_, i) =>
      evil.presence(`many@evil.localhost/r${i}`, device(i + 9)),
    )
    evil.say(logins.join(''))
    for (let tick = 0; tick < 50; tick++) {
      await pause(100)
      most = Math.max(most, process.memoryUsage().rss)
    }
    expect(log.filter((line) => line.includes('not online'))).to.deep.equal([])
    expect(stage.component.figures().loggedIn).to.equal(20)
    expect((most - calm) / 2 ** 20).to.be.below(256)
  })
})
