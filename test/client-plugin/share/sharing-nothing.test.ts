/** Who shares nothing does without the keeper and says nothing of it; what was shared before begins by itself. */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { childElements, type Element, isElement, nsCatalogue } from '../../../schemas/index.js'
import { allHits, type Person, published, putRested, Stage, until } from './stage.js'

describe('a plugin that shares nothing', function () {
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

  const books = (state: string) => join(stage.dir, `state-${state}`, 'shares.sqlite')

  it('keeps no books, and says to the catalogue what it is asked to and nothing else', async () => {
    const said: string[] = []
    const hear = (stanza: Element) => {
      for (const { name, attrs } of childElements(stanza)) {
        if (attrs.xmlns === nsCatalogue || name === 'blocklist') said.push(name)
      }
    }
    mephisto.entity.on('send', hear)
    let asked = 0
    mephisto.entity.on('stanza', (stanza: Element) => {
      if (childElements(stanza).some((child) => isElement(child, 'ping', 'urn:xmpp:ping'))) asked++
    })
    // A component that is back asks who is there, and whoever shares asks it what it holds.
    const isAsked = until(
      () => asked,
      (times) => times > 0,
    )
    await stage.stopComponent()
    await stage.startComponent()
    expect(await isAsked).to.be.greaterThan(0)
    expect(await allHits(mephisto.files, 'gretchen')).to.deep.equal([])
    mephisto.entity.off('send', hear)
    expect(said).to.deep.equal(['search'])
    expect(mephisto.files.shares.list()).to.deep.equal([])
    expect(existsSync(books('mephisto'))).to.equal(false)
  })

  it('and has shared something before publishes by itself what has changed since', async () => {
    const folder = stage.folder('pictures', { 'gretchen.jpg': 'a picture' })
    const { id } = await faust.files.shares.add(folder)
    await faust.files.shares.current(id)
    await faust.leave()
    putRested(folder, 'walpurgis.jpg', 'another picture')
    faust = await stage.person('faust')
    const paths = await until(
      () => published(mephisto.files, faust.jid, id),
      (found) => found.length > 1,
    )
    expect(paths).to.deep.equal(['gretchen.jpg', 'walpurgis.jpg'])
  })

  it('any more can share again', async () => {
    const [share] = faust.files.shares.list()
    await faust.files.shares.remove(share!.id)
    await faust.leave()
    faust = await stage.person('faust')
    expect(faust.files.shares.list()).to.deep.equal([])
    const again = await faust.files.shares.add(join(stage.dir, 'pictures'))
    expect(await faust.files.shares.current(again.id)).to.include({ state: 'current', publishedFiles: 2 })
  })
})
