/** Pages of results, lists of names, and queries that do not end. */

import { expect } from 'chai'
import { FrozenResults } from '../../../component/catalogue/frozen-results.js'
import { Readers } from '../../../component/catalogue/readers.js'
import { entry, ok, Stage } from './stage.js'

const me = 'gretchen@goethe.example'
const faust = 'faust@goethe.example'

describe('catalogue: pages and deadlines', function () {
  this.timeout(20_000)
  let stage: Stage
  let now = 0
  beforeEach(async () => {
    stage = new Stage()
    now = 0
    await stage.open({ monotonic: () => now })
  })
  afterEach(() => stage.end())

  it('pages of a search neither repeat nor skip while entries come and go, and end after two minutes', async () => {
    const files = Array.from({ length: 30 }, (_, n) => entry(`song ${n}.mp3`))
    const name = await stage.share(faust, files)
    const first = ok(await stage.catalogue.search(me, { words: 'song' }, 10))
    expect(first).to.include({ total: 30, first: 0 })
    const gone = first.items.slice(0, 3).map(({ value }) => value.path)
    ok(await stage.catalogue.publish(name, { seq: 2, adds: [entry('song song.mp3')], removes: gone }))
    const seen = first.items.map(({ value }) => value.path)
    for (let { items } = first as { items: { cursor: string }[] }; items.length > 0; ) {
      const page = ok(await stage.catalogue.searchPage(me, { after: items.at(-1)!.cursor }, 10))
      seen.push(...page.items.map(({ value }) => value.path))
      items = page.items
    }
    expect(seen).to.have.length(30)
    expect(new Set(seen)).to.deep.equal(new Set(files.map(({ path }) => path)))
    const back = ok(await stage.catalogue.searchPage(me, { before: first.items[5]!.cursor }, 2))
    expect(back.first).to.equal(3)
    expect(back.items.map(({ cursor }) => cursor)).to.deep.equal([
      first.items[3]!.cursor,
      first.items[4]!.cursor,
    ])
    // What has gone is left out of a page that was frozen with it.
    const again = ok(await stage.catalogue.searchPage(me, { result: first.result, index: 0 }, 10))
    expect(again.items).to.have.length(7)

    expect((await stage.catalogue.searchPage(faust, { after: first.items[0]!.cursor }, 10)).kind).to.equal(
      'not-found',
    )
    expect((await stage.catalogue.searchPage(me, { after: 'rubbish' }, 10)).kind).to.equal('not-found')
    now = 120_000
    expect((await stage.catalogue.searchPage(me, { after: first.items[0]!.cursor }, 10)).kind).to.equal(
      'not-found',
    )
  })

  it('browses a share as a tree, page by page, and lists peers', async () => {
    const name = await stage.share(
      faust,
      ['a/1', 'a/b/2', 'a/b/3', 'c/4', '5', '6', '7'].map((path) => entry(path)),
      { online: true },
    )
    await stage.share('wagner@goethe.example', [entry('x')])
    const seen: string[] = []
    for (let after: string | undefined = ''; after !== undefined; ) {
      const page: { items: { kind: string; name: string }[]; next?: string } = ok(
        await stage.catalogue.folder(me, name, '', after, 2),
      )
      seen.push(...page.items.map((item) => `${item.kind} ${item.name}`))
      after = page.next
    }
    expect(seen).to.deep.equal(['folder a', 'folder c', 'file 5', 'file 6', 'file 7'])
    expect(ok(await stage.catalogue.folder(me, name, 'a', '', 10)).items).to.deep.include({
      kind: 'folder',
      name: 'b',
      entries: 2,
    })
    expect((await stage.catalogue.folder(me, name, 'none', '', 10)).kind).to.equal('not-found')
    const peers = async (which: 'online' | 'offline' | 'all') =>
      ok(await stage.catalogue.peers(me, which, '', 10)).items.map(({ peer }) => peer)
    expect(await peers('online')).to.deep.equal([faust])
    expect(await peers('offline')).to.deep.equal(['wagner@goethe.example'])
    expect(await peers('all')).to.have.length(2)
    await stage.catalogue.allOffline()
    expect(await peers('online')).to.deep.equal([])
  })

  it('case 56: a query past its deadline is too slow, and all are answered however short the patience with their threads', async () => {
    await stage.share(
      faust,
      Array.from({ length: 1_000 }, (_, n) => entry(`song ${n}.mp3`)),
    )
    const slow = new Readers({ path: stage.path, threads: 1, deadline: -1, grace: 20_000 })
    expect(await slow.ask('search', me, { words: 'song' })).to.deep.equal({ kind: 'too-slow' })
    expect(slow.replaced).to.equal(0)
    await slow.close()
    // Its time is over before any thread could say a word.
    const silent = new Readers({ path: stage.path, threads: 1, deadline: 1, grace: 0 })
    const answers = await Promise.all(
      Array.from({ length: 3 }, () => silent.ask('search', me, { words: '' })),
    )
    expect(answers).to.have.length(3)
    await silent.close()
  })

  it('P16: what waits is bounded, altogether and for each asker', async () => {
    const readers = new Readers({ path: stage.path, threads: 1, maxWaitingPerAsker: 2, maxWaiting: 3 })
    const ask = (asker: string) => readers.ask('search', asker, { words: 'x' })
    const answers = await Promise.all([ask('a'), ask('a'), ask('a'), ask('b'), ask('c')])
    expect(answers.map((answer) => ('kind' in answer ? answer.kind : 'ok'))).to.deep.equal([
      'ok',
      'ok',
      'busy',
      'ok',
      'busy',
    ])
    await readers.close()
  })

  it('P16: frozen results are bounded: the oldest of an asker go first', () => {
    const frozen = new FrozenResults<number>(() => now)
    const ids = Array.from({ length: 20 }, () => frozen.freeze(me, [1, 2, 3]))
    expect(frozen.size).to.equal(8)
    expect(frozen.cut(me, { result: ids[0]!, index: 0 }, 5)).to.equal(undefined)
    expect(frozen.cut(me, { result: ids[19]!, index: 1 }, 5)).to.nested.include({
      total: 3,
      first: 1,
      'items[0].item': 2,
    })
    now = 120_000
    frozen.freeze(faust, [])
    expect(frozen.size).to.equal(1)
  })
})
