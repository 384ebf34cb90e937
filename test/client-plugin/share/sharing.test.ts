/** Sharing a folder, end to end: what is in it is found by others, and stays so while it changes. */

import { renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Matched } from '../../../client-plugin/index.js'
import { allHits, type Person, published, put, putRested, Stage, until } from './stage.js'

describe('a shared folder', function () {
  this.timeout(180_000)
  let stage: Stage
  let faust: Person
  let mephisto: Person

  before(async () => {
    stage = await new Stage().open()
    faust = await stage.person('faust')
    mephisto = await stage.person('mephisto')
  })
  after(() => stage.close())

  it('is found by others with all that is in it, seconds after it was shared', async () => {
    const folder = stage.folder('pictures', {
      'my girl.jpg': 'a picture',
      '2002/gretchen.jpg': 'another picture',
      '2002/.hidden.jpg': 'none of their business',
    })
    const share = await faust.files.shares.add(folder, { tags: ['Fotos'] })
    expect(share.name).to.equal('pictures')
    const info = await faust.files.shares.current(share.id)
    expect(info).to.include({ state: 'current', files: 2, publishedFiles: 2, leftOutFiles: 0 })
    const found = await until(
      () => allHits(mephisto.files, 'gretchen'),
      (hits) => hits.length > 0,
    )
    expect(found).to.have.length(1)
    expect(found[0]).to.include({
      path: '2002/gretchen.jpg',
      peer: faust.jid,
      online: 1,
      mediaType: 'image/jpeg',
    })
    expect(await published(mephisto.files, faust.jid, share.id)).to.deep.equal([
      '2002/gretchen.jpg',
      'my girl.jpg',
    ])
    const tags = await mephisto.files.catalogue.tags()
    expect(tags.items).to.deep.equal([{ tag: 'fotos', files: 2 }])
  })

  it('is followed: what is added, changed, renamed and removed is so in the catalogue', async () => {
    const folder = join(stage.dir, 'pictures')
    const { id } = faust.files.shares.list()[0]!
    const sees = (paths: string[]) =>
      until(
        () => published(mephisto.files, faust.jid, id),
        (found) => found.join() === paths.join(),
      )
    put(folder, '2003/deep/new.txt', 'new')
    let expected = ['2002/gretchen.jpg', '2003/deep/new.txt', 'my girl.jpg']
    expect(await sees(expected)).to.deep.equal(expected)
    renameSync(join(folder, '2002'), join(folder, '2004'))
    expected = ['2003/deep/new.txt', '2004/gretchen.jpg', 'my girl.jpg']
    expect(await sees(expected)).to.deep.equal(expected)
    rmSync(join(folder, '2003'), { recursive: true })
    rmSync(join(folder, 'my girl.jpg'))
    expected = ['2004/gretchen.jpg']
    expect(await sees(expected)).to.deep.equal(expected)
    const before = (await allHits(mephisto.files, 'gretchen'))[0]!.root
    putRested(folder, '2004/gretchen.jpg', 'quite another picture')
    const after = await until(
      async () => (await allHits(mephisto.files, 'gretchen'))[0]?.root,
      (root) => root !== undefined && root !== before,
    )
    expect(after).to.be.a('string').and.not.equal(before)
  })

  it('is followed within five seconds: a file added, changed, renamed, removed', async () => {
    const folder = join(stage.dir, 'pictures')
    const roots = async () =>
      (await allHits(mephisto.files, 'walpurga*')).map(({ path, root }) => `${path} ${root}`)
    /** How long it took from the deed until another sees it, ms. */
    const seenAfter = async (deed: () => void, isSo: (now: string[]) => boolean) => {
      const since = performance.now()
      deed()
      expect(await until(roots, isSo)).to.satisfy(isSo)
      return performance.now() - since
    }
    let times: number[] = []
    // A machine that does other things as well may be late once.
    for (let round = 0; round < 4; round++) {
      const [name, other] = [`walpurga ${round}.txt`, `walpurga the other ${round}.txt`]
      let before: string[] = []
      times = [
        await seenAfter(
          () => put(folder, name, 'one'),
          (now) => now.length === 1,
        ),
      ]
      before = await roots()
      times.push(
        await seenAfter(
          () => put(folder, name, 'another'),
          (now) => now.length === 1 && now[0] !== before[0],
        ),
        await seenAfter(
          () => renameSync(join(folder, name), join(folder, other)),
          (now) => now.length === 1 && now[0]!.startsWith(other),
        ),
        await seenAfter(
          () => rmSync(join(folder, other)),
          (now) => now.length === 0,
        ),
      )
      if (Math.max(...times) < 5_000) break
    }
    expect(Math.max(...times), times.map(Math.round).join()).to.be.lessThan(5_000)
  })

  it('a saved search tells of what is new in it, and is remembered', async () => {
    const { catalogue } = mephisto.files
    await catalogue.watch('w1', { words: 'walpurgis*', types: ['image'] })
    expect(await catalogue.watches()).to.deep.equal([
      { id: 'w1', query: { words: 'walpurgis*', types: ['image'] } },
    ])
    const matched = new Promise<Matched>((resolve) => catalogue.once('matched', resolve))
    putRested(join(stage.dir, 'pictures'), 'night/Walpurgisnacht.png', 'witches')
    const { id, hits, more } = await matched
    expect([id, more, hits.map(({ path, peer }) => [path, peer])]).to.deep.equal([
      'w1',
      0,
      [['night/Walpurgisnacht.png', faust.jid]],
    ])
    await catalogue.unwatch('w1')
    expect(await catalogue.watches()).to.deep.equal([])
  })

  it('is found by nobody when it is shared no longer', async () => {
    const { id } = faust.files.shares.list()[0]!
    await faust.files.shares.remove(id)
    expect(faust.files.shares.list()).to.deep.equal([])
    expect(await allHits(mephisto.files, 'gretchen')).to.deep.equal([])
  })
})
