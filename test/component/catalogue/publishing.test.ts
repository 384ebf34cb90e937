/** Publishing: numbered, idempotent, bounded, taken back; and what is kept when all ends. */

import Database from 'better-sqlite3'
import { expect } from 'chai'
import fc from 'fast-check'
import type { Entry } from '../../../component/catalogue/values.js'
import { entry, everybody, ok, rootOf, Stage } from './stage.js'

const me = 'gretchen@goethe.example'
const faust = 'faust@goethe.example'
const watch = (peer: string, watch: string) => ({ peer, device: 'laptop', watch })

describe('catalogue: publishing', function () {
  this.timeout(180_000)
  let stage: Stage
  beforeEach(() => {
    stage = new Stage()
  })
  afterEach(() => stage.end())

  it('applies a change that follows what it holds, once, and else says what it holds', async () => {
    await stage.open()
    const name = await stage.share(faust, [])
    const publish = async (base: number, seq: number, adds: Entry[], removes: string[] = []) =>
      ok(await stage.catalogue.publish(name, { base, seq, adds, removes }))
    expect(await publish(0, 7, [entry('a.txt'), entry('b/c.txt')])).to.include({ held: 7, isApplied: true })
    expect(await publish(0, 7, [entry('a.txt'), entry('b/c.txt')])).to.include({ held: 7, isApplied: false })
    for (const [base, seq] of [
      [0, 9],
      [8, 9],
      [6, 8],
    ] as const) {
      expect(await publish(base, seq, [entry('x.txt')])).to.include({ held: 7, isApplied: false })
    }
    expect(await publish(7, 8, [entry('d.txt')], ['a.txt', 'not there', '../x'])).to.include({ held: 8 })
    expect(await stage.paths(me, 'txt')).to.have.members(['b/c.txt', 'd.txt'])
    const change = { base: 0, seq: 1, adds: [], removes: [] }
    expect(await stage.catalogue.publish({ ...name, share: 'other' }, change)).to.deep.equal({
      kind: 'not-found',
    })
    expect(await stage.catalogue.publish({ ...name, device: 'new' }, change)).to.deep.equal({
      kind: 'unregistered',
    })
  })

  it('keeps a registration by its id, and begins anew without it; never another device’s', async () => {
    await stage.open()
    const name = await stage.share(faust, [entry('a.txt')])
    await stage.share(faust, [entry('b.txt')], { device: 'phone', share: 'other' })
    const { id } = ok(await stage.catalogue.registration(name))
    expect(id).to.match(/^[0-9a-f]{32}$/)
    const held = [{ share: 'stuff', seq: 1 }]
    expect(ok(await stage.catalogue.register(name, id))).to.deep.include({ id, ttl: 2_592_000, held })
    const settings = { name: 'Other', visibleTo: everybody, tags: [] }
    expect(await stage.catalogue.openShare({ ...name, share: 'other' }, settings)).to.deep.equal({
      kind: 'conflict',
    })
    const anew = ok(await stage.catalogue.register(name))
    expect(anew).to.deep.include({ held: [] })
    expect(anew.id).not.to.equal(id)
    expect(await stage.paths(me, 'txt')).to.deep.equal(['b.txt'])
    ok(await stage.catalogue.removePeer(faust))
    expect(await stage.paths(me, 'txt')).to.deep.equal([])
  })

  it('gives nobody the content of another who has another size or root under the same path', async () => {
    await stage.open()
    await stage.share('liar@goethe.example', [entry('a/x.txt', { size: 1 }), entry('a/y.txt')])
    await stage.share(faust, [entry('a/x.txt'), entry('a/y.txt', { root: rootOf('another') })])
    const found = await stage.find(me, 'a', { peer: faust })
    expect(found.map(({ path, root, size }) => [path, root, size])).to.have.deep.members([
      ['a/x.txt', rootOf('a/x.txt'), 1_000],
      ['a/y.txt', rootOf('another'), 1_000],
    ])
  })

  it('refuses bad entries whole: paths that leave, roots, sizes, tags', async () => {
    await stage.open()
    const name = await stage.share(faust, [])
    for (const bad of [
      entry('../x'),
      entry('/x'),
      entry('a//b'),
      entry('a/./b'),
      entry('a\0'),
      entry('\ud800'),
      entry('x'.repeat(300)),
      entry('x', { root: 'ff' }),
      entry('x', { size: -1 }),
      entry('x', { size: 2 ** 53 }),
      entry('x', { tags: ['x'.repeat(33)] }),
      entry('x', { modified: -1 }),
      entry('x', { mediaType: 'no type' }),
    ]) {
      const answer = await stage.catalogue.publish(name, {
        base: 0,
        seq: 1,
        adds: [entry('good'), bad],
        removes: [],
      })
      expect(answer.kind, bad.path).to.equal('bad-entry')
    }
    expect(ok(await stage.catalogue.held(name))).to.include({ held: 0 })
    // Characters are counted, not units.
    const long = { base: 0, seq: 1, adds: [entry('😀'.repeat(255))], removes: [] }
    expect(ok(await stage.catalogue.publish(name, long))).to.include({ held: 1 })
  })

  it('case 47: nobody has more entries, shares, devices or searches than the quota', async () => {
    await stage.open({
      quotas: { entriesPerPeer: 3, sharesPerDevice: 2, devicesPerPeer: 2, watchesPerDevice: 1 },
    })
    const name = await stage.share(faust, [entry('a'), entry('b')])
    const over = await stage.catalogue.publish(name, {
      base: 1,
      seq: 2,
      adds: [entry('c'), entry('d')],
      removes: [],
    })
    expect(over).to.deep.equal({ kind: 'quota', of: 'entries', used: 2, max: 3 })
    // Replacing and removing count.
    ok(
      await stage.catalogue.publish(name, {
        base: 1,
        seq: 2,
        adds: [entry('a'), entry('c'), entry('d')],
        removes: ['b'],
      }),
    )
    await stage.share(faust, [], { share: 'second' })
    const third = await stage.catalogue.openShare(
      { ...name, share: 'third' },
      { name: 'third', visibleTo: everybody, tags: [] },
    )
    expect(third).to.deep.equal({ kind: 'quota', of: 'shares', used: 2, max: 2 })
    await stage.catalogue.register({ peer: faust, device: 'phone' })
    for (const device of ['laptop', 'phone']) await stage.catalogue.attend({ peer: faust, device }, true)
    expect((await stage.catalogue.register({ peer: faust, device: 'tv' })).kind).to.equal('quota')
    ok(await stage.catalogue.saveSearch(watch(me, 'one'), { words: 'x' }))
    ok(await stage.catalogue.saveSearch(watch(me, 'one'), { words: 'y' }))
    expect((await stage.catalogue.saveSearch(watch(me, 'two'), { words: 'x' })).kind).to.equal('quota')
  })

  it('a peer’s further device takes the place of one that is away: that shares nothing, then of the one unseen for longest', async () => {
    let now = 0
    await stage.open({ quotas: { devicesPerPeer: 3 }, clock: () => ++now })
    const register = async (device: string) => (await stage.catalogue.register({ peer: faust, device })).kind
    const names = async () => (await stage.paths(me, 'txt')).sort()
    await stage.share(faust, [entry('laptop.txt')], { device: 'laptop', share: 'a' })
    await stage.share(faust, [entry('tv.txt')], { device: 'tv', share: 'b' })
    await register('phone')
    // He is another: nothing of his gives way.
    await stage.share('martha@goethe.example', [entry('martha.txt')])
    await stage.share(faust, [entry('pad.txt')], { device: 'pad', share: 'c' })
    expect(await names()).to.deep.equal(['laptop.txt', 'martha.txt', 'pad.txt', 'tv.txt'])
    await stage.catalogue.attend({ peer: faust, device: 'laptop' }, false)
    expect(await register('phone')).to.equal('ok')
    expect(await names()).to.deep.equal(['laptop.txt', 'martha.txt', 'pad.txt'])
    for (const device of ['laptop', 'pad', 'phone'])
      await stage.catalogue.attend({ peer: faust, device }, true)
    expect(await register('tv')).to.equal('quota')
    expect(await names()).to.deep.equal(['laptop.txt', 'martha.txt', 'pad.txt'])
  })

  it('a device taken back is unseen at once, and its rows are gone a little later; others stay', async () => {
    await stage.open()
    const many = Array.from({ length: 950 }, (_, n) => entry(`f${n % 7}/g/file${n}.txt`, { tags: ['t'] }))
    const name = await stage.share(faust, many)
    await stage.share(faust, [entry('file.txt')], { device: 'phone', share: 'other' })
    ok(await stage.catalogue.unregister(name))
    expect(await stage.paths(me, 'txt')).to.deep.equal(['file.txt'])
    for (let entries = 951; entries > 1; )
      entries = ((await stage.catalogue.statistics()) as { entries: number }).entries
    await stage.catalogue.close()
    const db = new Database(stage.path)
    for (const [table, rows] of [
      ['entry', 1],
      ['path', 1],
      ['content', 1],
      ['folder', 1],
      ['share_folder', 0],
      ['entry_tag', 0],
    ] as const) {
      expect(db.prepare(`select count(*) from ${table}`).pluck().get(), table).to.equal(rows)
    }
    expect(db.pragma('integrity_check', { simple: true })).to.equal('ok')
    db.close()
    await stage.open()
  })

  it('who took everything back, and is gone to the last row, comes again and is found', async () => {
    await stage.open()
    const name = await stage.share(faust, [entry('a song.mp3')])
    ok(await stage.catalogue.unregister(name))
    for (let peers = 1; peers > 0; ) {
      peers = ((await stage.catalogue.statistics()) as { peers: number }).peers
    }
    await stage.share(faust, [entry('a song.mp3')])
    expect(await stage.paths(me, 'song')).to.deep.equal(['a song.mp3'])
    await stage.catalogue.block(faust, [me])
    await stage.catalogue.close()
    await stage.open()
    expect(await stage.paths(me, 'song')).to.deep.equal([])
    expect(await stage.paths(faust, 'song')).to.deep.equal(['a song.mp3'])
  })

  it('what was answered is there after opening again, with nobody online; registrations expire', async () => {
    let now = 1_000_000
    await stage.open({ clock: () => now })
    const name = await stage.share(faust, [entry('a.txt')], { online: true })
    expect(await stage.paths(me, 'txt', { online: true })).to.deep.equal(['a.txt'])
    await stage.catalogue.close()
    await stage.open({ clock: () => now })
    expect(await stage.paths(me, 'txt')).to.deep.equal(['a.txt'])
    expect(await stage.paths(me, 'txt', { online: true })).to.deep.equal([])
    expect(ok(await stage.catalogue.held(name))).to.include({ held: 1 })
    now += 29 * 86_400_000
    ok(await stage.catalogue.attend(name, true))
    now += 29 * 86_400_000
    await stage.catalogue.expire()
    expect(await stage.paths(me, 'txt')).to.deep.equal(['a.txt'])
    now += 2 * 86_400_000
    await stage.catalogue.expire()
    expect(await stage.paths(me, 'txt')).to.deep.equal([])
  })

  it('holds what a simple model holds, whatever is added, replaced and removed', async () => {
    await stage.open()
    const name = await stage.share(faust, [])
    const model = new Map<string, string>()
    let seq = 0
    const path = fc.constantFrom('a', 'b', 'x/a', 'x/b', 'x/y/a', 'x/y/z/b', 'w/a')
    const change = fc.record({
      adds: fc.array(
        fc.record({ path, content: fc.constantFrom('1', '2', '3'), tag: fc.constantFrom('t', 'u') }),
        { maxLength: 5 },
      ),
      removes: fc.array(path, { maxLength: 5 }),
    })
    await fc.assert(
      fc.asyncProperty(change, async ({ adds, removes }) => {
        const entries = adds.map(({ path, content, tag }) =>
          entry(path, { root: rootOf(content), tags: [tag] }),
        )
        const answer = ok(
          await stage.catalogue.publish(name, { base: seq, seq: ++seq, adds: entries, removes }),
        )
        for (const path of removes) model.delete(path)
        for (const { path, content } of adds) model.set(path, content)
        expect(answer.isApplied).to.equal(true)
        const walk = async (folder: string): Promise<string[]> => {
          const { items } = ok(await stage.catalogue.folder(me, name, folder, { max: 100 }))
          const found = await Promise.all(
            items.map(async ({ value: item }) => {
              const path = folder === '' ? item.path : `${folder}/${item.path}`
              if (item.kind === 'file') return [`${path} ${item.root}`]
              const below = await walk(path)
              expect(below).to.have.length(item.files)
              return below
            }),
          )
          return found.flat()
        }
        expect((await walk('')).sort()).to.deep.equal(
          [...model].map(([path, content]) => `${path} ${rootOf(content)}`).sort(),
        )
        const tags = ok(await stage.catalogue.tags(me, 10)).items
        expect(tags.reduce((sum, { value }) => sum + value.files, 0)).to.equal(model.size)
        const { items } = ok(await stage.catalogue.shares(faust, faust, { max: 9 }))
        expect(items[0]!.value).to.include({ files: model.size, bytes: 1_000 * model.size })
      }),
      { numRuns: 60, endOnFailure: true },
    )
  })
})
