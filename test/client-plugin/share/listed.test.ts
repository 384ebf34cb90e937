/** A large first list goes over a link of its own; what comes after it goes by one small stanza. */

import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { freePort } from '../../../scripts/private-prosody.js'
import { allHits, type Person, published, putRested, Stage, until } from './stage.js'

describe('a share of many files', function () {
  this.timeout(180_000)
  let stage: Stage
  let faust: Person
  let mephisto: Person

  before(async () => {
    stage = await new Stage().open({ rateLimits: true }, await freePort())
    faust = await stage.person('faust')
    mephisto = await stage.person('mephisto')
  })
  after(() => stage.close())

  /** The publications that are said from now on, as they are written. */
  const listening = (): string[] => {
    const said: string[] = []
    faust.entity.on('send', (element: { toString(): string }) => {
      const text = element.toString()
      if (text.includes('<publish ')) said.push(text)
    })
    return said
  }

  it('goes over a link, and the stream stays free', async () => {
    const folder = stage.folder('many')
    const paths: string[] = []
    for (let n = 0; n < 600; n++) {
      const path = `${n % 5 === 0 ? '' : `album ${n % 5}/`}song ${n}.mp3`
      putRested(folder, path, `song ${n}`)
      paths.push(path)
    }
    const said = listening()
    const ways = new Set<string | undefined>()
    faust.files.shares.on('progress', ({ way }) => ways.add(way))
    const { id } = await faust.files.shares.add(folder, { tags: ['lieder'] })
    const info = await faust.files.shares.current(id)
    expect(info).to.include({ state: 'current', files: 600, publishedFiles: 600 })
    expect([...ways]).to.include('link')
    expect(said.length).to.be.lessThan(20)
    const found = await until(
      () => allHits(mephisto.files, 'song 599'),
      (hits) => hits.length > 0,
    )
    expect(found.map(({ path }) => path)).to.deep.equal(['album 4/song 599.mp3'])
    expect(await published(mephisto.files, faust.jid, id)).to.deep.equal(paths.sort())
  })

  it('one more file, and one less, is one stanza of less than a kilobyte', async () => {
    const { id, folder } = faust.files.shares.list()[0]!
    const said = listening()
    putRested(folder, 'album 1/one more.mp3', 'one more')
    await faust.files.shares.current(id)
    rmSync(join(folder, 'album 1/one more.mp3'))
    await faust.files.shares.current(id)
    expect(said).to.have.length(2)
    for (const stanza of said) expect(Buffer.byteLength(stanza)).to.be.lessThan(1_000)
    expect(await allHits(mephisto.files, 'one more')).to.deep.equal([])
  })
})
