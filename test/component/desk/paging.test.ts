/** Pages on the stream: full by bytes, neither repeating nor skipping, with marks that are for one asker only. */

import { expect } from 'chai'
import { Marks } from '../../../component/desk/marks.js'
import { bytesOf } from '../../../schemas/catalogue/page.js'
import {
  type Element,
  type PageGiven,
  type PageWanted,
  pageBytes,
  pageBytesInLines,
  type QuestionName,
  type QuestionValues,
  questions,
} from '../../../schemas/index.js'
import type { Refused } from '../../../wire/index.js'
import { Stage } from '../stage.js'
import { file, Person, words } from './asking.js'

interface Paged {
  page: PageGiven
  [items: string]: unknown
}

describe('pages of the catalogue', () => {
  let stage: Stage
  let faust: Person
  let mephisto: Person
  const count = 230
  const name = (at: number) => `ordner/lied nummer ${String(at).padStart(3, '0')} von der liebe.mp3`

  before(async () => {
    stage = await Stage.open()
    faust = await Person.at(stage, 'faust')
    mephisto = await Person.at(stage, 'mephisto')
    await faust.ask('register', {})
    await faust.ask('share', {
      id: 'Lieder-01',
      name: 'Lieder',
      tags: ['lied'],
      visibility: { kind: 'everybody' },
    })
    for (let at = 0; at < count; at += 50) {
      const some = Array.from({ length: Math.min(50, count - at) }, (_, index) => file(name(at + index)))
      const seq = at / 50 + 1
      await faust.ask('publish', { share: 'Lieder-01', base: seq - 1, seq, removes: [], adds: some })
    }
  })
  after(() => stage?.close())

  /** All pages from one end to the other, each checked for its bytes. */
  async function walk<N extends QuestionName>(
    ask: N,
    value: (page: PageWanted) => QuestionValues[N],
    items: string,
    way: 'after' | 'before' = 'after',
  ): Promise<unknown[][]> {
    const pages: unknown[][] = []
    let page: PageWanted = way === 'after' ? { max: 100 } : { max: 100, before: '' }
    for (;;) {
      const { type, ask: codec } = questions[ask] as { type: 'get'; ask: { write(value: unknown): Element } }
      const payload = (await mephisto.device.ask(codec.write(value(page)), type))!
      const isInLines = 'lines' in value(page)
      expect(bytesOf(payload)).to.be.at.most(isInLines ? pageBytesInLines - 250 : pageBytes)
      const answer = (await mephisto.ask(ask, value(page))) as Paged
      const got = answer[items] as unknown[]
      if (got.length === 0) return pages
      pages.push(got)
      const { first, last } = answer.page
      page = way === 'after' ? { max: 100, after: last! } : { max: 100, before: first!.mark }
    }
  }
  const paths = (pages: unknown[][]) => pages.flat().map((item) => (item as { path: string }).path)

  it('of a search are cut by bytes and give each result once, forwards and backwards', async () => {
    const forwards = await walk('search', (page) => words('liebe', { page }), 'hits')
    expect(forwards.length).to.be.greaterThan(4)
    expect(new Set(paths(forwards)).size).to.equal(count)
    expect(paths(forwards)).to.have.lengthOf(count)
    const backwards = await walk('search', (page) => words('liebe', { page }), 'hits', 'before')
    expect(paths(backwards.reverse())).to.deep.equal(paths(forwards))
  })

  it('of a folder are cut by bytes and give each file once, forwards, backwards and deep', async () => {
    const inside = (page: PageWanted, deep = false) => ({
      peer: faust.jid,
      share: 'Lieder-01',
      ...(deep ? {} : { path: 'ordner' }),
      deep,
      page,
    })
    const forwards = paths(await walk('browse', (page) => inside(page), 'files'))
    expect(forwards).to.deep.equal(Array.from({ length: count }, (_, at) => name(at).slice('ordner/'.length)))
    const backwards = paths((await walk('browse', (page) => inside(page), 'files', 'before')).reverse())
    expect(backwards).to.deep.equal(forwards)
    const deep = paths(await walk('browse', (page) => inside(page, true), 'files'))
    expect(deep).to.deep.equal(Array.from({ length: count }, (_, at) => name(at)))
  })

  it('are the same in lines, for who asks for lines (case 34)', async () => {
    const found = paths(await walk('search', (page) => words('liebe', { page }), 'hits'))
    const lines = (page: PageWanted) => words('liebe', { page, lines: true })
    expect(paths(await walk('search', lines, 'lines'))).to.deep.equal(found)
    expect(paths((await walk('search', lines, 'lines', 'before')).reverse())).to.deep.equal(found)
    const { hits } = await mephisto.ask('search', words('liebe', { page: { max: 3 } }))
    const three = await mephisto.ask('search', lines({ max: 3 }))
    expect(three.lines).to.deep.equal(hits)
    expect(three.hits).to.deep.equal([])

    const first = { peer: faust.jid, share: 'Lieder-01', lines: true }
    const { lines: folders } = await mephisto.ask('browse', { ...first, deep: false })
    expect(folders).to.deep.equal([{ path: 'ordner', files: count }])
    const inside = (page: PageWanted) => ({ ...first, path: 'ordner', deep: false, page })
    const forwards = paths(await walk('browse', inside, 'lines'))
    expect(forwards).to.deep.equal(Array.from({ length: count }, (_, at) => name(at).slice('ordner/'.length)))
    expect(paths((await walk('browse', inside, 'lines', 'before')).reverse())).to.deep.equal(forwards)
  })

  it('say how many there are, of which `max` 0 asks for no more', async () => {
    const { hits, page } = await mephisto.ask('search', words('liebe', { page: { max: 0 } }))
    expect({ hits, page }).to.deep.equal({ hits: [], page: { count } })
    const two = await mephisto.ask('search', words('liebe', { page: { max: 2 } }))
    expect(two.hits).to.have.lengthOf(2)
    expect(two.page).to.deep.include({ count })
    expect(two.page.first.index).to.equal(0)
    const peers = await mephisto.ask('peers', { which: 'all', page: { max: 0 } })
    expect(peers).to.deep.equal({ peers: [], page: { count: 1 } })
  })

  it('of a search stay as they were found while entries come and go', async () => {
    const first = await mephisto.ask('search', words('liebe', { page: { max: 10 } }))
    const second = await mephisto.ask('search', words('liebe', { page: { max: 10, after: first.page.last } }))
    const gone = second.hits.map(({ path }: { path: string }) => path)
    const adds = [file('liebe.mp3')]
    await faust.ask('publish', { share: 'Lieder-01', base: 5, seq: 6, removes: gone, adds })
    // All of the next page has gone: what follows it is given instead, and nothing is given twice.
    const next = await mephisto.ask('search', words('liebe', { page: { max: 10, after: first.page.last } }))
    expect(next.page.first.index).to.equal(20)
    expect(next.hits).to.have.lengthOf(10)
    const all = [...first.hits, ...next.hits].map(({ path }: { path: string }) => path)
    expect(new Set(all).size).to.equal(20)
    expect(all).not.to.include('liebe.mp3')
    const before = { max: 10, before: next.page.first.mark }
    const back = await mephisto.ask('search', words('liebe', { page: before }))
    expect(back.hits).to.deep.equal(first.hits)
    await faust.ask('publish', {
      share: 'Lieder-01',
      base: 6,
      seq: 7,
      removes: ['liebe.mp3'],
      adds: gone.map((path: string) => file(path)),
    })
  })

  it('take a mark only from whom it was given to, and no rubbish', async () => {
    const { page } = await mephisto.ask('search', words('liebe', { page: { max: 1 } }))
    const turn = (person: Person, mark: string) =>
      person.refused('search', words('liebe', { page: { after: mark } }))
    expect(await turn(mephisto, page.last)).to.equal('result')
    expect(await turn(faust, page.last)).to.equal('item-not-found/cancel')
    for (const mark of ['x', '0', `${'0'.repeat(24)}-1`, `${page.last}x`, "' or 1=1 --"]) {
      expect(await turn(mephisto, mark), mark).to.equal('item-not-found/cancel')
    }
    const peers = (mark: string) => mephisto.refused('peers', { which: 'all', page: { after: mark } })
    expect(await peers('rubbish')).to.equal('item-not-found/cancel')
    expect(await peers("p' or 1=1 --")).to.equal('item-not-found/cancel')
  })

  it('go on behind paths that are longer than a mark', async () => {
    const long = (at: number) => `${'tief/'.repeat(30)}${at}${'ü'.repeat(200)}.txt`
    await faust.share(
      'Tiefe-01',
      Array.from({ length: 6 }, (_, at) => file(long(at))),
    )
    const below = (page: PageWanted) => ({ peer: faust.jid, share: 'Tiefe-01', deep: true, page })
    const first = await mephisto.ask('browse', below({ max: 2 }))
    expect(first.page.last.length).to.be.at.most(300)
    const second = await mephisto.ask('browse', below({ max: 2, after: first.page.last }))
    expect([...first.files, ...second.files].map(({ path }: { path: string }) => path)).to.deep.equal(
      [0, 1, 2, 3].map(long),
    )
    const all = paths(await walk('browse', below, 'files'))
    expect(all).to.deep.equal([0, 1, 2, 3, 4, 5].map(long))
  })
})

describe('a mark of an ordered list', () => {
  const refused = (work: () => unknown) => {
    try {
      work()
    } catch (error) {
      return (error as Refused).condition
    }
    return 'result'
  }

  it('stands for its place, and for one that is too long only with its asker, for a while (P16)', () => {
    const marks = new Marks()
    const long = 'x'.repeat(2_000)
    expect(marks.placeOf('faust', marks.show('faust', 'ein ort'))).to.equal('ein ort')
    const mark = marks.show('faust', long)
    expect(mark.length).to.be.at.most(300)
    expect(marks.placeOf('faust', mark)).to.equal(long)
    expect(refused(() => marks.placeOf('mephisto', mark))).to.equal('item-not-found')
    for (let at = 0; at < 100; at++) marks.show('faust', long + at)
    expect(marks.size).to.be.at.most(64)
    expect(refused(() => marks.placeOf('faust', mark))).to.equal('item-not-found')
    for (let at = 0; at < 20_000; at++) marks.show(`peer ${at}`, long)
    expect(marks.size).to.be.at.most(8_192)
  })
})
