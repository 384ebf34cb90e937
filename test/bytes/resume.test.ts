/**
 * A channel that breaks anywhere, again and again: what is held is proven anew, and little is sent twice.
 */

import { readFileSync, rmSync } from 'node:fs'
import { expect } from 'chai'
import { hashSource, openPart, openSource, type PartFile, place, type Source } from '../../bytes/index.js'
import { attempt } from './attempt.js'
import { Folder } from './folder.js'
import { createRandom } from './random.js'

const mebibyte = 2 ** 20

describe('a transfer that breaks', () => {
  let folder: Folder
  beforeEach(() => {
    folder = new Folder()
  })
  afterEach(() => folder.remove())

  /** Moves a file with a cut in every attempt but the last; the sender restarts now and then, the receiver mostly. */
  async function manyCuts(
    seed: number,
    filesize: number,
    blockBytes: number,
    windowBytes: number,
    cuts: number,
  ) {
    const random = createRandom(seed)
    const content = folder.file('source', filesize, seed)
    const known = random.below(2) === 0
    let source: Source = await openSource(folder.at('source'), { blockBytes })
    const identity = source.identity
    const root = known ? await hashSource(source) : undefined
    const transfer = { sid: 's', peer: 'p', filename: 'f', filesize, blockBytes, ...(root && { root }) }
    let part: PartFile = await openPart({ dir: folder.inbox, transfer })
    let sent = 0
    let faults = 0
    for (;;) {
      const cut = faults < cuts
      const chunkBytes = () => 1 + random.below(100_000)
      const pair = cut ? { chunkBytes, cutAfter: 1 + random.below(filesize / 2) } : { chunkBytes }
      const held = part.heldBytes
      const outcome = await attempt(source, part, {
        pair,
        serve: { windowBytes, identity, ...(root && { root }) },
        receive: { windowBytes },
      })
      sent += outcome.bytesSent
      // P4: what went out in this attempt and is not proven is at most a window.
      expect(outcome.bytesSent, `seed ${seed}`).to.be.at.most(part.heldBytes - held + windowBytes)
      if (outcome.root !== undefined) {
        const { path } = await place(part, { dir: folder.inbox, filename: 'f', root: outcome.root })
        expect(readFileSync(path).equals(content), `seed ${seed}`).to.equal(true)
        expect(folder.received).to.deep.equal(['f'])
        rmSync(path)
        break
      }
      faults += 1
      expect(outcome.failed?.code, `seed ${seed}`).to.equal('channel-lost')
      expect(outcome.serveFailed?.code, `seed ${seed}`).to.equal('channel-lost')
      if (random.below(4) > 0) {
        const before = part.heldBytes
        const existing = part.path
        await part.close()
        part = await openPart({ dir: folder.inbox, transfer, existing })
        expect(part.heldBytes, `seed ${seed}`).to.equal(before)
        expect(part.blocks.claimedBytes, `seed ${seed}`).to.equal(0)
      }
      if (random.below(2) === 0) {
        source.close()
        source = await openSource(folder.at('source'), { blockBytes })
      }
    }
    source.close()
    expect(sent, `seed ${seed}`).to.be.at.most(filesize + faults * (windowBytes + blockBytes))
  }

  it('ends with the identical file, and sends at most a window again per cut (cases 78 and 81, P1, P3, P4)', async () => {
    const first = createRandom().seed
    for (let round = 0; round < 25; round++) {
      const seed = first + round
      const blockBytes = 4096 << createRandom(seed).below(3)
      const filesize = blockBytes * 20 + createRandom(seed).below(blockBytes * 40)
      await manyCuts(seed, filesize, blockBytes, 8 * blockBytes, createRandom(seed).below(9))
    }
  })

  it('does so with blocks as they are: at most 8 MiB and a block again per cut (P4)', async () => {
    await manyCuts(createRandom().seed, 24 * mebibyte + 77, mebibyte, 8 * mebibyte, 3)
  })

  it('does so with blocks of several pieces', async () => {
    await manyCuts(createRandom().seed, 18 * mebibyte + 77, 4 * mebibyte, 8 * mebibyte, 3)
  })

  it('may be cut on the way back: what was asked for is asked for again', async () => {
    const content = folder.file('source', 50 * 4096)
    const source = await openSource(folder.at('source'), { blockBytes: 4096 })
    const transfer = { sid: 's', peer: 'p', filename: 'f', filesize: content.length, blockBytes: 4096 }
    const part = await openPart({ dir: folder.inbox, transfer })
    const windows = { serve: { windowBytes: 16384 }, receive: { windowBytes: 16384 } }
    for (let cutBackAfter = 1; ; cutBackAfter += 97) {
      const outcome = await attempt(source, part, { pair: { cutBackAfter }, ...windows })
      if (outcome.root === undefined) continue
      // The word that it is done may be lost: then the file is here, and the sender hears it elsewhere.
      const { path } = await place(part, { dir: folder.inbox, filename: 'f', root: outcome.root })
      expect(readFileSync(path).equals(content)).to.equal(true)
      break
    }
    source.close()
  })

  it('may be stopped by either side, at once or in the middle, and goes on', async () => {
    const content = folder.file('source', 100 * 4096)
    const source = await openSource(folder.at('source'), { blockBytes: 4096 })
    const transfer = { sid: 's', peer: 'p', filename: 'f', filesize: content.length, blockBytes: 4096 }
    const part = await openPart({ dir: folder.inbox, transfer })
    for (const side of ['serve', 'receive'] as const) {
      for (const after of [0, 10 * 4096]) {
        const control = new AbortController()
        const held = part.heldBytes
        if (after === 0) control.abort()
        const outcome = await attempt(source, part, {
          serve: {
            windowBytes: 16384,
            ...(side === 'serve' && {
              signal: control.signal,
              onProgress: (p) => p.sentBytes > after && control.abort(),
            }),
          },
          receive: {
            windowBytes: 16384,
            ...(side === 'receive' && {
              signal: control.signal,
              onProgress: (p) => p.receivedBytes > after && control.abort(),
            }),
          },
        })
        expect(outcome.failed?.code).to.equal('stopped')
        expect(outcome.failed?.byPeer).to.equal(side === 'serve')
        expect(outcome.serveFailed?.code).to.equal('stopped')
        expect(outcome.serveFailed?.byPeer).to.equal(side === 'receive')
        if (after > 0) expect(part.heldBytes).to.be.greaterThan(held)
      }
    }
    const last = await attempt(source, part)
    expect(last.root).to.deep.equal(await hashSource(source))
    await part.discard()
    source.close()
    expect(folder.received).to.deep.equal([])
  })

  it('has exactly one writer: a later receiving takes the part file over (case 80)', async () => {
    const content = folder.file('source', 100 * 4096)
    const source = await openSource(folder.at('source'), { blockBytes: 4096 })
    const transfer = { sid: 's', peer: 'p', filename: 'f', filesize: content.length, blockBytes: 4096 }
    const part = await openPart({ dir: folder.inbox, transfer })
    const windows = { serve: { windowBytes: 16384 }, receive: { windowBytes: 16384 } }
    const first = attempt(source, part, windows)
    const second = await attempt(source, part, windows)
    expect((await first).failed?.code).to.equal('stopped')
    expect(second.root).to.deep.equal(await hashSource(source))
    const again = await openPart({ dir: folder.inbox, transfer, existing: part.path }).catch((error) => error)
    expect(again.code).to.equal('in-use')
    await part.close()
    source.close()
  })
})
