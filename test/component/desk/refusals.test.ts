/** What the catalogue refuses, and how (docs/catalogue.md, "Errors", "Limits"); who may use it at all. */

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import {
  askDiscoInfo,
  askTime,
  formOf,
  nsCatalogue,
  nsTime,
  parseXml,
  readDiscoInfo,
  readTime,
} from '../../../schemas/index.js'
import { refusalOf, Stage } from '../stage.js'
import { everybody, file, Person, words } from './asking.js'

const folder = (id: string) => ({ id, name: 'x', tags: [], visibility: everybody })
const change = (share: string, base: number, seq: number, paths: string[] = []) => ({
  share,
  base,
  seq,
  removes: [],
  adds: paths.map((path) => file(path)),
})

describe('the catalogue refuses', () => {
  let stage: Stage
  let faust: Person

  before(async () => {
    stage = await Stage.open({
      catalogue: { entriesPerPeer: 20, changing: { perSecond: 1_000, burst: 1_000 } },
    })
    faust = await Person.at(stage, 'faust')
  })
  after(() => stage?.close())

  it('every question of a device that is not logged in', async () => {
    const stranger = new Person(await stage.client('gretchen'))
    for (const asked of [
      stranger.refused('search', words('x')),
      stranger.refused('register', {}),
      stranger.refused('publish', change('Bilder-01', 0, 1)),
      stranger.refused('watch', { id: 'w', ...words('x') }),
    ]) {
      expect(await asked).to.equal('unexpected-request/wait login-required')
    }
  })

  it('what cannot be read, with the place', async () => {
    const ask = (xml: string, type: 'get' | 'set') =>
      refusalOf(faust.device.ask(parseXml(xml.replace('>', ` xmlns='${nsCatalogue}'>`)), type))
    expect(await ask("<share id='short' name='x'><everybody/></share>", 'set')).to.equal(
      'bad-request/modify field share/@id',
    )
    expect(await ask('<search><online/></search>', 'get')).to.equal('bad-request/modify field search/words')
    expect(await ask("<publish share='Bilder-01' base='2' seq='1'></publish>", 'set')).to.equal(
      'bad-request/modify field publish/@seq',
    )
    expect(await ask("<dance partner='x'></dance>", 'set')).to.equal(
      'feature-not-implemented/cancel unsupported-version',
    )
    // What is asked by the wrong kind of IQ is no question.
    expect(await ask("<peers which='all'></peers>", 'set')).to.equal(
      'feature-not-implemented/cancel unsupported-version',
    )
  })

  it('to share and to publish without a registration, and what is not there', async () => {
    expect(await faust.refused('share', folder('Bilder-01'))).to.equal('unexpected-request/wait')
    expect(await faust.refused('publish', change('Bilder-01', 0, 1))).to.equal('unexpected-request/wait')
    await faust.ask('register', {})
    expect(await faust.refused('publish', change('Bilder-01', 0, 1))).to.equal('item-not-found/cancel')
    expect(await faust.refused('unshare', { id: 'Bilder-01' })).to.equal('item-not-found/cancel')
    expect(await faust.refused('unwatch', { id: 'w1' })).to.equal('item-not-found/cancel')
    expect(await faust.refused('sources', { root: file('x').root })).to.equal('item-not-found/cancel')
  })

  it('a share of another device of the same peer', async () => {
    await faust.share('Bilder-01', [file('a')])
    const phone = await Person.at(stage, 'faust')
    await phone.ask('register', {})
    expect(await phone.refused('share', folder('Bilder-01'))).to.equal('conflict/cancel')
    expect(await phone.refused('unshare', { id: 'Bilder-01' })).to.equal('item-not-found/cancel')
    expect(await phone.refused('publish', change('Bilder-01', 1, 2))).to.equal('item-not-found/cancel')
    await phone.ask('unregister', {})
    expect(await faust.find('a', { peer: faust.jid })).to.deep.equal(['a'])
  })

  it('more shares, entries and watches than there may be, and keeps what is there (case 47)', async () => {
    const paths = Array.from({ length: 20 }, (_, at) => `x${at}`)
    expect(await faust.refused('publish', change('Bilder-01', 1, 2, paths))).to.equal(
      'resource-constraint/wait quota',
    )
    expect(await faust.find('a', { peer: faust.jid })).to.deep.equal(['a'])
    await faust.ask('publish', change('Bilder-01', 1, 2, paths.slice(1)))
    for (let at = 2; at <= 64; at++) await faust.ask('share', folder(`Bilder-${String(at).padStart(2, '0')}`))
    expect(await faust.refused('share', folder('Bilder-65'))).to.equal('resource-constraint/wait quota')
    for (let at = 0; at < 32; at++) await faust.ask('watch', { id: `w${at}`, ...words(`wort${at}`) })
    expect(await faust.refused('watch', { id: 'w32', ...words('wort') })).to.equal(
      'resource-constraint/wait quota',
    )
    // One that is there may be said again.
    await faust.ask('watch', { id: 'w0', ...words('ein anderes wort') })
    expect((await faust.ask('watches', {})).watches).to.have.lengthOf(32)
  })

  it('a publication of more than its bytes', async () => {
    const paths = Array.from({ length: 60 }, (_, at) => `${'sehr lang '.repeat(10)}${at}`)
    expect(await faust.refused('publish', change('Bilder-01', 2, 3, paths))).to.equal(
      'policy-violation/modify stanza-too-big',
    )
  })

  it('further media types of somebody who made up many, and says of how many files; these are there', async () => {
    const mephisto = await Person.at(stage, 'mephisto')
    await mephisto.ask('register', {})
    await mephisto.share('Typen-01', [])
    const publish = (n: number) => {
      const adds = Array.from({ length: 16 }, (_, at) => file(`typ${at}`, { type: `x/y${n * 16 + at}` }))
      return mephisto.ask('publish', { ...change('Typen-01', n, n + 1), adds })
    }
    for (let n = 0; n < 32; n++) expect((await publish(n)).less).to.equal(undefined)
    expect(await publish(32)).to.include({ seq: 33, less: 16 })
    expect(await faust.find('typ7')).to.deep.equal(['typ7'])
  })

  it('30,000 siblings and 1,000 attributes, and the stream stays (case 28, P16)', async () => {
    const many = `<publish xmlns='${nsCatalogue}' share='Bilder-01' base='2' seq='3'>`
    const siblings = `${many}${'<a/>'.repeat(30_000)}</publish>`
    expect(await refusalOf(faust.device.ask(parseXml(siblings, wide), 'set'))).to.equal(
      'policy-violation/modify stanza-too-big',
    )
    const attributes = Array.from({ length: 1_000 }, (_, at) => `a${at}='1'`).join(' ')
    const wideOne = `<search xmlns='${nsCatalogue}' ${attributes}><words>x</words></search>`
    expect(await refusalOf(faust.device.ask(parseXml(wideOne, wide), 'get'))).to.equal(
      'policy-violation/modify stanza-too-big',
    )
    expect(await faust.find('a', { peer: faust.jid })).to.deep.equal(['a'])
  })
})

const wide = { length: 1_000_000, depth: 8, elements: 100_000, attributes: 2_000 }

describe('who may use the catalogue', () => {
  let stage: Stage
  afterEach(() => stage?.close())

  it('is told of it with its limits; others are refused, and not told (XEP-0030, 0128, 0202)', async () => {
    stage = await Stage.open({ catalogue: { users: ['elsewhere.example', 'faust@localhost'] } })
    const faust = await Person.at(stage, 'faust')
    const mephisto = await Person.at(stage, 'mephisto')
    const disco = async ({ device }: Person) => readDiscoInfo((await device.ask(askDiscoInfo(), 'get'))!)
    expect((await disco(faust)).features)
      .to.include(nsCatalogue)
      .and.to.include(nsTime)
    expect(formOf(await disco(faust), nsCatalogue)).to.deep.include({
      'max-entries': ['500000'],
      'max-shares': ['64'],
      'max-publication': ['8192'],
    })
    expect((await disco(mephisto)).features).not.to.include(nsCatalogue)
    expect(formOf(await disco(mephisto), nsCatalogue)).to.equal(undefined)
    expect(await mephisto.refused('search', words('x'))).to.equal('forbidden/auth')
    expect(await mephisto.refused('register', {})).to.equal('forbidden/auth')
    expect(await faust.find('x')).to.deep.equal([])
    const time = readTime((await faust.device.ask(askTime(), 'get'))!)
    expect(Math.abs(time.getTime() - Date.now())).to.be.lessThan(60_000)
  })

  it('asks and changes only so often, and the others do not feel it (cases 43 and 45, P17)', async () => {
    const few = { perSecond: 1, burst: 3 }
    stage = await Stage.open({ catalogue: { asking: few, changing: few } })
    const faust = await Person.at(stage, 'faust')
    const mephisto = await Person.at(stage, 'mephisto')
    await mephisto.ask('register', {})
    await mephisto.ask('share', folder('Bilder-01'))
    const flood = await Promise.all(
      Array.from({ length: 200 }, (_, at) =>
        at % 2 ? faust.refused('search', words('x')) : faust.refused('register', {}),
      ),
    )
    const counted = (answer: string) => flood.filter((each) => each === answer).length
    expect(counted('result')).to.be.within(6, 60)
    expect(counted('result') + counted('policy-violation/wait retry')).to.equal(200)
    await mephisto.ask('publish', change('Bilder-01', 0, 1, ['ruhe.txt']))
    expect(await mephisto.find('ruhe')).to.deep.equal(['ruhe.txt'])
  })

  it('has nothing from it any more when the operator changes the rule', async () => {
    stage = await Stage.open()
    const faust = await Person.at(stage, 'faust')
    await faust.ask('register', {})
    await faust.share('Bilder-01', [file('faust.txt')])
    await faust.ask('watch', { id: 'w1', ...words('gretchen') })
    await stage.component.stop()
    Object.assign(stage.config, { catalogue: { users: ['gretchen@localhost'] } })
    await stage.startComponent()
    await faust.device.logIn()
    const gretchen = await Person.at(stage, 'gretchen')
    await gretchen.ask('register', {})
    await gretchen.share('Bilder-02', [file('gretchen.txt')])
    expect(await faust.refused('search', words('gretchen'))).to.equal('forbidden/auth')
    expect((await gretchen.ask('peers', { which: 'online' })).peers).to.have.lengthOf(1)
    // A notice would have been said before the answers to these questions.
    expect(faust.matches.untaken).to.equal(0)
    expect(await gretchen.find('faust')).to.deep.equal([])
    expect((await gretchen.ask('peers', { which: 'all' })).peers).to.have.lengthOf(1)
  })

  it('may ask a few dozen things at once', async () => {
    stage = await Stage.open()
    const faust = await Person.at(stage, 'faust')
    const answers = await Promise.all(
      Array.from({ length: 36 }, (_, at) => faust.refused('search', words(`wort${at}`))),
    )
    expect(new Set(answers)).to.deep.equal(new Set(['result']))
  })

  it('finds nothing after the database was damaged, and publishes again (case 59)', async () => {
    stage = await Stage.open()
    let faust = await Person.at(stage, 'faust')
    const { id } = await faust.ask('register', {})
    await faust.share('Bilder-01', [file('faust.txt')])
    await stage.component.stop()
    writeFileSync(join(stage.state, 'catalogue.sqlite'), Buffer.alloc(65_536, 'damage'))
    await stage.startComponent()
    faust = await Person.at(stage, 'faust', faust.device.id)
    const { held } = await faust.ask('register', { id })
    if (held.length === 0) await faust.share('Bilder-01', [file('faust.txt')])
    expect(await faust.find('faust')).to.deep.equal(['faust.txt'])
  })
})
