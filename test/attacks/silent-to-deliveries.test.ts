/** Devices that never answer what is delivered to them. */

import { setTimeout as pause } from 'node:timers/promises'
import { expect } from 'chai'
import { newOfferId, someFile } from '../component/stage.js'
import { device, offer } from './malicious-component.js'
import { openTown, type Town } from './town.js'

describe('a thousand devices that never answer a delivery', function () {
  this.timeout(180_000)
  let town: Town

  before(async () => {
    town = await openTown()
  })
  after(() => town.close())

  it('do not keep others from getting theirs (P16, P17)', async () => {
    const { stage, evil } = town
    const [honest, friend] = [await stage.device('honest'), await stage.device('friend')]
    evil.manner = 'silent'
    const victims = 33
    for (let author = 0; author < 12; author++) await evil.logIn(`a${author}@evil.localhost/r`, device(1))
    for (let v = 0; v < victims; v++) {
      for (let i = 0; i < 32; i++) evil.say(evil.presence(`v${v}@evil.localhost/r${i}`, device(100 + i)))
    }
    await evil.logIn('last@evil.localhost/r', device(1))
    for (let v = 0; v < victims; v++) {
      const ask = (i: number) =>
        evil.ask(`a${i >> 4}@evil.localhost/r`, offer(`offer-${v}-${i}`, `v${v}@evil.localhost`))
      await Promise.all(Array.from({ length: 64 }, (_, i) => ask(i)))
    }
    await friend.say('offer', { id: newOfferId(), peer: honest.bare, files: [someFile()], every: false })
    const heard = await Promise.race([honest.next('offer'), pause(9_000, undefined, { ref: false })])
    expect(heard, 'what the honest device heard').not.to.equal(undefined)
  })
})
