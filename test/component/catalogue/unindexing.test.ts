/** What is taken back is out of the index of words, and leaves nothing there that each search would look into. */

import Database from 'better-sqlite3'
import { expect } from 'chai'
import { openForWriting } from '../../../component/catalogue/open-catalogue.js'
import { migrations } from '../../../component/catalogue/schema.js'
import { entry, ok, Stage } from './stage.js'

const me = 'gretchen@goethe.example'
const faust = 'faust@goethe.example'

describe('catalogue: taking paths out of the index', function () {
  this.timeout(60_000)
  let stage: Stage
  beforeEach(() => {
    stage = new Stage()
  })
  afterEach(() => stage.end())

  const inFile = <T>(ask: (db: Database.Database) => T): T => {
    const db = new Database(stage.path)
    try {
      return ask(db)
    } finally {
      db.close()
    }
  }
  const matching = (db: Database.Database, word: string) =>
    db.prepare('select rowid from words where words match ?').pluck().all(`"${word}"`)
  const isSound = (db: Database.Database) => {
    for (const index of ['words', 'word_part']) {
      db.exec(`insert into ${index} (${index}) values ('integrity-check')`)
    }
    expect(db.pragma('integrity_check', { simple: true })).to.equal('ok')
  }

  it('the words of a path that nobody has any more are in no list, and others keep theirs', async () => {
    await stage.open()
    const name = await stage.share(faust, [
      entry('Größe 東京/alte Lieder.mp3'),
      entry('Größe 東京/neue Lieder.mp3'),
    ])
    const change = { base: 1, seq: 2, adds: [], removes: ['Größe 東京/alte Lieder.mp3'] }
    expect(ok(await stage.catalogue.publish(name, change))).to.include({ isApplied: true })
    expect(await stage.paths(me, 'lieder')).to.deep.equal(['Größe 東京/neue Lieder.mp3'])
    await stage.catalogue.close()
    inFile((db) => {
      expect(matching(db, 'alte')).to.deep.equal([])
      expect(matching(db, 'lieder')).to.have.length(1)
      expect(db.prepare('select count(*) from words_docsize').pluck().get()).to.equal(1)
      isSound(db)
    })
    await stage.open()
    expect(await stage.paths(me, 'neue 東京')).to.deep.equal(['Größe 東京/neue Lieder.mp3'])
  })

  it('a path whose words are counted otherwise now stays in the index, is found by nobody, and breaks nothing', async () => {
    await stage.open()
    const name = await stage.share(faust, [entry('alte Lieder.mp3'), entry('neue Lieder.mp3')])
    await stage.catalogue.close()
    // As if one of the words had been none when it was put.
    inFile((db) => db.unsafeMode().exec(`update words_docsize set sz = x'02' where id = 1`))
    await stage.open()
    const change = { base: 1, seq: 2, adds: [], removes: ['alte Lieder.mp3', 'neue Lieder.mp3'] }
    ok(await stage.catalogue.publish(name, change))
    expect(await stage.paths(me, 'lieder')).to.deep.equal([])
    expect(await stage.paths(me, 'alte')).to.deep.equal([])
    ok(
      await stage.catalogue.publish(name, { base: 2, seq: 3, adds: [entry('alte Lieder.ogg')], removes: [] }),
    )
    expect(await stage.paths(me, 'alte')).to.deep.equal(['alte Lieder.ogg'])
    await stage.catalogue.close()
    inFile((db) => expect(db.pragma('integrity_check', { simple: true })).to.equal('ok'))
    await stage.open()
  })

  it('case 61: what an older version had taken out with a list of what is gone is out, without such a list', async () => {
    const { db } = openForWriting(stage.path, { steps: migrations.slice(0, 2) })
    db.exec(`insert into folder values (1, 'songs');
      insert into path values (1, 1, name_key('old.mp3'), 'old.mp3'), (2, 1, name_key('new.mp3'), 'new.mp3');
      insert into words (rowid, text) values (1, 'old mp3 songs'), (2, 'new mp3 songs');
      insert into word values (1, 'old', 1), (2, 'mp3', 1), (3, 'songs', 1), (4, 'new', 2);
      insert into word_part (rowid, text) select id, text from word;
      delete from path where id = 1; delete from words where rowid = 1;`)
    db.close()
    await stage.open()
    await stage.catalogue.close()
    inFile((file) => {
      expect(matching(file, 'songs')).to.deep.equal([2])
      expect(matching(file, 'old')).to.deep.equal([])
      expect(
        file.prepare(`select count(*) from word_part where word_part match '"son"'`).pluck().get(),
      ).to.equal(1)
      isSound(file)
    })
    await stage.open()
  })
})
