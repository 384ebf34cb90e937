/** Saved searches: who is told of what, and until when. */

import type Database from 'better-sqlite3'
import { expect } from 'chai'
import { defaultQuotas } from '../../../component/catalogue/limits.js'
import { openForWriting } from '../../../component/catalogue/open-catalogue.js'
import { savedSearchesIn } from '../../../component/catalogue/saved-searches.js'
import { makeSightTables } from '../../../component/catalogue/sight.js'
import type { WatchName } from '../../../component/catalogue/values.js'
import { entry, ok, rootOf, Stage } from './stage.js'

type Statement = Database.Statement

const me = 'gretchen@goethe.example'
const faust = 'faust@goethe.example'
const watch = (peer: string, watch: string) => ({ peer, device: 'laptop', watch })

describe('catalogue: saved searches', function () {
  this.timeout(180_000)
  let stage: Stage
  let told: string[]
  beforeEach(async () => {
    stage = new Stage()
    told = []
    await stage.open({ onMatch: ({ peer, watch }: WatchName) => told.push(`${peer} ${watch}`) })
  })
  afterEach(() => stage.end())

  const matches = async (peer: string, name?: string) =>
    ok(await stage.catalogue.matches({ peer, device: 'laptop' }, name)).matches

  it('tells of what is new, to those who may see it, until it was heard', async () => {
    ok(await stage.catalogue.saveSearch(watch(me, 'love'), { words: 'love song', minSize: 10 }))
    ok(await stage.catalogue.saveSearch(watch(me, 'part'), { words: '*ove' }))
    ok(await stage.catalogue.saveSearch(watch(faust, 'mine'), { words: 'love' }))
    await stage.share(faust, [entry('love song.mp3'), entry('hate song.mp3'), entry('x.mp3', { size: 1 })])
    expect(told).to.have.members([`${me} part`, `${me} love`])
    const [love] = await matches(me, 'love')
    expect(love).to.include({ watch: 'love', more: 0, mark: 1 })
    expect(love?.hits.map(({ path, peer }) => [path, peer])).to.deep.equal([['love song.mp3', faust]])

    told.length = 0
    await stage.share(faust, [entry('love song b.mp3')], { share: 'secret', visibleTo: { kind: 'nobody' } })
    const copy = entry('my love song.mp3', { root: rootOf('love song.mp3') })
    await stage.share('wagner@goethe.example', [copy])
    expect(told).to.deep.equal([])
    await stage.catalogue.heard(watch(me, 'love'), 1)
    expect(await matches(me, 'love')).to.deep.equal([])
    expect(await matches(me)).to.have.length(1)
    ok(await stage.catalogue.dropSearch(watch(me, 'part')))
    expect(await matches(me)).to.deep.equal([])
    expect(await stage.catalogue.savedSearches({ peer: me, device: 'laptop' })).to.deep.equal([
      { watch: 'love', query: { words: 'love song', minSize: 10 } },
    ])
    expect(await stage.catalogue.savedSearches({ peer: me, device: 'phone' })).to.deep.equal([])
  })

  it('a renamed file is not new; of many that are, the first few are shown and all are counted', async () => {
    ok(await stage.catalogue.saveSearch(watch(me, 'w'), { words: 'song' }))
    const name = await stage.share(faust, [entry('hate.mp3')])
    const renamed = entry('hate song.mp3', { root: rootOf('hate.mp3') })
    ok(await stage.catalogue.publish(name, { base: 1, seq: 2, adds: [renamed], removes: ['hate.mp3'] }))
    expect(told).to.deep.equal([])
    const many = Array.from({ length: 20 }, (_, n) => entry(`song ${n}.mp3`))
    ok(await stage.catalogue.publish(name, { base: 2, seq: 3, adds: many, removes: [] }))
    expect(told).to.deep.equal([`${me} w`])
    const [found] = await matches(me)
    expect(found).to.include({ more: 12, mark: 20 })
    expect(found?.hits).to.have.length(8)
  })

  it('a whole list counts when it takes its place, and what the share had before is not new', async () => {
    ok(await stage.catalogue.saveSearch(watch(me, 'w'), { words: 'song' }))
    const name = await stage.share(faust, [entry('old song.mp3')])
    await stage.catalogue.heard(watch(me, 'w'), 1)
    told.length = 0
    const list = [entry('old song.mp3'), entry('new song.mp3'), entry('other.mp3')]
    const broken = (function* () {
      yield list
      throw new Error('broken')
    })()
    const error = await stage.catalogue.replaceShare(name, 5, broken).catch((error: unknown) => error)
    expect(error).to.have.property('message', 'broken')
    expect(told).to.deep.equal([])
    ok(await stage.catalogue.replaceShare(name, 5, [list]))
    expect(told).to.deep.equal([`${me} w`])
    const [found] = await matches(me)
    expect(found?.hits.map(({ path }) => path)).to.deep.equal(['new song.mp3'])
  })

  it('of one peer there are so many over all devices, also those that are gone (cases 47, 49; P16)', async () => {
    await stage.end()
    stage = new Stage()
    await stage.open({ quotas: { watchesPerDevice: 2, watchesPerPeer: 3 } })
    const save = async (device: string, watch: string) =>
      (await stage.catalogue.saveSearch({ peer: me, device, watch }, { words: '*song' })).kind
    expect(await save('a', '1')).to.equal('ok')
    expect(await save('a', '2')).to.equal('ok')
    expect(await save('a', '3')).to.equal('quota')
    expect(await save('b', '1')).to.equal('ok')
    expect(await save('c', '1')).to.equal('quota')
    expect(await save('b', '1'), 'said again').to.equal('ok')
    ok(await stage.catalogue.dropSearch({ peer: me, device: 'a', watch: '1' }))
    expect(await save('c', '1')).to.equal('ok')
  })

  it('who is taken out with all devices has no saved searches any more', async () => {
    ok(await stage.catalogue.saveSearch(watch(me, 'w'), { words: 'song' }))
    await stage.catalogue.removePeer(me)
    await stage.share(faust, [entry('a song.mp3')])
    expect(told).to.deep.equal([])
    expect(await stage.catalogue.savedSearches({ peer: me, device: 'laptop' })).to.deep.equal([])
  })

  it('who is told is looked up once for a change, and nobody for what all could have already (P17)', async () => {
    const wagner = 'wagner@goethe.example'
    await stage.share(wagner, [entry('one.mp3')])
    await stage.share(faust, [entry('other.mp3')])
    await stage.catalogue.close()
    const { db } = openForWriting(stage.path, { check: false })
    makeSightTables(db)
    let [looked, had] = [0, 0]
    const prepare = db.prepare.bind(db) as (sql: string) => Statement
    const counting = (sql: string): Statement => {
      const statement = prepare(sql)
      const { all, get } = statement
      statement.all = (...given: unknown[]) => {
        if (sql.includes('from block where blocked')) looked++
        return all.apply(statement, given)
      }
      statement.get = (...given: unknown[]) => {
        if (sql.includes('content_path') && sql.includes('@asker')) had++
        return get.apply(statement, given)
      }
      return statement
    }
    const searches = savedSearchesIn(Object.assign(db, { prepare: counting }) as typeof db, defaultQuotas)
    for (const peer of [me, 'marthe@goethe.example', faust]) {
      for (const name of ['a', 'b', 'c']) ok(searches.save(watch(peer, name), { words: `*song *${name}` }, 1))
    }
    const own = prepare(
      'select share from entry where share in (select id from share where peer = (select id from peer where jid = ?))',
    )
    const share = own.pluck().get(faust) as number
    const known = prepare('select content from entry where share <> ?').pluck().get(share) as number
    const made = (n: number, content = n + 100) => ({
      share,
      entry: entry(n % 2 ? `a song ${n}` : `b song ${n}`),
      put: { isNew: true, content, path: n, isLess: false },
    })
    const news = [made(1, known), ...Array.from({ length: 100 }, (_, n) => made(n))]
    const found = searches.match(news, faust)
    expect(found.map(({ saved, news }) => `${saved.peer} ${saved.watch} ${news.length}`)).to.have.members([
      `${me} a 50`,
      `${me} b 50`,
      'marthe@goethe.example a 50',
      'marthe@goethe.example b 50',
    ])
    expect({ looked, had }).to.deep.equal({ looked: 2, had: 0 })
    db.close()
  })

  it('what somebody has who blocks one is new to that one, and to nobody else', async () => {
    const other = 'marthe@goethe.example'
    await stage.share('wagner@goethe.example', [entry('song.mp3')])
    await stage.catalogue.block('wagner@goethe.example', [me])
    for (const who of [me, other]) ok(await stage.catalogue.saveSearch(watch(who, 'w'), { words: 'song' }))
    await stage.share(faust, [entry('song.mp3')])
    expect(told).to.deep.equal([`${me} w`])
  })

  it('a content in very many hidden places is not looked for in all of them (case 52, P17)', async () => {
    const root = rootOf('one')
    const copies = Array.from({ length: 1_500 }, (_, n) => entry(`${n}.bin`, { root }))
    await stage.share('wagner@goethe.example', copies, { visibleTo: { kind: 'nobody' } })
    for (const name of ['a', 'b']) ok(await stage.catalogue.saveSearch(watch(me, name), { words: '*song' }))
    await stage.share(faust, [entry('song.mp3', { root })])
    expect(told).to.have.members([`${me} a`, `${me} b`])
  })
})
