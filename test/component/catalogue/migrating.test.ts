/** A catalogue of an older version: migrated whole or not at all, with a copy kept. */

import fs, { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import Database from 'better-sqlite3'
import { expect } from 'chai'
import { openForWriting } from '../../../component/catalogue/open-catalogue.js'
import { applicationId, migrations } from '../../../component/catalogue/schema.js'
import { entry, ok, rootOf, Stage } from './stage.js'

const faust = 'faust@goethe.example'

/** A file as the first version left it: one share for some peers, one for a domain. */
const older = `
  insert into peer values (1, '${faust}');
  insert into device values (1, 1, 'laptop', 1, 5, 9e15);
  insert into audience values (2, 'domain', 'goethe.example'), (3, 'listed', 'a@x.example' || char(10) || 'b@x.example');
  insert into audience_member values ('a@x.example', 3), ('b@x.example', 3);
  insert into share values (1, 1, 1, 'domains', 2, 1, 7, 2), (2, 1, 1, 'listed', 3, 1, 1, 1);
  insert into content values (1, x'${rootOf('pact')}', 12), (2, x'${rootOf('soul')}', 30);
  insert into folder values (1, ''), (2, 'faust');
  insert into share_folder values (1, 1, 2, 1);
  insert into path values (1, 2, 'pact.txt'), (2, 1, 'soul.txt');
  insert into words (rowid, text) values (1, 'pact txt faust'), (2, 'soul txt');
  insert into word values (1, 'pact'), (2, 'txt'), (3, 'faust'), (4, 'soul');
  insert into word_part (rowid, text) select id, text from word;
  insert into entry values (1, 2, 1, 1, 100, null), (1, 1, 2, 2, 100, null), (2, 1, 2, 2, 100, null);
  update total set entries = 3;
`

describe('catalogue: migrations', function () {
  this.timeout(180_000)
  let stage: Stage
  beforeEach(() => {
    stage = new Stage()
    const db = new Database(stage.path)
    db.exec(migrations[0]! + older)
    db.pragma(`application_id = ${applicationId}`)
    db.pragma('user_version = 1')
    db.close()
  })

  it('case 61: one of the first version is brought up to date, and a copy of it kept', async () => {
    await stage.open()
    expect(await stage.paths('x@goethe.example', 'txt')).to.have.members(['faust/pact.txt', 'soul.txt'])
    expect(await stage.paths('b@x.example', 'txt')).to.deep.equal(['soul.txt'])
    expect(await stage.paths('c@x.example', 'so*')).to.deep.equal([])
    expect(ok(await stage.catalogue.sources('x@goethe.example', rootOf('soul'), 5)).items).to.have.length(1)
    const { items } = ok(await stage.catalogue.shares(faust, faust, { max: 5 }))
    expect(items.map(({ value }) => [value.share, value.files, value.bytes, value.own])).to.deep.equal([
      [
        ...['domains', 2, 42],
        { seq: 7, visibleTo: { kind: 'only', domains: ['goethe.example'], peers: [] } },
      ],
      [
        ...['listed', 1, 30],
        { seq: 1, visibleTo: { kind: 'only', domains: [], peers: ['a@x.example', 'b@x.example'] } },
      ],
    ])
    const name = { peer: faust, device: 'laptop', share: 'domains' }
    const change = { base: 7, seq: 8, adds: [entry('new.txt')], removes: ['soul.txt'] }
    expect(ok(await stage.catalogue.publish(name, change))).to.include({ isApplied: true })
    expect(await stage.paths('b@goethe.example', 'txt')).to.have.members(['faust/pact.txt', 'new.txt'])
    const copy = new Database(`${stage.path}.schema-1`, { readonly: true })
    expect(copy.pragma('user_version', { simple: true })).to.equal(1)
    expect(copy.prepare('select count(*) from entry').pluck().get()).to.equal(3)
    copy.close()
    await stage.end()
  })

  it('case 61, P20: a copy that does not fit on the disk is not taken for one the next time', () => {
    const { copyFileSync } = fs
    const full = (from: string, to: string) => {
      writeFileSync(to, readFileSync(from).subarray(0, 5_000))
      throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' })
    }
    Object.assign(fs, { copyFileSync: full })
    syncBuiltinESMExports()
    try {
      expect(() => openForWriting(stage.path)).to.throw(/ENOSPC/)
    } finally {
      Object.assign(fs, { copyFileSync })
      syncBuiltinESMExports()
    }
    expect(readdirSync(stage.dir)).to.deep.equal(['catalogue.sqlite'])
    openForWriting(stage.path).db.close()
    const copy = new Database(`${stage.path}.schema-1`, { readonly: true })
    expect(copy.pragma('user_version', { simple: true })).to.equal(1)
    expect(copy.pragma('integrity_check', { simple: true })).to.equal('ok')
    copy.close()
    rmSync(stage.dir, { recursive: true })
  })

  it('case 61, P24: a migration that ends at any of its statements changes nothing', () => {
    const statements = migrations[1]!.replace(/--.*$/gm, '').split(';').slice(0, -1)
    expect(statements.length).to.be.greaterThan(20)
    for (let count = 1; count <= statements.length; count++) {
      const broken = `${statements.slice(0, count).join(';')}; insert into nowhere values (1)`
      expect(() => openForWriting(stage.path, { steps: [migrations[0]!, broken] }), String(count)).to.throw(
        /nowhere/,
      )
      const db = new Database(stage.path)
      expect(db.pragma('user_version', { simple: true })).to.equal(1)
      expect(db.pragma('integrity_check', { simple: true })).to.equal('ok')
      expect(db.prepare('select count(*) from share').pluck().get()).to.equal(2)
      expect(
        db.prepare("select count(*) from sqlite_schema where name like '%\\_2' escape '\\'").pluck().get(),
      ).to.equal(0)
      db.close()
    }
    openForWriting(stage.path).db.close()
    expect(existsSync(`${stage.path}.schema-1`)).to.equal(true)
    rmSync(stage.dir, { recursive: true })
  })

  it('case 61, P24: a catalogue of a newer version is refused, and not changed', async () => {
    const db = new Database(stage.path)
    db.pragma('user_version = 99')
    db.close()
    const error = await stage.open().catch((error: unknown) => error)
    expect(error).to.have.property('code', 'state-newer')
    rmSync(stage.dir, { recursive: true })
  })
})
