/** A held block that turns out wrong while the asking has not come to it yet: it is fetched in passing, like one that is missing. */

import { expect } from 'chai'
import { Asking } from '../../bytes/asking.js'
import { blake3 } from '../../bytes/blake3.js'
import { cutOf } from '../../bytes/cut.js'
import { BlockState, PartBlocks } from '../../bytes/part-blocks.js'
import { rootOf } from '../../bytes/root.js'
import { Statements } from '../../bytes/statements.js'

const blockBytes = 1024
const blockCount = 12
const windowBlocks = 4
const wrong = 9
const cut = cutOf(blockCount * blockBytes, blockBytes)
const hashOf = (text: string) => blake3.hash(Buffer.from(text))
const hashes = Array.from({ length: blockCount }, (_, block) => hashOf(`block ${block}`))

describe('a held block that is wrong and lies ahead', () => {
  /** All blocks that are asked for, one after the other, while each comes. */
  function asked(offered: Uint8Array | undefined): number[] {
    const part = new PartBlocks(cut)
    for (const block of [8, wrong]) part.set(block, BlockState.claimed, hashes[block])
    part.expect(wrong, hashOf('something else'))
    const asking = new Asking(cut, part, windowBlocks * blockBytes)
    const statements = new Statements(part, offered)
    const fetched: number[] = []
    const ask = () => {
      for (let want = asking.next(); want !== undefined; want = asking.next())
        for (let block = want.first; block < want.end; block++) fetched.push(block)
    }
    ask()
    for (const [block, hash] of hashes.entries())
      if (statements.take(block, hash) === 'refuted') asking.again(block)
    for (const block of statements.judge()) asking.again(block)
    ask()
    for (let block = asking.current; block !== undefined; block = asking.current) {
      asking.arrived()
      expect(part.hasHash(block, hashes[block]!), `the hash of ${block}`).to.equal(true)
      part.set(block, BlockState.proven)
      asking.landed(block)
      ask()
    }
    expect(part.allProven).to.equal(true)
    return fetched
  }
  const missing = [0, 1, 2, 3, 4, 5, 6, 7, wrong, 10, 11]

  it('is fetched once, in its order, where only the other side knows what the file is (case 97)', () => {
    expect(asked(undefined)).to.deep.equal(missing)
  })

  it('is fetched so, too, once all hashes together are what was offered (case 90)', () => {
    expect(asked(rootOf(cut.filesize, Buffer.concat(hashes)))).to.deep.equal(missing)
  })

  it('is no part of what is shown as proven, which ends before it', () => {
    const part = new PartBlocks(cut)
    part.set(0, BlockState.proven)
    part.set(1, BlockState.ledgered)
    part.set(2, BlockState.claimed)
    part.set(3, BlockState.ledgered)
    expect(part.provenPrefix).to.equal(2 * blockBytes)
  })
})
