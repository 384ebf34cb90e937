/** Getting a content while nobody who has it is there: it comes as soon as he does, and nobody asks for it in between. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Transfer } from '../../client-plugin/index.js'
import { type Person, Stage, until } from './share/stage.js'

describe('a content whose source is away', function () {
  this.timeout(180_000)
  const count = 12
  let stage: Stage
  let faust: Person
  let mephisto: Person
  let roots: string[]
  /** Questions for sources that were asked. */
  let asked = 0

  before(async () => {
    stage = await new Stage().open()
    // He looks again by himself when this test is long over.
    faust = await stage.person('faust', 'faust', { sourceDeadlineMs: 600_000 })
    mephisto = await stage.person('mephisto')
    faust.entity.on('send', (element: { toString(): string }) => {
      if (element.toString().includes('<sources ')) asked++
    })
    const songs = Object.fromEntries(Array.from({ length: count }, (_, n) => [`song ${n}.txt`, `song ${n}`]))
    const { id } = await mephisto.files.shares.add(stage.folder('songs', songs))
    await mephisto.files.shares.current(id)
    const { items } = await until(
      () => faust.files.catalogue.search({ words: 'song' }),
      ({ items }) => items.length === count,
    )
    roots = items.map(({ root }) => root)
  })
  after(() => stage?.close())

  const goes = async () => {
    await mephisto.leave()
    await until(
      () => faust.files.catalogue.sources(roots[0]!),
      ({ items }) => items.every(({ isOnline }) => !isOnline),
    )
  }

  const waits = (transfer: Transfer) =>
    until(
      () => transfer.trouble?.code,
      (code) => code === 'no-source' && transfer.state === 'waiting',
    )

  it('comes when he does, without another question (P19)', async () => {
    await goes()
    const into = stage.folder('into')
    const transfer = await faust.files.get({ root: roots[0]!, filename: 'song.txt' }, { into })
    await waits(transfer)
    await until(
      () => faust.files.transfers().length,
      (all) => all === 1,
    )
    const before = asked
    mephisto = await stage.person('mephisto')
    const { path } = await transfer.finished
    expect(asked).to.equal(before)
    expect(readFileSync(path, 'utf8')).to.match(/^song \d+$/)
  })

  it('comes too where many are waited for, of which one stands at his door (P16)', async () => {
    await goes()
    const into = stage.folder('into-many')
    const wanted = roots.slice(1)
    const transfers = await Promise.all(wanted.map((root) => faust.files.get({ root }, { into })))
    await Promise.all(transfers.map(waits))
    mephisto = await stage.person('mephisto')
    const before = asked
    const received = await Promise.all(transfers.map(({ finished }) => finished))
    expect(received.map(({ path }) => path.startsWith(join(into, 'song')))).to.deep.equal(
      wanted.map(() => true),
    )
    expect(asked - before).to.be.at.most(3 * wanted.length)
  })
})
