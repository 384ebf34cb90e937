/** Which paths a search looks at, how many of them, and how many entries of each. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { deadlineIn } from '../../../component/catalogue/deadline.js'
import { openForWriting } from '../../../component/catalogue/open-catalogue.js'
import { pathsWithWordsIn } from '../../../component/catalogue/paths-with-words.js'
import { makeSightTables } from '../../../component/catalogue/sight.js'
import { parseQuery } from '../../../protocol/catalogue/query.js'
import { entry, ok, rootOf, Stage } from './stage.js'

const me = 'gretchen@goethe.example'

describe('catalogue: paths with words', () => {
  const dir = mkdtempSync(join(tmpdir(), 'jabberfs-catalogue-'))
  const { db } = openForWriting(join(dir, 'catalogue.sqlite'))
  after(() => {
    db.close()
    rmSync(dir, { recursive: true, force: true })
  })

  it('are the newest, each once, and where they are far apart in a long list that is said, and fewer are looked at', () => {
    makeSightTables(db)
    deadlineIn(db)
    const put = db.prepare('insert into words (rowid, text) values (?, ?)')
    const newest = 2_000_000
    const far = Array.from({ length: 400 }, (_, n) => newest - 1_000 * (n + 1))
    db.transaction(() => {
      for (const path of far.toReversed()) put.run(path, 'common rare other')
      // The newest with the frequent word stand side by side: so its list is long.
      for (let n = 64; n > 0; n--) put.run(newest + n, 'common')
    })()
    const ways = pathsWithWordsIn(db)
    const pieces = (words: string) => [...ways(parseQuery(words), { asker: -1 }).pieces]
    for (const words of ['rare common', 'rare common other']) {
      const found = pieces(words)
      expect(found.flatMap(({ paths }) => paths)).to.deep.equal(far)
      expect(found[0]).to.include({ isDear: true })
      expect(found[0]!.paths.length).to.be.within(128, 255)
      expect(found.slice(1).every(({ isDear }) => isDear)).to.equal(true)
    }
    const alone = pieces('rare')
    expect(alone.map(({ paths, isDear }) => [paths.length, isDear])).to.deep.equal([
      [256, false],
      [144, false],
    ])
  })
})

describe('catalogue: paths that many have', function () {
  this.timeout(60_000)
  let stage: Stage
  const peers = 100
  before(async () => {
    stage = new Stage()
    await stage.open()
    for (let n = 0; n < peers; n++) {
      const mine = [...'abcd'].map((one) => entry(`both ${one}.txt`, { root: rootOf(one) }))
      const other = [...'abcd'].map((one) => entry(`each ${one}.txt`, { root: rootOf(`${one} ${n}`) }))
      await stage.share(`p${n}@goethe.example`, [...mine, ...other, entry(`own/both ${n}.txt`)])
    }
  })
  after(() => stage.end())

  it('say that there may be more where the same name stands for more contents than are looked at', async () => {
    for (const [words, most] of [
      ['each', 4 * 64],
      ['each a', 64],
    ] as const) {
      const some = ok(await stage.catalogue.search(me, { words }, 100))
      expect(some).to.include({ isPartial: true })
      expect(some.total).to.be.at.most(most)
    }
    // Many have these, and there are no others.
    for (const words of ['both', 'both a']) {
      expect(await stage.catalogue.search(me, { words }, 100)).not.to.include({ isPartial: true })
    }
  })

  it('count with some of their entries, and hide no other path', async () => {
    const found = await stage.find(me, 'both')
    expect(found).to.have.length(4 + peers - 4)
    const { total } = (await stage.catalogue.search(me, { words: 'both' }, 100)) as { total: number }
    expect(total).to.equal(4 + peers)
    // More sources come first, and all of them are told of.
    expect(
      found
        .slice(0, 4)
        .map(({ path, sources }) => [path, sources])
        .sort(),
    ).to.deep.equal([...'abcd'].map((one) => [`both ${one}.txt`, peers]))
  })
})

describe('catalogue: paths that only others see', function () {
  this.timeout(60_000)
  let stage: Stage
  before(async () => {
    stage = new Stage()
    await stage.open()
    await stage.share('faust@goethe.example', many(400, 'song'))
    // So far apart that after 250 of them a page of results would be enough.
    const apart = many(260, 'song').flatMap((one, n) => [one, ...many(25, `${n}`)])
    await stage.share('wagner@goethe.example', apart, { visibleTo: { kind: 'nobody' } })
    await stage.share('faust@goethe.example', many(120, 'new/song'), { share: 'more' })
  })
  after(() => stage.end())

  it('end no search sooner by lying far apart', async () => {
    const found = ok(await stage.catalogue.search(me, { words: 'song' }, 10))
    expect(found).to.include({ total: 520 })
    expect(found).not.to.have.property('isPartial')
  })
})

/** Files of one beginning, each with a name of its own. */
function many(count: number, beginning: string) {
  return Array.from({ length: count }, () => entry(`${beginning} ${++named}.txt`))
}
let named = 0
