/** How fast publications go where they share the stream with people who chat. */

import { expect } from 'chai'
import { isListShorter, publicationBytes, StanzaPace } from '../../../client-plugin/share/stanza-pace.js'
import { publish } from '../../../schemas/index.js'

describe('the pace of publications', () => {
  it('is half of what a stock Prosody allows, and the first one does not wait', () => {
    const pace = new StanzaPace()
    expect(pace.waitMs(0)).to.equal(0)
    let now = 0
    for (let said = 0; said < 10; said++) {
      now += pace.waitMs(now)
      pace.answered(8_000, now, now + 5)
      now += 5
    }
    now += pace.waitMs(now)
    expect((10 * 8_000) / (now / 1_000)).to.be.within(4_900, 5_100)
  })

  it('leaves half of the time to others where the server is slower still', () => {
    const pace = new StanzaPace()
    pace.answered(8_000, 0, 2_700)
    expect(pace.waitMs(2_700)).to.equal(2_700)
    // A server that is stuck does not stop us for ever.
    pace.answered(8_000, 0, 600_000)
    expect(pace.waitMs(600_000)).to.equal(30_000)
  })

  it('a whole list is for many changes, and for few of a large share it is not', () => {
    expect(isListShorter(16_000, 100)).to.equal(false)
    expect(isListShorter(64_000, 400)).to.equal(true)
    expect(isListShorter(16_000_000, 100_000)).to.equal(true)
    expect(isListShorter(160_000, 1_000_000)).to.equal(false)
    expect(isListShorter(160, 0)).to.equal(false)
  })

  it('counts the bytes that are said, in whatever script', () => {
    const root = new Uint8Array(32)
    const said = (paths: string[]) => {
      const adds = paths.map((path) => ({
        path,
        size: 5_012_345,
        modified: 1_013_545_379,
        root,
        tags: [],
        type: 'image/jpeg',
      }))
      const share = 'Bilder-2002'
      const each = [
        publish.write({ share, base: 1, seq: 2, removes: [], adds }),
        publish.write({ share, base: 2, seq: 3, removes: paths, adds: [] }),
      ]
      return each.map((element) => Buffer.byteLength(element.toString()))
    }
    for (const name of ['gretchen.jpg', '格蕾琴'.repeat(20), 'g'.repeat(200)]) {
      const paths = Array.from({ length: 10 }, (_, n) => `${n} ${name}`)
      const [added, removed] = said(paths)
      expect(publicationBytes(paths, []) / added!).to.be.within(0.9, 1.5)
      expect(publicationBytes([], paths) / removed!).to.be.within(0.9, 2)
    }
  })
})
