/** What is found, in which order, and by whom. */

import { expect } from 'chai'
import fc from 'fast-check'
import { maySee } from '../../../protocol/catalogue/visibility.js'
import { entry, everybody, ok, rootOf, Stage } from './stage.js'

const me = 'gretchen@goethe.example'
const faust = 'faust@goethe.example'

describe('catalogue: search', function () {
  this.timeout(180_000)
  let stage: Stage
  beforeEach(async () => {
    stage = new Stage()
    await stage.open()
  })
  afterEach(() => stage.end())

  it('finds words, starts and parts of words, in any script and without accents', async () => {
    await stage.share(faust, [
      entry('Musik/Café Müller.mp3'),
      entry('映画/千と千尋の神隠し.mkv'),
      entry('Книги/Война и мир.epub'),
      entry('Ελλάδα/Ζορμπάς.flac'),
      entry('straße.txt'),
      entry('ガンダム.avi'),
      entry('🎵 song.ogg'),
    ])
    expect(await stage.paths(me, 'cafe muller')).to.deep.equal(['Musik/Café Müller.mp3'])
    expect(await stage.paths(me, 'MÜL*')).to.deep.equal(['Musik/Café Müller.mp3'])
    expect(await stage.paths(me, '*ller')).to.deep.equal(['Musik/Café Müller.mp3'])
    expect(await stage.paths(me, 'ülle')).to.deep.equal([])
    expect(await stage.paths(me, '千尋')).to.deep.equal(['映画/千と千尋の神隠し.mkv'])
    expect(await stage.paths(me, '神隠し')).to.deep.equal(['映画/千と千尋の神隠し.mkv'])
    expect(await stage.paths(me, 'し')).to.deep.equal(['映画/千と千尋の神隠し.mkv'])
    expect(await stage.paths(me, '映')).to.deep.equal(['映画/千と千尋の神隠し.mkv'])
    expect(await stage.paths(me, '千神')).to.deep.equal([])
    expect(await stage.paths(me, 'ВОЙНА')).to.deep.equal(['Книги/Война и мир.epub'])
    expect(await stage.paths(me, 'ζορμπας')).to.deep.equal(['Ελλάδα/Ζορμπάς.flac'])
    expect(await stage.paths(me, 'strasse')).to.deep.equal(['straße.txt'])
    expect(await stage.paths(me, 'ガンダム')).to.deep.equal(['ガンダム.avi'])
    expect(await stage.paths(me, 'カンタム')).to.deep.equal([])
    expect(await stage.paths(me, '🎵')).to.deep.equal(['🎵 song.ogg'])
    expect(await stage.paths(me, 'nothing')).to.deep.equal([])
    expect(await stage.paths(me, '!?')).to.deep.equal([])
  })

  it('counts letters, not units: a part of two letters of another plane is the start of a word, one letter is a word', async () => {
    const [a, b, c] = ['\u{10330}', '\u{10331}', '\u{10332}'] as const
    await stage.share(faust, [entry(`${a}${b}${c}.txt`), entry(`${c}${a}${b}.txt`), entry(a)])
    expect(await stage.paths(me, `*${a}${b}`)).to.deep.equal([`${a}${b}${c}.txt`])
    expect(await stage.paths(me, `*${a}${b}*`)).to.deep.equal([`${a}${b}${c}.txt`])
    expect(await stage.paths(me, `${a}*`)).to.deep.equal([a])
    expect(await stage.paths(me, `*${a}${b}${c}`)).to.deep.equal([`${a}${b}${c}.txt`])
  })

  it('ranks order, adjacency, the start of the name, the name before the folder', async () => {
    await stage.share(faust, [
      entry('yellow submarine/track.mp3'),
      entry('yellow/submarine.mp3'),
      entry('submarine yellow.mp3'),
      entry('yellow big submarine.mp3'),
      entry('the yellow submarine.mp3'),
      entry('yellow submarine.mp3'),
    ])
    expect(await stage.paths(me, 'yellow submarine')).to.deep.equal([
      'yellow submarine.mp3',
      'the yellow submarine.mp3',
      'yellow big submarine.mp3',
      'submarine yellow.mp3',
      'yellow/submarine.mp3',
      'yellow submarine/track.mp3',
    ])
  })

  it('groups by content, counts its sources and those online, and puts what is online first', async () => {
    const root = rootOf('the same')
    await stage.share(faust, [entry('a/song.mp3', { root }), entry('b/song.mp3', { root })], { online: true })
    await stage.share('wagner@goethe.example', [entry('song.mp3', { root }), entry('song two.mp3')])
    const hits = await stage.find(me, 'song')
    expect(hits).to.have.length(2)
    expect(hits[0]).to.include({ root, sources: 2, online: 1 })
    expect(hits[1]).to.include({ path: 'song two.mp3', sources: 1, online: 0 })
    expect(await stage.find(me, 'song')).to.deep.equal(hits)
    const sources = ok(await stage.catalogue.sources(me, root, 10))
    expect(sources.items.map(({ value }) => [value.peer, value.path, value.isOnline])).to.deep.equal([
      [faust, 'a/song.mp3', true],
      [faust, 'b/song.mp3', true],
      ['wagner@goethe.example', 'song.mp3', false],
    ])
  })

  it('filters by size, type, tag, hash, online and peer, with words and without', async () => {
    await stage.share(
      faust,
      [
        entry('song.mp3', { size: 5_000_000, mediaType: 'audio/mpeg', tags: ['love'] }),
        entry('song.txt', { size: 12, mediaType: 'text/plain' }),
      ],
      { online: true },
    )
    await stage.share('wagner@goethe.example', [entry('song.ogg', { mediaType: 'audio/ogg' })], {
      tags: ['dust'],
    })
    for (const words of ['song', '*ong*']) {
      const found = async (filters: object) => (await stage.paths(me, words, filters)).sort()
      expect(await found({ minSize: 1_000_000 })).to.deep.equal(['song.mp3'])
      expect(await found({ maxSize: 999 })).to.deep.equal(['song.txt'])
      expect(await found({ types: ['audio'] })).to.deep.equal(['song.mp3', 'song.ogg'])
      expect(await found({ types: ['audio/ogg', 'video'] })).to.deep.equal(['song.ogg'])
      expect(await found({ tags: ['love'] })).to.deep.equal(['song.mp3'])
      expect(await found({ tags: ['dust'] })).to.deep.equal(['song.ogg'])
      expect(await found({ tags: ['none'] })).to.deep.equal([])
      expect(await found({ online: true })).to.deep.equal(['song.mp3', 'song.txt'])
      expect(await found({ peer: 'wagner@goethe.example' })).to.deep.equal(['song.ogg'])
      expect(await found({ peer: 'nobody@goethe.example' })).to.deep.equal([])
      expect(await found({ root: rootOf('song.txt') })).to.deep.equal(['song.txt'])
    }
    expect(await stage.paths(me, '', { tags: ['love'] })).to.deep.equal(['song.mp3'])
    expect(await stage.paths(me, '', { tags: ['love', 'dust'] })).to.deep.equal([])
    expect(await stage.paths(me, '', { types: ['text'] })).to.deep.equal(['song.txt'])
    expect(await stage.paths(me, '', { peer: faust, maxSize: 100 })).to.deep.equal(['song.txt'])
    expect(await stage.catalogue.search(me, { online: true }, 10)).to.deep.equal({
      kind: 'bad-value',
      field: 'words',
    })
  })

  it('tags: the most used first, or those that begin so by name', async () => {
    await stage.share(faust, [entry('a', { tags: ['fotos'] }), entry('b', { tags: ['fotos', 'film'] })])
    await stage.share('wagner@goethe.example', [entry('c'), entry('d'), entry('e')], { tags: ['foto-alben'] })
    const tags = ok(await stage.catalogue.tags(me, 10)).items.map(({ value }) => [value.tag, value.files])
    expect(tags).to.deep.equal([
      ['foto-alben', 3],
      ['fotos', 2],
      ['film', 1],
    ])
    const some = ok(await stage.catalogue.tagsWith(me, 'fo', { max: 1 }))
    expect(some).to.deep.equal({
      ...{
        kind: 'ok',
        items: [{ cursor: 'foto-alben', value: { tag: 'foto-alben', files: 3 } }],
        isMore: true,
      },
    })
    const next = ok(await stage.catalogue.tagsWith(me, 'fo', { after: 'foto-alben', max: 1 }))
    expect(next).to.include({ isMore: false }).and.to.have.nested.property('items[0].value.tag', 'fotos')
  })

  it('P11: what may not be seen is in no result, count, tag, source, listing or expansion', async () => {
    const root = rootOf('the same')
    const secret = (path: string) => entry(path, { root, tags: ['secret'] })
    const only = { kind: 'only', domains: [], peers: ['mephisto@hell.example'] } as const
    const name = await stage.share(faust, [secret('pact.txt')], { visibleTo: only, online: true })
    await stage.share('wagner@goethe.example', [entry('pact.txt', { root })])

    const wagners = { peer: 'wagner@goethe.example', device: 'laptop', share: 'stuff', path: 'pact.txt' }
    expect(await stage.find(me, 'pact')).to.deep.equal([
      { ...wagners, root, size: 1_000, modified: 1_600_000_000, sources: 1, online: 0 },
    ])
    expect(await stage.find('mephisto@hell.example', 'pact')).to.have.nested.property('[0].sources', 2)
    expect(await stage.find(faust, 'pact')).to.have.nested.property('[0].online', 1)
    expect(await stage.paths(me, 'pact', { tags: ['secret'] })).to.deep.equal([])
    expect(ok(await stage.catalogue.tags(me, 10)).items).to.deep.equal([])
    expect(
      ok(await stage.catalogue.peers(me, 'all', { max: 10 })).items.map(({ value }) => value.peer),
    ).to.deep.equal(['wagner@goethe.example'])
    expect(ok(await stage.catalogue.shares(me, faust, { max: 10 })).items).to.deep.equal([])
    expect(await stage.catalogue.folder(me, name, '', { max: 10 })).to.deep.equal({ kind: 'not-found' })
    expect(await stage.catalogue.canSee(me, faust, 'stuff', 'pact.txt')).to.deep.equal({ kind: 'not-found' })
    expect(await stage.catalogue.canSeeRoot(me, faust, root)).to.deep.equal({ kind: 'not-found' })
    const seen = { ...name, path: 'pact.txt', root, size: 1_000 }
    expect(ok(await stage.catalogue.canSee('mephisto@hell.example', faust, 'stuff', 'pact.txt'))).to.include(
      seen,
    )
    expect(ok(await stage.catalogue.canSeeRoot('mephisto@hell.example', faust, root))).to.include(seen)
    await stage.catalogue.block('wagner@goethe.example', ['goethe.example'])
    expect(await stage.paths(me, 'pact')).to.deep.equal([])
    expect(await stage.catalogue.sources(me, root, 10)).to.deep.equal({ kind: 'not-found' })
    expect(await stage.paths('wagner@goethe.example', 'pact')).to.deep.equal(['pact.txt'])
  })

  it('words that may not be seen push out nobody else’s from what a start stands for', async () => {
    const hidden = Array.from({ length: 500 }, (_, n) => entry(`pre${1000 + n}.txt`))
    await stage.share(faust, hidden, { visibleTo: { kind: 'nobody' } })
    await stage.share('wagner@goethe.example', [entry('prelude.txt')])
    expect(await stage.paths(me, 'pre*')).to.deep.equal(['prelude.txt'])
    expect(await stage.paths(me, '*pre')).to.deep.equal(['prelude.txt'])
  })

  it('a start that more words have than it stands for is not said to have found all there is', async () => {
    const songs = (many: number) => Array.from({ length: many }, (_, n) => entry(`pre${1000 + n}.mp3`))
    await stage.share(faust, songs(32))
    const all = ok(await stage.catalogue.search(me, { words: 'pre*' }, 100))
    expect(all).to.include({ total: 32 }).and.not.to.include({ isPartial: true })
    // Whoever has as many himself would learn by it that others have another (P11).
    const next = entry('pre9999.mp3')
    await stage.share('wagner@goethe.example', [next], { visibleTo: { kind: 'nobody' } })
    for (const words of ['pre*', '*pre*', 'mp3 pre*']) {
      const same = ok(await stage.catalogue.search(me, { words }, 100))
      expect(same).to.include({ total: 32 }).and.not.to.include({ isPartial: true })
    }
    await stage.share(faust, songs(33).slice(32))
    for (const words of ['pre*', '*pre*', 'mp3 pre*']) {
      const some = ok(await stage.catalogue.search(me, { words }, 100))
      expect(some).to.include({ total: 32, isPartial: true })
    }
  })

  it('the rule in SQL is the rule of the protocol', async () => {
    const askers = ['a@x.example', 'b@x.example', 'a@y.example', 'z@z.example']
    const audiences = [
      everybody,
      { kind: 'only', domains: ['x.example'], peers: [] },
      { kind: 'only', domains: ['y.example'], peers: ['b@x.example', 'z@z.example'] },
      { kind: 'only', domains: [], peers: ['a@x.example', 'z@z.example'] },
      { kind: 'nobody' },
    ] as const
    const blocks: string[][] = [[], ['a@x.example'], ['x.example']]
    for (const [n, owner] of askers.slice(0, 3).entries()) {
      for (const [m, visibleTo] of audiences.entries()) {
        await stage.share(owner, [entry(`file${n}x${m}.txt`)], { visibleTo, share: `s${m}` })
      }
      await stage.catalogue.block(owner, blocks[n]!)
    }
    for (const asker of askers) {
      const expected = askers.slice(0, 3).flatMap((owner, n) =>
        audiences.flatMap((visibleTo, m) => {
          return maySee(asker, { owner, visibleTo, blocked: blocks[n]! }) ? [`file${n}x${m}.txt`] : []
        }),
      )
      expect((await stage.paths(asker, 'txt')).sort()).to.deep.equal(expected.sort())
      expect((await stage.paths(asker, 'file*')).sort()).to.deep.equal(expected.sort())
    }
  })

  it('cases 54, 55: syntax of FTS and SQL, NUL and emoji in every field are text, or nothing', async () => {
    const nasty = [
      '"',
      '*',
      'NEAR(',
      'owner:x',
      'a\0b',
      '('.repeat(500),
      'a-b',
      "'; drop table entry; --",
      '😀',
      '\ud800',
      'AND OR NOT',
      '{}^',
    ]
    await stage.share(faust, [
      entry('it\'s "quoted" AND (NEAR) owner:x; drop table.txt', { tags: ["'; --"] }),
    ])
    const text = fc.oneof(fc.constantFrom(...nasty), fc.string({ unit: 'binary', maxLength: 40 }))
    await fc.assert(
      fc.asyncProperty(text, text, text, async (words, tag, peer) => {
        for (const query of [
          { words },
          { words: `${words} ${tag}*` },
          { words, tags: [tag], types: [tag, peer] },
          { words, peer },
        ]) {
          const answer = await stage.catalogue.search(me, query, 10)
          expect(answer.kind).to.equal('ok')
        }
        expect((await stage.catalogue.shares(me, peer, { after: words, max: 10 })).kind).to.equal('ok')
        expect((await stage.catalogue.tagsWith(me, tag, { before: words, max: 10 })).kind).to.equal('ok')
        const kinds = ['ok', 'not-found', 'bad-value']
        const share = { peer: faust, share: tag }
        expect((await stage.catalogue.folder(me, share, words, { after: peer, max: 1 })).kind).to.be.oneOf(
          kinds,
        )
        expect((await stage.catalogue.canSee(me, peer, tag, words)).kind).to.be.oneOf(kinds)
        const name = { peer: words, device: peer, share: tag }
        const change = {
          base: 0,
          seq: 1,
          adds: [entry(words, { tags: [tag], mediaType: peer })],
          removes: [words],
        }
        expect((await stage.catalogue.publish(name, change)).kind).not.to.equal('ok')
        expect((await stage.catalogue.saveSearch({ ...name, watch: tag }, { words })).kind).to.be.oneOf([
          'ok',
          'bad-value',
          'quota',
        ])
      }),
      { numRuns: 150 },
    )
    expect(await stage.paths(me, 'NEAR( quoted" AND')).to.have.length(1)
    expect(await stage.paths(me, 'drop', { tags: ["'; --"] })).to.have.length(1)
  })
})
