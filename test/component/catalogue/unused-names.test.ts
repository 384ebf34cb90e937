/** What entries are called by goes with them: nobody fills the disk with names of what is not there any more. */

import Database from 'better-sqlite3'
import { expect } from 'chai'
import { defaultQuotas } from '../../../component/catalogue/limits.js'
import type { Answer, Entry } from '../../../component/catalogue/values.js'
import { openWriter } from '../../../component/catalogue/writer.js'
import { entry, everybody, ok, Stage } from './stage.js'

const faust = 'faust@goethe.example'
const name = { peer: faust, device: 'laptop', share: 'stuff' }

describe('catalogue: names that nothing has any more', function () {
  this.timeout(60_000)
  let stage: Stage
  beforeEach(() => {
    stage = new Stage()
  })
  afterEach(() => stage.end())

  const count = (table: string): number => {
    const db = new Database(stage.path)
    try {
      return db.prepare(`select count(*) from ${table}`).pluck().get() as number
    } finally {
      db.close()
    }
  }

  it('tags that a file had are gone with its next ones, whoever publishes without end (P16)', async () => {
    const catalogue = await stage.open()
    await stage.share(faust, [entry('a.txt', { tags: ['first'] })], { tags: ['first', 'whole'] })
    await stage.share('mephisto@goethe.example', [entry('a.txt', { tags: ['tag-3'] })])
    for (let seq = 1; seq < 10; seq++) {
      const adds = [entry('a.txt', { tags: [`tag-${seq}`, `other-${seq}`] })]
      ok(await catalogue.publish(name, { base: seq, seq: seq + 1, adds, removes: [] }))
    }
    const tags = ok(await catalogue.tagsWith('gretchen@goethe.example', '', { max: 20 }))
    const named = tags.items.map(({ value: { tag, files } }) => `${tag} ${files}`)
    expect(named).to.deep.equal(['first 1', 'other-9 1', 'tag-3 1', 'tag-9 1', 'whole 1'])
    expect(count('tag')).to.equal(5)
    expect(count('share_tag')).to.equal(5)
    // And all of them with the share.
    ok(await catalogue.closeShare(name))
    for (let tries = 0; count('share') > 1 && tries < 500; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    expect(count('tag')).to.equal(1)
  })

  /** A writer in this thread. */
  const writing = () => {
    const writer = openWriter({ path: stage.path, quotas: defaultQuotas, check: false })
    const run = <T extends object>(work: () => Answer<T>) => {
      const [result] = writer.runAll([work])
      if (result === undefined || 'error' in result) throw result?.error
      return ok(result.value as Answer<T>)
    }
    let seq = 0
    return {
      writer,
      begin(who = name) {
        run(() => writer.operations.register(who, undefined, 1))
        run(() => writer.operations.openShare(who, { name: 'stuff', visibleTo: everybody, tags: [] }))
        seq = 0
      },
      /** @returns how many are there with less */
      publish(adds: Entry[], who = name) {
        const change = { base: seq, seq: ++seq, adds, removes: [] }
        return run(() => writer.operations.publish(who, change).answer).less ?? 0
      },
      removePeer: (peer: string) => void writer.runAll([() => writer.operations.removePeer(peer)]),
      sweep() {
        while (writer.sweepSome()) {
          // A slice each time.
        }
      },
    }
  }
  const one = (number: number) => ({ ...name, peer: `${number}@goethe.example` })
  const typed = (from: number) =>
    Array.from({ length: 100 }, (_, n) => entry(`f${n}`, { mediaType: `text/x-${from + n}` }))

  it('a peer has so many tags and no more; a file is there without further ones, and takes the place of others (P16, P17)', async () => {
    const catalogue = await stage.open()
    const tagged = (at: number) =>
      Array.from({ length: 100 }, (_, n) =>
        entry(`f${at + n}`, { tags: Array.from({ length: 8 }, (_, k) => `t${(at + n) * 8 + k}`) }),
      )
    const all = Array.from({ length: 6 }, (_, n) => tagged(n * 100)).flat()
    await stage.share(faust, all)
    await stage.share(faust, [entry('g', { tags: ['other'] })], { share: 'more' })
    expect(count('share_tag')).to.equal(4_096)
    expect(count('tag')).to.equal(4_096)
    expect(await stage.paths('gretchen@goethe.example', '', { tags: ['t4095'] })).to.deep.equal(['f511'])
    expect(await stage.paths('gretchen@goethe.example', '', { tags: ['t4096'] })).to.deep.equal([])
    expect(await stage.paths('gretchen@goethe.example', 'g')).to.deep.equal(['g'])
    // Another list of the same share has as many.
    ok(
      await catalogue.replaceShare(name, 100, [
        all.map(({ tags, ...one }) => ({ ...one, tags: tags!.map((t) => `x${t}`) })),
      ]),
    )
    expect(await stage.paths('gretchen@goethe.example', '', { tags: ['xt4095'] })).to.deep.equal(['f511'])
    // Who publishes one more by itself is told.
    const more = (n: number) => entry(`m${n}`, { tags: [`m${n}`] })
    expect(
      ok(await catalogue.publish(name, { base: 100, seq: 101, adds: [more(1), entry('n')], removes: [] })),
    ).to.deep.include({ held: 101, less: 1 })
    // What others have is theirs.
    await stage.share('mephisto@goethe.example', [entry('h', { tags: ['mine'] })])
    expect(await stage.paths('gretchen@goethe.example', '', { tags: ['mine'] })).to.deep.equal(['h'])
  })

  it('media types of no entry are forgotten, and those of entries are kept (P16)', async () => {
    await stage.open()
    await stage.catalogue.close()
    const { writer, removePeer, begin, publish, sweep } = writing()
    for (let n = 0; n < 50; n++) {
      begin(one(n))
      publish(typed(n * 100), one(n))
      removePeer(one(n).peer)
    }
    while (writer.removeSome()) {
      // A slice each time.
    }
    expect(count('media_type')).to.equal(5_000)
    begin()
    // While a round is under way: what is given out then is kept.
    expect(writer.sweepSome()).to.equal(true)
    publish(typed(0))
    sweep()
    expect(count('media_type')).to.equal(100)
    publish([entry('g', { mediaType: 'text/x-4999' })])
    expect(count('media_type')).to.equal(101)
    writer.close()
  })

  it('of media types that nobody else has a peer brings so many and no more; he is told of files without one (P16, P17)', async () => {
    await stage.open()
    await stage.catalogue.close()
    const { writer, removePeer, begin, publish } = writing()
    begin()
    const less = [0, 1, 2, 3, 4, 5].map((n) => publish(typed(n * 100)))
    expect(less).to.deep.equal([0, 0, 0, 0, 0, 88])
    expect(count('media_type')).to.equal(512)
    // Who leaves and comes again has not more; what is there he may have.
    removePeer(faust)
    begin()
    expect(
      publish([entry('known', { mediaType: 'text/x-7' }), entry('o', { mediaType: 'text/x-none' })]),
    ).to.equal(1)
    // What others bring is theirs.
    begin(one(1))
    expect(publish(typed(1_000), one(1))).to.equal(0)
    expect(count('media_type')).to.equal(612)
    writer.close()
    await stage.open()
    const { items } = ok(await stage.catalogue.search('gretchen@goethe.example', { types: ['text/x-7'] }, 5))
    expect(items.map(({ value: { path } }) => path)).to.include('known')
    expect(await stage.paths('gretchen@goethe.example', 'o')).to.deep.equal(['o'])
  })

  it('media types that are not there any more do not count for who brought them', async () => {
    await stage.open()
    await stage.catalogue.close()
    const { writer, begin, publish, sweep } = writing()
    for (let n = 1; n < 12; n++) {
      begin(one(n))
      for (let k = 0; k < 4; k++) publish(typed(n * 400 + k * 100), one(n))
    }
    // Of each, the files of the last change took the place of those before.
    sweep()
    expect(count('media_type')).to.equal(1_100)
    const less = [0, 1, 2, 3, 4].map((n) => publish(typed(10_000 + n * 100), one(11)))
    expect(less).to.deep.equal([0, 0, 0, 0, 88])
    writer.close()
  })

  it('of all peers no more media types are kept than people could have; a file is there without one (P16)', async () => {
    await stage.open()
    await stage.catalogue.close()
    const { writer, begin, publish } = writing()
    for (let n = 0; n < 33; n++) {
      begin(one(n))
      for (let k = 0; k < 5; k++) publish(typed(n * 500 + k * 100), one(n))
    }
    expect(count('media_type')).to.equal(16_384)
    begin()
    expect(
      publish([entry('known', { mediaType: 'text/x-7' }), entry('o', { mediaType: 'text/x-none' })]),
    ).to.equal(1)
    writer.close()
  })

  it('a peer who registered and shared nothing is forgotten when he is gone (P16)', async () => {
    await stage.open()
    await stage.catalogue.close()
    const { writer, begin, sweep } = writing()
    begin()
    writer.runAll([
      () => writer.operations.register({ peer: 'wagner@goethe.example', device: 'x' }, undefined, 1),
      () => writer.operations.unregister({ peer: 'wagner@goethe.example', device: 'x' }),
      () => writer.operations.block('marthe@goethe.example', ['mephisto@goethe.example']),
    ])
    expect(count('peer')).to.equal(3)
    sweep()
    expect(count('peer')).to.equal(2)
    writer.close()
  })
})
