/** A change of any length, cut into publications. */

import { expect } from 'chai'
import fc from 'fast-check'
import { bytesOf, maxAdds, maxPublishBytes, maxRemoves, publish, slices } from '../../../schemas/index.js'
import { entry, path } from './arbitrary.js'

const share = 's'.repeat(32)

describe('a change that is cut into publications', () => {
  it('has all of it, once and in order, in stanzas of at most 8 KiB that follow each other', () => {
    fc.assert(
      fc.property(
        fc.array(path, { maxLength: 120, size: 'max' }),
        fc.uniqueArray(entry, { maxLength: 120, selector: (one) => one.path }),
        (removes, adds) => {
          const cut = [...slices(share, 2 ** 40, { removes, adds })]
          expect(cut.flatMap((slice) => slice.removes)).to.deep.equal(removes)
          expect(cut.flatMap((slice) => slice.adds)).to.deep.equal(adds)
          cut.forEach((slice, at) => {
            expect([slice.base, slice.seq]).to.deep.equal([2 ** 40 + at, 2 ** 40 + at + 1])
            expect(bytesOf(publish.write(slice))).to.be.at.most(maxPublishBytes)
          })
        },
      ),
      { numRuns: 40 },
    )
  })

  it('is cut by number, too, where paths are short', () => {
    const removes = Array.from({ length: 600 }, (_, n) => `r${n}`)
    const adds = Array.from({ length: 300 }, (_, n) => ({
      path: `a${n}`,
      size: 1,
      modified: 1,
      root: new Uint8Array(32),
      tags: [],
    }))
    const cut = [...slices(share, 0, { removes, adds })]
    expect(Math.max(...cut.map((slice) => slice.removes.length))).to.equal(maxRemoves)
    expect(Math.max(...cut.map((slice) => slice.adds.length))).to.be.within(50, maxAdds)
    for (const slice of cut) publish.read(publish.write(slice))
  })

  it('is nothing where there is no change', () => {
    expect([...slices(share, 7, { removes: [], adds: [] })]).to.deep.equal([])
  })
})
