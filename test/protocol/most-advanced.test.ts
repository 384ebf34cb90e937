/** One word for an offer to several devices. */

import { expect } from 'chai'
import fc from 'fast-check'
import { type DeviceState, fromBest, isFurther, mostAdvanced } from '../../protocol/most-advanced.js'
import { seed } from '../seed.js'

const states = fc.array(fc.constantFrom(...fromBest), { maxLength: 8 })
const asSeeded = { seed }

describe('the state of an offer to several devices', () => {
  const rows: [devices: DeviceState[], isOpen: boolean, shown: DeviceState][] = [
    [[], true, 'proposed'],
    [['declined'], true, 'proposed'],
    [['aborted', 'declined', 'moving'], false, 'moving'],
    [['complete', 'moving'], true, 'complete'],
    [['failed', 'waiting'], true, 'waiting'],
    [['declined', 'declined'], false, 'declined'],
    [['declined', 'aborted'], false, 'aborted'],
    [['paused'], true, 'paused'],
    [['aborting'], true, 'proposed'],
  ]
  for (const [devices, isOpen, shown] of rows) {
    it(`is ${shown} for ${devices.join(', ') || 'nobody yet'}${isOpen ? ', and others may answer' : ''}`, () => {
      expect(mostAdvanced(devices, isOpen)).to.equal(shown)
    })
  }

  it('is that of one of them, whatever their order, and nobody is further', () => {
    fc.assert(
      fc.property(states, fc.boolean(), (devices, isOpen) => {
        const shown = mostAdvanced(devices, isOpen)
        expect(mostAdvanced([...devices].reverse(), isOpen)).to.equal(shown)
        expect(devices.some((state) => isFurther(state, shown))).to.equal(false)
        if (devices.length > 0 && !isOpen) expect(devices).to.include(shown)
      }),
      asSeeded,
    )
  })

  it('never goes back when one device more answers', () => {
    fc.assert(
      fc.property(states, fc.constantFrom(...fromBest), fc.boolean(), (devices, more, isOpen) => {
        fc.pre(devices.length > 0)
        const before = mostAdvanced(devices, isOpen)
        expect(isFurther(before, mostAdvanced([...devices, more], isOpen))).to.equal(false)
      }),
      asSeeded,
    )
  })
})
