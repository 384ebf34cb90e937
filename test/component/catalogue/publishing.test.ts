/** Publishing: numbered, idempotent, bounded, taken back; and what is kept when all ends. */

import { writeFileSync } from 'node:fs'
import Database from 'better-sqlite3'
import { expect } from 'chai'
import fc from 'fast-check'
import type { Match } from '../../../component/catalogue/values.js'
import { entry, everybody, ok, rootOf, Stage } from './stage.js'

const me = 'gretchen@goethe.example'
const faust = 'faust@goethe.example'

describe('catalogue: publishing', function () {
  this.timeout(20_000)
  let stage: Stage
  beforeEach(() => {
    stage = new Stage()
  })
  afterEach(() => stage.end())

  it('applies a change once, says which it holds, and refuses one out of order', async () => {
    await stage.open()
    const name = await stage.share(faust, [])
    const change = { seq: 1, adds: [entry('a.txt'), entry('b/c.txt')], removes: [] }
    expect(ok(await stage.catalogue.publish(name, change))).to.include({
      held: 1,
      entries: 2,
      isRepeat: false,
    })
    expect(ok(await stage.catalogue.publish(name, change))).to.include({
      held: 1,
      entries: 2,
      isRepeat: true,
    })
    expect(await stage.catalogue.publish(name, { ...change, seq: 3 })).to.deep.equal({ kind: 'gap', held: 1 })
    const second = { seq: 2, adds: [entry('d.txt')], removes: ['a.txt', 'not there', '../x'] }
    expect(ok(await stage.catalogue.publish(name, second))).to.include({ held: 2, entries: 2 })
    expect(await stage.paths(me, 'txt')).to.have.members(['b/c.txt', 'd.txt'])
    expect(await stage.catalogue.publish({ ...name, share: 'other' }, change)).to.deep.equal({
      kind: 'not-found',
    })
    // From the start again.
    expect(
      ok(await stage.catalogue.openShare(name, { audience: everybody, tags: [] }, { restart: true })),
    ).to.include({ held: 0 })
    expect(await stage.paths(me, 'txt')).to.deep.equal([])
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
      entry('x', { tags: ['x'.repeat(65)] }),
      entry('x', { mediaType: 'no type' }),
    ]) {
      const answer = await stage.catalogue.publish(name, { seq: 1, adds: [entry('good'), bad], removes: [] })
      expect(answer.kind, bad.path).to.equal('bad-entry')
    }
    expect(ok(await stage.catalogue.held(name))).to.include({ held: 0, entries: 0 })
  })

  it('case 47: nobody has more entries, shares, devices or searches than the quota', async () => {
    await stage.open({
      quotas: { entriesPerPeer: 3, sharesPerDevice: 2, devicesPerPeer: 2, searchesPerPeer: 1 },
    })
    const name = await stage.share(faust, [entry('a'), entry('b')])
    const over = await stage.catalogue.publish(name, { seq: 2, adds: [entry('c'), entry('d')], removes: [] })
    expect(over).to.deep.equal({ kind: 'quota', of: 'entries', used: 2, max: 3 })
    // Replacing and removing count.
    ok(
      await stage.catalogue.publish(name, {
        seq: 2,
        adds: [entry('a'), entry('c'), entry('d')],
        removes: ['b'],
      }),
    )
    await stage.share(faust, [], { share: 'second' })
    const third = await stage.catalogue.openShare(
      { ...name, share: 'third' },
      { audience: everybody, tags: [] },
    )
    expect(third).to.deep.equal({ kind: 'quota', of: 'shares', used: 2, max: 2 })
    await stage.catalogue.register({ peer: faust, device: 'phone' })
    expect((await stage.catalogue.register({ peer: faust, device: 'tv' })).kind).to.equal('quota')
    ok(await stage.catalogue.saveSearch(me, 'one', { words: 'x' }))
    ok(await stage.catalogue.saveSearch(me, 'one', { words: 'y' }))
    expect((await stage.catalogue.saveSearch(me, 'two', { words: 'x' })).kind).to.equal('quota')
  })

  it('a device taken back is unseen at once, and its rows are gone a little later; others stay', async () => {
    await stage.open()
    const many = Array.from({ length: 950 }, (_, n) => entry(`f${n % 7}/g/file${n}.txt`, { tags: ['t'] }))
    const name = await stage.share(faust, many)
    await stage.share(faust, [entry('file.txt')], { device: 'phone' })
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

  it('what was answered is there after opening again, with nobody online; registrations expire', async () => {
    let now = 1_000_000
    await stage.open({ clock: () => now })
    const name = await stage.share(faust, [entry('a.txt')], { online: true })
    expect(await stage.paths(me, 'txt', { online: true })).to.deep.equal(['a.txt'])
    await stage.catalogue.close()
    await stage.open({ clock: () => now })
    expect(await stage.paths(me, 'txt')).to.deep.equal(['a.txt'])
    expect(await stage.paths(me, 'txt', { online: true })).to.deep.equal([])
    expect(ok(await stage.catalogue.held(name))).to.include({ held: 1, entries: 1 })
    now += 29 * 86_400_000
    ok(await stage.catalogue.attend(name, true))
    now += 29 * 86_400_000
    await stage.catalogue.expire()
    expect(await stage.paths(me, 'txt')).to.deep.equal(['a.txt'])
    now += 2 * 86_400_000
    await stage.catalogue.expire()
    expect(await stage.paths(me, 'txt')).to.deep.equal([])
  })

  it('case 59: a damaged file is set aside, and peers are to publish again', async () => {
    await stage.open()
    const name = await stage.share(faust, [entry('a.txt')])
    await stage.catalogue.close()
    writeFileSync(stage.path, Buffer.alloc(8_192, 'x'))
    const catalogue = await stage.open()
    expect(catalogue.setAside).to.equal(`${stage.path}.damaged-1`)
    expect(await catalogue.held(name)).to.deep.equal({ kind: 'not-found' })
  })

  it('case 61: a catalogue of a newer version is refused', async () => {
    await stage.open()
    await stage.catalogue.close()
    const db = new Database(stage.path)
    db.pragma('user_version = 99')
    db.close()
    const error = await stage.open().catch((error: unknown) => error)
    expect(error).to.have.property('code', 'state-newer')
  })

  it('a saved search tells of what is new, to those who may see it', async () => {
    const told: Match[] = []
    await stage.open({ onMatch: (match) => told.push(match) })
    ok(await stage.catalogue.saveSearch(me, 'love', { words: 'love song', minSize: 10 }))
    ok(await stage.catalogue.saveSearch(me, 'part', { words: '*ove' }))
    ok(await stage.catalogue.saveSearch(faust, 'mine', { words: 'love' }))
    await stage.share(faust, [entry('love song.mp3'), entry('hate song.mp3'), entry('x.mp3', { size: 1 })])
    expect(told.map(({ watcher, search, entry }) => [watcher, search, entry.path])).to.deep.equal([
      [me, 'part', 'love song.mp3'],
      [me, 'love', 'love song.mp3'],
    ])
    told.length = 0
    await stage.share(faust, [entry('love song b.mp3')], {
      share: 'secret',
      audience: { kind: 'listed', jids: [] },
    })
    const copy = entry('my love song.mp3', { root: rootOf('love song.mp3') })
    await stage.share('wagner@goethe.example', [copy])
    expect(told).to.deep.equal([])
    ok(await stage.catalogue.dropSearch(me, 'love'))
    expect(await stage.catalogue.savedSearches(me)).to.deep.equal([
      { name: 'part', query: { words: '*ove' } },
    ])
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
        const answer = ok(await stage.catalogue.publish(name, { seq: ++seq, adds: entries, removes }))
        for (const path of removes) model.delete(path)
        for (const { path, content } of adds) model.set(path, content)
        expect(answer.entries).to.equal(model.size)
        const walk = async (folder: string): Promise<string[]> => {
          const { items } = ok(await stage.catalogue.folder(me, name, folder, '', 100))
          const found = await Promise.all(
            items.map(async (item) => {
              const path = folder === '' ? item.name : `${folder}/${item.name}`
              if (item.kind === 'file') return [`${path} ${item.root}`]
              const below = await walk(path)
              expect(below).to.have.length(item.entries)
              return below
            }),
          )
          return found.flat()
        }
        expect((await walk('')).sort()).to.deep.equal(
          [...model].map(([path, content]) => `${path} ${rootOf(content)}`).sort(),
        )
        const tags = ok(await stage.catalogue.tags(me, '', 10)).items
        expect(tags.reduce((sum, { entries }) => sum + entries, 0)).to.equal(model.size)
      }),
      { numRuns: 60, endOnFailure: true },
    )
  })
})
