/** A whole list in place of all that a share has. */

import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import Database from 'better-sqlite3'
import { expect } from 'chai'
import { entry, ok, Stage } from './stage.js'

const me = 'gretchen@goethe.example'
const faust = 'faust@goethe.example'
const replacer = fileURLToPath(new URL('replacer.js', import.meta.url))

describe('catalogue: whole lists', function () {
  this.timeout(180_000)
  let stage: Stage
  beforeEach(async () => {
    stage = new Stage()
    await stage.open()
  })
  afterEach(() => stage.end())

  it('takes the place of what was there at once and whole, and what was there is gone a little later', async () => {
    const many = Array.from({ length: 1_200 }, (_, n) =>
      entry(`old/f${n % 9}/file ${n}.txt`, { tags: ['t'] }),
    )
    const name = await stage.share(faust, [...many, entry('both.txt')], { tags: ['whole'], online: true })
    async function* list() {
      for (let from = 0; from < 900; from += 90) {
        yield Array.from({ length: 90 }, (_, n) => entry(`new/file ${from + n}.txt`))
        // Half of it written, nobody sees any.
        expect(await stage.paths(me, 'new')).to.deep.equal([])
        expect(await stage.paths(me, 'both')).to.have.length(1)
      }
      yield [entry('both.txt')]
    }
    expect(ok(await stage.catalogue.replaceShare(name, 40, list()))).to.deep.include({
      held: 40,
      isApplied: true,
    })
    expect(await stage.paths(me, 'old')).to.deep.equal([])
    expect(await stage.paths(me, 'new', { tags: ['whole'], online: true })).to.have.length(100)
    expect(await stage.paths(me, 'both')).to.have.length(1)
    expect(ok(await stage.catalogue.held(name))).to.include({ held: 40 })
    expect(ok(await stage.catalogue.replaceShare(name, 40, list()))).to.include({
      held: 40,
      isApplied: false,
    })
    expect(
      ok(await stage.catalogue.publish(name, { base: 40, seq: 41, adds: [entry('x')], removes: [] })),
    ).to.include({ held: 41 })
    for (let entries = 0; entries !== 902; ) {
      entries = ((await stage.catalogue.statistics()) as { entries: number }).entries
    }
    const { items } = ok(await stage.catalogue.shares(faust, faust, { max: 5 }))
    expect(items).to.have.length(1)
    expect(items[0]!.value).to.include({ files: 902, bytes: 902_000 })
  })

  it('case 47: a list over the quota is refused, whatever was there stays, and a smaller one fits', async () => {
    await stage.catalogue.close()
    await stage.open({ quotas: { entriesPerPeer: 300 } })
    const name = await stage.share(faust, [entry('old.txt')])
    const list = (count: number) => [Array.from({ length: count }, (_, n) => entry(`file ${n}.txt`))]
    const refused = await stage.catalogue.replaceShare(name, 2, list(301))
    expect(refused).to.include({ kind: 'quota', of: 'entries', max: 300 })
    expect(await stage.paths(me, 'txt')).to.deep.equal(['old.txt'])
    ok(await stage.catalogue.replaceShare(name, 2, list(300)))
    expect(await stage.paths(me, 'old')).to.deep.equal([])
    expect((await stage.catalogue.replaceShare(name, 3, [[entry('../x')]])).kind).to.equal('bad-entry')
    expect(await stage.paths(me, 'file')).to.have.length(100)
  })

  it('case 57: killed while a list is written, it has the old entries or the new ones, whole', async () => {
    const name = await stage.share(faust, [entry('old.txt')])
    await stage.catalogue.close()
    for (const slices of [1, 4, 9]) {
      const child = spawn(process.execPath, [replacer, stage.path, String(slices)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      child.stdout.once('data', () => child.kill('SIGKILL'))
      await new Promise((resolve) => child.once('close', resolve))
      const db = new Database(stage.path)
      expect(db.pragma('integrity_check', { simple: true })).to.equal('ok')
      db.close()
      await stage.open()
      const { held } = ok(await stage.catalogue.held(name))
      const old = await stage.paths(me, 'old')
      expect([held, old.length]).to.deep.equal(held === 1 ? [1, 1] : [2, 0])
      expect(await stage.paths(me, 'new')).to.have.length(held === 1 ? 0 : 100)
      if (slices === 9) ok(await stage.catalogue.replaceShare(name, 3, [[entry('last.txt')]]))
      else await stage.catalogue.close()
    }
    for (let entries = 0; entries !== 1; ) {
      entries = ((await stage.catalogue.statistics()) as { entries: number }).entries
    }
    expect(await stage.paths(me, 'txt')).to.deep.equal(['last.txt'])
  })
})
