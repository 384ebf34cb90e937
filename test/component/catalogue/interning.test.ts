/** What comes again and again is looked up once, also where it was there before the writer began. */

import type Database from 'better-sqlite3'
import { expect } from 'chai'
import { Foresight } from '../../../component/catalogue/foresight.js'
import { interningIn } from '../../../component/catalogue/interning.js'
import { openForWriting } from '../../../component/catalogue/open-catalogue.js'
import { Stage } from './stage.js'

type Statement = Database.Statement

describe('catalogue: names by their numbers', () => {
  const stage = new Stage()
  after(() => stage.end())

  it('a media type that was there before is looked up once', async () => {
    await stage.open()
    await stage.catalogue.close()
    const { db } = openForWriting(stage.path, { check: false })
    const insert = db.prepare('insert into media_type (name) values (?)')
    insert.run('text/plain')
    let asked = 0
    const prepare = db.prepare.bind(db) as (sql: string) => Statement
    const counting = (sql: string): Statement => {
      const statement = prepare(sql)
      if (!sql.startsWith('select id from media_type where')) return statement
      const get = statement.get.bind(statement)
      statement.get = (...given: unknown[]) => {
        asked++
        return get(...given)
      }
      return statement
    }
    const interning = interningIn(Object.assign(db, { prepare: counting }) as typeof db, new Foresight())
    for (let n = 0; n < 100; n++) expect(interning.mediaType('text/plain', 1)).to.equal(1)
    expect(asked).to.be.at.most(2)
    db.close()
  })
})
