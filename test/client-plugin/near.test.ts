/** Who is near enough to be asked for half a window at a time. */

import { expect } from 'chai'
import { isNear } from '../../client-plugin/transfer/landing.js'

describe('a link is near', () => {
  it('where a packet and its answer take a few milliseconds, or are not known on this machine', () => {
    expect(isNear({ isLoopback: false, roundTripMs: 1 })).to.equal(true)
    expect(isNear({ isLoopback: false, roundTripMs: 8 })).to.equal(false)
    expect(isNear({ isLoopback: false, roundTripMs: undefined })).to.equal(false)
    expect(isNear({ isLoopback: true, roundTripMs: undefined })).to.equal(true)
    expect(isNear({ isLoopback: true, roundTripMs: 8 })).to.equal(true)
  })

  it('not behind a proxy or a tunnel on this machine that leads far away', () => {
    expect(isNear({ isLoopback: true, roundTripMs: 60 })).to.equal(false)
  })
})
