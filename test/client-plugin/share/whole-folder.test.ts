/** All files of a folder that somebody shares, listed to the end whatever happens to the component meanwhile. */

import { mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { wholeFolder } from '../../../client-plugin/index.js'
import { type Person, published, Stage, until } from './stage.js'

describe('a whole folder of somebody', function () {
  this.timeout(180_000)
  let stage: Stage
  let faust: Person
  let mephisto: Person

  before(async () => {
    stage = await new Stage().open()
    faust = await stage.person('faust')
    mephisto = await stage.person('mephisto')
  })
  after(() => stage.close())

  const names = Array.from({ length: 90 }, (_, n) => `sub/${n % 4}/${String(n).padStart(3, '0')}.txt`).sort()

  /** Looks through it; after 20 files, on the first page, something happens. */
  async function toldOf(share: string, into: string, happens: (last: string) => Promise<void>) {
    const told: { path: string; into: string }[] = []
    const folder = { peer: faust.jid, share, path: 'sub' }
    for await (const { wanted, trouble, ...there } of wholeFolder(mephisto.files, folder, { into })) {
      expect(trouble).to.equal(undefined)
      told.push({ path: wanted.path, into: there.into })
      if (told.length === 20) await happens(wanted.path)
    }
    return told
  }

  it('is told to its end, each file once, where the component is started again in between', async () => {
    const folder = stage.folder('tales', Object.fromEntries(names.map((name) => [name, name])))
    const { id } = await faust.files.shares.add(folder)
    await faust.files.shares.current(id)
    const into = stage.folder('into')
    const told = await toldOf(id, into, async () => {
      await stage.stopComponent()
      await stage.startComponent()
    })
    expect(told.map(({ path }) => path)).to.deep.equal(names)
    const places = new Set(told.map((each) => each.into))
    expect([...places]).to.deep.equal(['0', '1', '2', '3'].map((n) => join(into, 'sub', n)))
  })

  it('is told to its end also where the last that was told has gone meanwhile, and those before it', async () => {
    const [share] = faust.files.shares.list()
    const [gone, left] = [names.slice(0, 80), names.slice(80)]
    const told = await toldOf(share!.id, stage.folder('again'), async () => {
      for (const name of gone) rmSync(join(share!.folder, name))
      await until(
        () => published(mephisto.files, faust.jid, share!.id),
        (found) => found.length === left.length,
      )
      await stage.stopComponent()
      await stage.startComponent()
    })
    const paths = new Set(told.map(({ path }) => path))
    expect(left.filter((path) => !paths.has(path))).to.deep.equal([])
  })

  it('is found to be there also under the names that files got because theirs were taken', async () => {
    const [share] = faust.files.shares.list()
    const into = stage.folder('taken')
    const found = async () => {
      const told: { path: string; there: string | undefined }[] = []
      const folder = { peer: faust.jid, share: share!.id, path: 'sub' }
      for await (const { wanted, into: dir, there } of wholeFolder(mephisto.files, folder, { into })) {
        told.push({ path: wanted.path, there })
        const name = wanted.path.split('/').at(-1)!
        if (there !== undefined) continue
        writeFileSync(join(dir, name), 'another')
        writeFileSync(join(dir, name.replace('.', ' (1).')), 'and yet another')
        writeFileSync(join(dir, name.replace('.', ' (2).')), wanted.path)
      }
      return told
    }
    const first = await found()
    expect(first.filter(({ there }) => there !== undefined)).to.deep.equal([])
    const again = await found()
    expect(again.map(({ path }) => path)).to.deep.equal(first.map(({ path }) => path))
    for (const { path, there } of again) expect(there).to.equal(join(into, path.replace('.', ' (2).')))
  })

  it('goes through no link that stands where one of its folders is to be (P13)', async () => {
    const [share] = faust.files.shares.list()
    const [into, elsewhere] = [stage.folder('linked'), stage.folder('elsewhere')]
    mkdirSync(join(into, 'sub'))
    symlinkSync(elsewhere, join(into, 'sub', '3'))
    const folder = { peer: faust.jid, share: share!.id, path: 'sub' }
    const troubles = new Map<string, string | undefined>()
    for await (const { wanted, trouble } of wholeFolder(mephisto.files, folder, { into }))
      troubles.set(wanted.path.split('/')[1]!, trouble?.code)
    expect(Object.fromEntries(troubles)).to.deep.equal({ 3: 'no-such-folder' })
    expect(readdirSync(elsewhere)).to.deep.equal([])
  })
  it('says where a folder cannot be made', async () => {
    const [share] = faust.files.shares.list()
    const codes = new Set<string | undefined>()
    // Nobody makes a folder there.
    for await (const { trouble } of wholeFolder(
      mephisto.files,
      { peer: faust.jid, share: share!.id, path: 'sub' },
      { into: '/proc' },
    ))
      codes.add(trouble?.code)
    expect([...codes]).to.deep.equal(['no-such-folder'])
  })
})
