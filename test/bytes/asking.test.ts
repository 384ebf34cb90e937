/** When the receiving side asks for blocks, and for how many at a time: by how much of its window is free. */

import { expect } from 'chai'
import { Asking } from '../../bytes/asking.js'
import { cutOf } from '../../bytes/cut.js'
import { BlockState, PartBlocks } from '../../bytes/part-blocks.js'

const blockBytes = 1024
const windowBlocks = 8

describe('asking for blocks', () => {
  function asking(blocks: number, isNear: boolean) {
    const cut = cutOf(blocks * blockBytes - 100, blockBytes)
    const part = new PartBlocks(cut)
    return { part, asking: new Asking(cut, part, windowBlocks * blockBytes, isNear) }
  }

  /** How many blocks each asking is for, while they come and are written one by one, and which were asked for. */
  function askings(blocks: number, isNear: boolean): { sizes: number[]; asked: number[] } {
    const { part, asking: own } = asking(blocks, isNear)
    const sizes: number[] = []
    const asked: number[] = []
    let outstanding = 0
    const ask = () => {
      for (let want = own.next(); want !== undefined; want = own.next()) {
        sizes.push(want.end - want.first)
        for (let block = want.first; block < want.end; block++) asked.push(block)
        outstanding += want.end - want.first
      }
      expect(outstanding).to.be.at.most(windowBlocks)
    }
    ask()
    for (let block = own.current; block !== undefined; block = own.current) {
      own.arrived()
      part.set(block, BlockState.proven)
      own.landed(block)
      outstanding -= 1
      ask()
    }
    return { sizes, asked }
  }

  const all = (blocks: number) => Array.from({ length: blocks }, (_, block) => block)

  it('fills the window at first, and asks again whenever a quarter of it is free', () => {
    expect(askings(20, false)).to.deep.equal({ sizes: [8, 2, 2, 2, 2, 2, 2], asked: all(20) })
  })

  it('asks half as often of somebody near, for half a window at a time', () => {
    expect(askings(20, true)).to.deep.equal({ sizes: [8, 4, 4, 4], asked: all(20) })
  })

  it('asks for every block once, whatever is left for the last asking', () => {
    for (const isNear of [true, false])
      for (let blocks = 1; blocks <= 40; blocks++)
        expect(askings(blocks, isNear).asked, `${blocks} blocks`).to.deep.equal(all(blocks))
  })

  it('asks again for what turned out wrong when the window is too full for it yet', () => {
    const { part, asking: own } = asking(10, true)
    part.set(0, BlockState.claimed)
    expect(own.next()).to.deep.include({ first: 1, end: 9 })
    part.set(0, BlockState.missing)
    own.again(0)
    expect(own.next()).to.equal(undefined)
    const land = (block: number) => {
      own.arrived()
      own.landed(block)
    }
    for (const block of [1, 2, 3, 4]) land(block)
    expect(own.next()).to.deep.include({ first: 0, end: 1 })
    expect(own.next()).to.equal(undefined)
    land(5)
    expect(own.next()).to.deep.include({ first: 9, end: 10 })
  })
})
