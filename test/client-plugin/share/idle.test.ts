/** Who asks one thing and ends does not look through what is shared; what is to be taken back is taken back all the same. */

import { rmSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect } from 'chai'
import { type Person, published, put, Stage, until } from './stage.js'

describe('shares that nobody looks after yet', function () {
  this.timeout(180_000)
  let stage: Stage
  let mephisto: Person
  let folder: string
  let share: string

  before(async () => {
    stage = await new Stage().open()
    mephisto = await stage.person('mephisto')
    folder = stage.folder('tales', { 'one.txt': 'one', 'two.txt': 'two' })
    const faust = await stage.person('faust')
    const { id } = await faust.files.shares.add(folder)
    share = id
    await faust.files.shares.current(id)
    await faust.leave()
  })
  after(() => stage.close())

  const idle = () => stage.person('faust', 'faust', { lookAfterShares: false })
  const sees = (paths: string[]) =>
    until(
      () => published(mephisto.files, `${mephisto.jid.replace('mephisto', 'faust')}`, share),
      (found) => found.join() === paths.join(),
    )

  it('are shown as they were, given to who asks, and looked through when that is wished', async () => {
    put(folder, 'three.txt', 'three')
    const faust = await idle()
    expect(faust.files.shares.list()).to.have.length(1)
    expect(faust.files.shares.list()[0]).to.include({ id: share, state: 'waiting', files: 2 })
    const got = await mephisto.files.get(
      { peer: faust.jid, share, path: 'one.txt' },
      { into: stage.folder('into') },
    )
    expect((await got.finished).bytes).to.equal(3)
    expect(faust.files.shares.list()[0]).to.include({ state: 'waiting', files: 2 })
    expect(await sees(['one.txt', 'two.txt'])).to.deep.equal(['one.txt', 'two.txt'])
    faust.files.shares.lookAfter()
    expect(await sees(['one.txt', 'three.txt', 'two.txt'])).to.have.length(3)
    await faust.leave()
  })

  it('are taken back at the next login, whoever logs in, where the component has not heard it', async () => {
    const faust = await idle()
    await stage.stopComponent()
    await faust.files.shares.remove(share)
    await faust.leave()
    rmSync(join(folder, 'one.txt'))
    await stage.startComponent()
    const again = await idle()
    const left = await until(
      async () => (await mephisto.files.catalogue.shares(again.jid)).items,
      (shares) => shares.length === 0,
    )
    expect(left).to.deep.equal([])
    await again.leave()
  })

  it('get another id where theirs could be taken for an option of a command', async () => {
    const first = await stage.person('faust')
    const { id } = await first.files.shares.add(folder)
    await first.files.shares.current(id)
    await first.leave()
    const books = new Database(join(stage.dir, 'state-faust', 'shares.sqlite'))
    books.prepare('update share set id = ?').run('-abcdefghijklmnopqrst')
    books.close()
    const faust = await stage.person('faust')
    const shares = await until(
      async () => (await mephisto.files.catalogue.shares(faust.jid)).items,
      ([share, ...rest]) => share !== undefined && share.id !== id && share.files > 0 && rest.length === 0,
    )
    expect(shares).to.have.length(1)
    expect(shares[0]).to.include({ name: 'tales', files: 2 })
    expect(shares[0]!.id).to.match(/^[A-Za-z0-9_]/)
    await faust.leave()
  })
})
