/** Devices that are remembered and do not answer pings. */

import { setTimeout as pause } from 'node:timers/promises'
import { expect } from 'chai'
import { device, offer } from './malicious-component.js'
import { openTown, type Town } from './town.js'

describe('devices that stay silent after a restart of the component', function () {
  this.timeout(180_000)
  let town: Town

  before(async () => {
    town = await openTown()
  })
  after(() => town.close())

  it('do not keep it from finding the others within ten seconds (P19)', async () => {
    const { stage, evil } = town
    for (let i = 0; i < 128; i++) await evil.logIn(`0${i % 4}@evil.localhost/r${i}`, device(i + 10))
    const honest = await stage.device('honest')
    evil.manner = 'silent'
    await town.restart()
    await evil.logIn('a@evil.localhost/r', device(1))
    expect(await evil.ask('a@evil.localhost/r', offer('offer-one', honest.bare))).not.to.contain('<error')
    // Ten seconds are promised; the rest is for a machine that is busy with other things.
    const heard = await Promise.race([honest.next('offer'), pause(60_000, undefined, { ref: false })])
    expect(heard, 'what the honest device heard').not.to.equal(undefined)
  })
})
