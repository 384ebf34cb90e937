/** One account with many devices and as many of the largest offers as may wait for it. */

import { setTimeout as pause } from 'node:timers/promises'
import { expect } from 'chai'
import { device, file, manyFiles, offer } from './malicious-component.js'
import { openTown, type Town } from './town.js'

describe('the largest offers to an account of many devices', function () {
  this.timeout(180_000)
  let town: Town

  before(async () => {
    town = await openTown()
  })
  after(() => town.close())

  it('are those of 48 KiB as they are written: longer ones are refused, however short they came (P16, P18)', async () => {
    const { evil } = town
    const from = 'a@evil.localhost/r'
    await evil.logIn(from, device(1))
    const ask = (id: string, files: string) => evil.ask(from, offer(id, 'nobody@evil.localhost', files))
    expect(await ask('largest-1', manyFiles(38))).not.to.contain('<error')
    expect(await ask('larger-01', manyFiles(64)))
      .to.contain('policy-violation')
      .and.contain('stanza-too-big')
    // Each quote is six signs where it is written by who escapes them all.
    const quotes = Array.from({ length: 60 }, () => file(`${'"'.repeat(254)}x`)).join('')
    expect(Buffer.byteLength(quotes)).to.be.below(40_000)
    expect(await ask('quoted-01', quotes))
      .to.contain('policy-violation')
      .and.contain('stanza-too-big')
  })

  it('neither close the component’s stream nor fill its memory (P16, P18)', async () => {
    const { stage, evil, log } = town
    const files = manyFiles(38)
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
    // For five seconds, and until all of them are in, however long this machine takes for that.
    for (let tick = 0; tick < 50 || stage.component.figures().loggedIn < 21; tick++) {
      await pause(100)
      most = Math.max(most, process.memoryUsage().rss)
    }
    expect(log.filter((line) => line.includes('not online'))).to.deep.equal([])
    expect(stage.component.figures().loggedIn).to.equal(21)
    expect((most - calm) / 2 ** 20).to.be.below(256)
  })
})
