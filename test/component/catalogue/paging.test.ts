/** Pages of results, lists of names, and queries that do not end. */

import { expect } from 'chai'
import { FrozenResults } from '../../../component/catalogue/frozen-results.js'
import { Readers } from '../../../component/catalogue/readers.js'
import type { FileItem, FolderItem, Listing } from '../../../component/catalogue/values.js'
import { entry, ok, Stage } from './stage.js'

const me = 'gretchen@goethe.example'
const faust = 'faust@goethe.example'

describe('catalogue: pages and deadlines', function () {
  this.timeout(180_000)
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
    ok(
      await stage.catalogue.publish(name, { base: 1, seq: 2, adds: [entry('song song.mp3')], removes: gone }),
    )
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

  it('what is hidden since a result was frozen is on none of its pages, nor as another’s place of the same content (P11)', async () => {
    const nobody = { kind: 'nobody' } as const
    const { root } = entry('pact.txt')
    const name = await stage.share(faust, [entry('pact.txt', { root }), entry('pact two.txt')])
    const other = await stage.share('wagner@goethe.example', [entry('copy of a pact.txt', { root })])
    const first = ok(await stage.catalogue.search(me, { words: 'pact' }, 10))
    const sources = ok(await stage.catalogue.sources(me, root, 10))
    expect([first.items.length, sources.items.length]).to.deep.equal([2, 2])
    const pages = async () => {
      const hits = ok(await stage.catalogue.searchPage(me, { result: first.result, index: 0 }, 10))
      const has = ok(await stage.catalogue.sourcesPage(me, { result: sources.result, index: 0 }, 10))
      return [
        hits.items.map(({ value }) => [value.path, value.sources]),
        has.items.map(({ value }) => value.path),
      ]
    }
    ok(await stage.catalogue.openShare(name, { name: 'stuff', visibleTo: nobody, tags: [] }))
    expect(await pages()).to.deep.equal([[['copy of a pact.txt', 1]], ['copy of a pact.txt']])
    ok(await stage.catalogue.openShare(other, { name: 'stuff', visibleTo: nobody, tags: [] }))
    expect(await pages()).to.deep.equal([[], []])
  })

  it('browses a share as a tree, from either side, page by page, and all that is below a folder', async () => {
    const paths = ['a/1', 'a/b/2', 'a/b/3', 'c/4', '5', '6', '7']
    const name = await stage.share(faust, [...paths.map((path) => entry(path, { tags: ['t'] }))])
    const walk = async (way: 'after' | 'before', folder: string, isDeep: boolean) => {
      const seen: string[] = []
      for (let cursor: string | undefined = ''; cursor !== undefined; ) {
        const span = { [way]: cursor, max: 2 }
        const page: Listing<FolderItem | FileItem> = ok(
          await stage.catalogue.folder(me, name, folder, span, isDeep),
        )
        const found = page.items.map(({ value }) => `${value.kind} ${value.path}`)
        if (way === 'after') seen.push(...found)
        else seen.unshift(...found)
        cursor = page.isMore ? page.items.at(way === 'after' ? -1 : 0)!.cursor : undefined
      }
      return seen
    }
    const first = ['folder a', 'folder c', 'file 5', 'file 6', 'file 7']
    const all = ['file 5', 'file 6', 'file 7', 'file a/1', 'file a/b/2', 'file a/b/3', 'file c/4']
    for (const way of ['after', 'before'] as const) {
      expect(await walk(way, '', false)).to.deep.equal(first)
      expect(await walk(way, '', true)).to.deep.equal(all)
      expect(await walk(way, 'a', true)).to.deep.equal(['file 1', 'file b/2', 'file b/3'])
    }
    const { items } = ok(await stage.catalogue.folder(me, name, 'a', { max: 10 }))
    expect(items.map(({ value }) => value)).to.deep.include({ kind: 'folder', path: 'b', files: 2 })
    expect(items.map(({ value }) => value)).to.deep.include({
      ...{
        kind: 'file',
        path: '1',
        root: entry('a/1').root,
        size: 1_000,
        modified: 1_600_000_000,
        tags: ['t'],
      },
    })
    expect(ok(await stage.catalogue.folder(me, name, '', { max: 0 })).count).to.equal(5)
    expect(ok(await stage.catalogue.folder(me, name, 'a', { max: 0 }, true)).count).to.equal(3)
    expect((await stage.catalogue.folder(me, name, 'none', { max: 10 })).kind).to.equal('not-found')
    expect((await stage.catalogue.folder(me, name, '', { after: 'x', max: 1 }, true)).kind).to.equal(
      'not-found',
    )
  })

  it('lists peers by what of theirs may be seen, and a peer’s own shares with what only he may know', async () => {
    const wagner = 'wagner@goethe.example'
    const only = { kind: 'only', domains: ['hell.example'], peers: [faust] } as const
    await stage.share(faust, [entry('x'), entry('y')], { online: true })
    await stage.share(wagner, [entry('x', { size: 5 })], { visibleTo: only })
    await stage.share(wagner, [entry('z')], { device: 'phone', share: 'other' })
    const peers = async (asker: string, which: 'online' | 'offline' | 'all') =>
      ok(await stage.catalogue.peers(asker, which, { max: 10 })).items.map(({ value }) => value)
    expect(await peers(me, 'all')).to.deep.equal([
      { peer: faust, isOnline: true, shares: 1, files: 2, bytes: 2_000 },
      { peer: wagner, isOnline: false, shares: 1, files: 1, bytes: 1_000 },
    ])
    expect(await peers(faust, 'offline')).to.deep.equal([
      { peer: wagner, isOnline: false, shares: 2, files: 2, bytes: 1_005 },
    ])
    const before = ok(await stage.catalogue.peers(me, 'all', { before: '', max: 1 }))
    expect(before).to.include({ isMore: true }).and.to.have.nested.property('items[0].cursor', wagner)
    expect(ok(await stage.catalogue.peers(me, 'all', { max: 0 })).count).to.equal(2)
    await stage.catalogue.allOffline()
    expect(await peers(me, 'online')).to.deep.equal([])

    const shares = async (asker: string) =>
      ok(await stage.catalogue.shares(asker, wagner, { max: 10 })).items.map(({ value }) => value)
    const shown = { name: 'other', tags: [], files: 1, bytes: 1_000, isOnline: false }
    const other = { peer: wagner, device: 'phone', share: 'other', ...shown }
    expect(await shares(me)).to.deep.equal([other])
    const [, own] = await shares(wagner)
    expect(own).to.deep.include({ share: 'stuff', own: { seq: 1, visibleTo: only } })
  })

  it('case 56: a query past its deadline is too slow, and all are answered however short the patience with their threads', async () => {
    await stage.share(
      faust,
      Array.from({ length: 1_000 }, (_, n) => entry(`song ${n}.mp3`)),
    )
    const slow = new Readers({ path: stage.path, threads: 1, deadline: -1, grace: 20_000 })
    expect(await slow.ask('searchPage', me, { words: 'song' }, 1)).to.deep.equal({ kind: 'too-slow' })
    expect(slow.replaced).to.equal(0)
    await slow.close()
    // Its time is over before any thread could say a word.
    const silent = new Readers({ path: stage.path, threads: 1, deadline: 1, grace: 0 })
    const answers = await Promise.all(
      Array.from({ length: 3 }, () => silent.ask('searchPage', me, { words: 'song' }, 1)),
    )
    expect(answers).to.have.length(3)
    await silent.close()
  })

  it('P16: what waits is bounded, altogether and for each asker', async () => {
    const readers = new Readers({ path: stage.path, threads: 1, maxWaitingPerAsker: 2, maxWaiting: 3 })
    const ask = (asker: string) => readers.ask('searchPage', asker, { words: 'x' }, 1)
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

  it('a page of tags has none of which nothing may be seen any more (P11)', async () => {
    const peer = 'tagger@goethe.example'
    const name = await stage.share(peer, [entry('a', { tags: ['offen'] })], { share: 'one' })
    await stage.share(peer, [entry('b', { tags: ['geheim'] })], { share: 'two' })
    const asker = 'gretchen@goethe.example'
    const { result, total } = ok(await stage.catalogue.tags(asker, 0))
    const page = async () => {
      const answer = ok(await stage.catalogue.tagsPage(asker, { result, index: 0 }, 100))
      return { total: answer.total, tags: answer.items.map(({ value }) => value.tag) }
    }
    expect((await page()).tags).to.include.members(['offen', 'geheim'])
    ok(
      await stage.catalogue.openShare(
        { ...name, share: 'two' },
        { name: 'x', tags: [], visibleTo: { kind: 'nobody' } },
      ),
    )
    const after = await page()
    expect(after.total).to.equal(total)
    expect(after.tags).to.include('offen').and.not.include('geheim')
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
