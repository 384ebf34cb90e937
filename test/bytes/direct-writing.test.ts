/** Blocks that are written past the page cache: the same file, the same failures, and the usual way where that one is closed. */

import { closeSync, constants, openSync, readFileSync, writeFileSync } from 'node:fs'
import { expect } from 'chai'
import { alignedPieces, DirectWriting } from '../../bytes/direct-writing.js'
import { hashSource, openPart, openSource, place } from '../../bytes/index.js'
import { WritePace } from '../../bytes/write-pace.js'
import { seed } from '../seed.js'
import { attempt } from './attempt.js'
import { canInject, FaultRig } from './faults/fault.js'
import { Folder } from './folder.js'

const mebibyte = 2 ** 20

/** Never, or now and then, through the page cache. */
class Aside extends WritePace {
  #block = 0
  constructor(readonly cachedEvery: number) {
    super()
  }
  override get cached(): boolean {
    return ++this.#block % this.cachedEvery === 0
  }
}

describe('a block written past the page cache', () => {
  let folder: Folder
  beforeEach(() => {
    folder = new Folder()
  })
  afterEach(() => folder.remove())

  for (const cachedEvery of [2, Number.POSITIVE_INFINITY]) {
    it(`makes the identical file, cut twice, ${cachedEvery === 2 ? 'mixed with others' : 'as all others'} (cases 78 and 81, P1, P3, P4)`, async () => {
      const filesize = 21 * mebibyte + 12_345
      const content = folder.file('source', filesize, seed)
      const source = await openSource(folder.at('source'))
      const root = await hashSource(source)
      const transfer = { sid: 's', peer: 'p', filename: 'f', filesize, root }
      const pace = new Aside(cachedEvery)
      let part = await openPart({ dir: folder.inbox, transfer, pace })
      for (const cutAfter of [5 * mebibyte, 7 * mebibyte]) {
        const held = part.heldBytes
        const outcome = await attempt(source, part, {
          pair: { chunkBytes: () => 65_536, cutAfter },
          serve: { root },
        })
        expect(outcome.failed?.code).to.equal('channel-lost')
        expect(outcome.bytesSent).to.be.at.most(part.heldBytes - held + 8 * mebibyte)
        // What was being written when the channel broke counts, here and for the next program.
        expect(part.heldBytes).to.be.greaterThan(held)
        const before = part.heldBytes
        const existing = part.path
        await part.close()
        part = await openPart({ dir: folder.inbox, transfer, existing, pace })
        expect(part.heldBytes).to.equal(before)
        expect(part.blocks.claimedBytes).to.equal(0)
      }
      const outcome = await attempt(source, part, { serve: { root } })
      expect(outcome.root).to.deep.equal(root)
      const { path } = await place(part, { dir: folder.inbox, filename: 'f', root })
      expect(readFileSync(path).equals(content)).to.equal(true)
      source.close()
    })
  }

  it('is taken over by the next channel only when it is written (case 80)', async () => {
    const filesize = 24 * mebibyte
    const content = folder.file('source', filesize, seed)
    const source = await openSource(folder.at('source'))
    const root = await hashSource(source)
    const transfer = { sid: 's', peer: 'p', filename: 'f', filesize, root }
    const part = await openPart({ dir: folder.inbox, transfer, pace: new Aside(Number.POSITIVE_INFINITY) })
    let second: ReturnType<typeof attempt> | undefined
    const first = attempt(source, part, {
      serve: { root },
      receive: {
        onProgress: ({ provenBytes }) => {
          if (provenBytes >= 6 * mebibyte) second ??= attempt(source, part, { serve: { root } })
        },
      },
    })
    expect((await first).failed?.code).to.equal('stopped')
    expect((await second!).root).to.deep.equal(root)
    const { path } = await place(part, { dir: folder.inbox, filename: 'f', root })
    expect(readFileSync(path).equals(content)).to.equal(true)
    source.close()
  })

  it('goes the usual way from then on where the disk does not take it', async () => {
    writeFileSync(folder.at('file'), '')
    const fd = openSync(folder.at('file'), constants.O_RDWR)
    const direct = new DirectWriting(fd)
    const [piece] = alignedPieces(1, mebibyte + 1)!
    // Memory that begins inside a page: nothing that any caller of ours gives.
    const whole = await new Promise<boolean>((resolve) => {
      if (!direct.write(piece!.subarray(1), 0, resolve)) resolve(false)
    })
    // Some file systems take even that.
    if (!whole) expect(direct.write(piece!.subarray(0, mebibyte), 0, () => undefined)).to.equal(false)
    direct.close()
    closeSync(fd)
  })

  it('fails, or is killed, like any other: nothing wrong is left, and the next program goes on (cases 93 and 95, P1, P20)', async function () {
    if (!canInject) this.skip()
    const rig = new FaultRig(5 * mebibyte + 7, mebibyte, 'aside')
    try {
      for (const what of [
        'error=EINVAL:when=2',
        'error=ENOSPC:when=2+',
        'error=EIO:when=1+',
        'signal=KILL:when=2',
      ]) {
        const { wrong } = await rig.fault(`pwrite64:${what}`)
        expect(wrong, what).to.deep.equal([])
      }
    } finally {
      rig.remove()
    }
  })
})
