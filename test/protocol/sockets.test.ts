/** When a transfer is given more sockets than one. */

import { expect } from 'chai'
import { pathKinds } from '../../protocol/paths.js'
import { moreSockets, type SocketsSituation } from '../../protocol/sockets.js'

const slow: SocketsSituation = {
  kind: 'direct',
  isLoopback: false,
  roundTripMs: 50,
  rates: [400e3, 500e3, 450e3],
  bytesLeft: 20e6,
  most: 4,
}

describe('more sockets', () => {
  it('are asked for where a long straight path is slow and much is left', () => {
    expect(moreSockets(slow)).to.equal(3)
    expect(moreSockets({ ...slow, most: 2 })).to.equal(1)
    expect(moreSockets({ ...slow, most: 99 })).to.equal(3)
  })

  it('are not asked for by who wants one only', () => {
    expect(moreSockets({ ...slow, most: 1 })).to.equal(0)
    expect(moreSockets({ ...slow, most: 0 })).to.equal(0)
  })

  it('are for what can be dialled again: never through a relay, never inside XMPP', () => {
    const may = pathKinds.filter((kind) => moreSockets({ ...slow, kind }) > 0)
    expect(may).to.deep.equal(['direct', 'mapped'])
  })

  it('are for long paths: not for this machine, not for one house', () => {
    expect(moreSockets({ ...slow, isLoopback: true })).to.equal(0)
    expect(moreSockets({ ...slow, roundTripMs: 9.9 })).to.equal(0)
    expect(moreSockets({ ...slow, roundTripMs: undefined })).to.equal(0)
    expect(moreSockets({ ...slow, roundTripMs: 10 })).to.equal(3)
  })

  it('are not asked for before there are enough looks, nor where one of the last was fast or saw nothing', () => {
    expect(moreSockets({ ...slow, rates: [400e3, 500e3] })).to.equal(0)
    expect(moreSockets({ ...slow, rates: [400e3, 60e6, 450e3] })).to.equal(0)
    expect(moreSockets({ ...slow, rates: [400e3, 450e3, 0] })).to.equal(0)
    expect(moreSockets({ ...slow, rates: [90e6, 0, 400e3, 500e3, 450e3] })).to.equal(3)
  })

  it('are not asked for when it is soon over', () => {
    expect(moreSockets({ ...slow, bytesLeft: 1.5e6 })).to.equal(3)
    expect(moreSockets({ ...slow, bytesLeft: 1.5e6 - 1 })).to.equal(0)
  })
})
