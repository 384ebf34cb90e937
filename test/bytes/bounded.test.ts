/** What is kept while the other side does not take it, and what is let go when it is over (P16). */

import { setTimeout as pause } from 'node:timers/promises'
import { expect } from 'chai'
import { frameOf, lengthPayload } from '../../bytes/frame-writing.js'
import { openSource, serve } from '../../bytes/index.js'
import { Owed } from '../../bytes/owed.js'
import { FrameType } from '../../protocol/frames.js'
import { channelPair } from './channel-pair.js'
import { Folder } from './folder.js'

const mebibyte = 2 ** 20

describe('what is sent', () => {
  it('is read no further than two buffers beyond what the network has taken, whatever is wanted (P16)', async () => {
    const folder = new Folder()
    const filesize = 8 * mebibyte
    folder.file('source', filesize)
    const source = await openSource(folder.at('source'))
    const [near, far] = channelPair()
    let given = 0
    const flushes: (() => void)[] = []
    near.write = (bytes, flushed) => {
      given += bytes.length
      if (flushed !== undefined) flushes.push(flushed)
      return true
    }
    const serving = serve(near, source)
    far.write(frameOf(FrameType.want, 0, 0, lengthPayload(filesize)))
    /** What was given, once it is so much, and all that follows by itself. */
    const beyond = async (least: number) => {
      while (given < least) await pause(5)
      await pause(100)
      return given
    }
    // The first piece goes alone: somebody waits for it.
    expect(await beyond(3 * mebibyte)).to.be.below(4.1 * mebibyte)
    flushes.shift()!()
    expect(await beyond(5 * mebibyte)).to.be.below(5.1 * mebibyte)
    serving.stop()
    source.close()
    folder.remove()
  })
})

describe('the patience with somebody who does nothing', () => {
  const patience = 40

  it('ends once, after all of it', async () => {
    let lost = 0
    const begun = performance.now()
    const ended = new Promise<number>((resolve) => {
      new Owed(
        () => false,
        () => {
          lost += 1
          resolve(performance.now() - begun)
        },
        patience,
      )
    })
    expect(await ended).to.be.at.least(patience)
    await pause(2 * patience)
    expect(lost).to.equal(1)
  })

  it('looks no more, and keeps nothing, once it is over', async () => {
    let looks = 0
    const owed = new Owed(
      () => ++looks < 0,
      () => undefined,
      patience,
    )
    owed.stop()
    await pause(2 * patience)
    expect(looks).to.equal(0)
  })
})
