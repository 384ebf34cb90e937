/** Who has more than the component takes: what he takes back, and what else he shares, is told all the same. */

import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { type Person, published, putRested, Stage, until } from './stage.js'

describe('more than the component takes', function () {
  this.timeout(180_000)
  let stage: Stage
  let faust: Person
  let mephisto: Person

  beforeEach(async () => {
    stage = await new Stage().open({}, 0, 4)
    faust = await stage.person('faust')
    mephisto = await stage.person('mephisto')
  })
  afterEach(() => stage.close())

  const share = async (name: string, files: Record<string, string>) => {
    const { id } = await faust.files.shares.add(stage.folder(name, files))
    await faust.files.shares.current(id)
    return id
  }
  const isFull = async () => {
    const all = () => faust.files.shares.list()
    const found = await until(all, (shares) => shares.some(({ trouble }) => trouble?.code === 'quota'))
    expect(found.map(({ trouble }) => trouble?.code)).to.include('quota')
  }
  const seen = async (id: string, paths: string, ms = 20_000) => {
    const found = await until(
      () => published(mephisto.files, faust.jid, id).catch(() => []),
      (now) => now.join() === paths,
      ms,
    )
    expect(found.join()).to.equal(paths)
  }

  it('waits until there is room, which what is removed of the very share makes', async () => {
    const id = await share('many', { a: '1', b: '2', c: '3' })
    const folder = join(stage.dir, 'many')
    for (const name of ['d', 'e', 'f']) putRested(folder, name, name)
    await isFull()
    const remove = async (name: string, files: number) => {
      rmSync(join(folder, name))
      const all = () => faust.files.shares.list()
      await until(all, ([one]) => one!.files === files)
      // It is tried again by itself, too, after a while.
      await faust.files.shares.add(folder)
    }
    await remove('a', 5)
    await seen(id, 'b,c')
    await remove('b', 4)
    await seen(id, 'c,d,e,f')
  })

  it('does not keep another share from being told for whom it is, or from being taken back', async () => {
    await share('many', { a: '1', b: '2' })
    const other = await share('other', { x: 'one' })
    const third = await share('third', { y: 'two' })
    for (const name of ['d', 'e']) putRested(join(stage.dir, 'many'), name, name)
    await isFull()
    await faust.files.shares.add(join(stage.dir, 'other'), { visibleTo: { kind: 'nobody' } })
    await seen(other, '')
    await faust.files.shares.remove(third)
    await seen(third, '', 0)
  })
})
