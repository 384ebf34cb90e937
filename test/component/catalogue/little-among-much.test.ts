/** Searches that find little among much end, with all there is where that can be known, and say so where it cannot. */

import { expect } from 'chai'
import { deadlineIn } from '../../../component/catalogue/deadline.js'
import { openForReading } from '../../../component/catalogue/open-catalogue.js'
import { searchIn } from '../../../component/catalogue/search.js'
import { makeSightTables } from '../../../component/catalogue/sight.js'
import { entry, ok, Stage } from './stage.js'

const me = 'gretchen@goethe.example'
const faust = 'faust@goethe.example'
const wagner = 'wagner@goethe.example'

describe('catalogue: little among much', function () {
  this.timeout(180_000)
  let stage: Stage
  before(async () => {
    stage = new Stage()
    await stage.open()
    await stage.share(wagner, [entry('old song.mp3', { mediaType: 'audio/mpeg' })], { tags: ['rare'] })
    // More than are looked at for a page, fewer than are looked at in all.
    await stage.share(
      faust,
      Array.from({ length: 3_900 }, (_, n) => entry(`song ${n}.ogg`, { mediaType: 'audio/ogg' })),
    )
  })
  after(() => stage.end())

  const search = async (query: object) => ok(await stage.catalogue.search(me, query, 10))
  /** Looks for it on a clock that goes on by `step` at each look. */
  function searchAt(step: number, query: object) {
    const db = openForReading(stage.path)
    try {
      makeSightTables(db)
      let now = 0
      let looks = 0
      const deadline = deadlineIn(db, () => {
        looks++
        now += step
        return now
      })
      const find = searchIn(db, deadline)
      deadline.set(1_000)
      return { ...find(me, query), looks }
    } finally {
      db.close()
    }
  }

  it('case 56: a frequent word of those who are online is looked for among them, if few are', async () => {
    const nobody = await search({ words: 'song', online: true })
    expect(nobody).to.deep.include({ total: 0, items: [] })
    expect(nobody).not.to.have.property('isPartial')
    ok(await stage.catalogue.attend({ peer: wagner, device: 'laptop' }, true))
    const one = await search({ words: 'so*', online: true })
    expect(one.items.map(({ value }) => value.path)).to.deep.equal(['old song.mp3'])
    expect(one).not.to.have.property('isPartial')
    const ofType = await search({ types: ['audio'], online: true })
    expect(ofType.total).to.equal(1)
  })

  it('case 56: a frequent word with a rare tag is looked for where the tag is', async () => {
    const found = await search({ words: 'song', tags: ['rare'] })
    expect(found.items.map(({ value }) => value.path)).to.deep.equal(['old song.mp3'])
    expect(found).not.to.have.property('isPartial')
  })

  it('case 56: what was found when its time is over is answered, and said to be a part', () => {
    const all = searchAt(0, { words: 'song', types: ['audio/mpeg'] })
    expect(all.found).to.have.length(1)
    expect(all.isPartial).to.equal(false)
    const part = searchAt(0.4, { words: 'song' })
    expect(part.found).to.have.length.within(1, 999)
    expect(part.isPartial).to.equal(true)
    expect(part.looks).to.be.lessThan(1_000)
    const none = searchAt(100, { types: ['audio/mpeg'] })
    expect(none).to.include({ isPartial: true })
    expect(none.looks).to.be.lessThan(10)
  })

  it('a result that is not all has more than a page, or says that there may be more', async () => {
    const found = await search({ words: 'song', types: ['audio'] })
    const isSaid = found.total === 1_000 || found.isPartial === true
    expect(isSaid).to.equal(true)
    const second = ok(await stage.catalogue.searchPage(me, { result: found.result, index: 10 }, 10))
    expect(second.isPartial).to.equal(found.isPartial)
  })
})
