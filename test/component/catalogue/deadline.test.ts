/** A query that takes too long is stopped from inside, at the first look at the clock. */

import Database from 'better-sqlite3'
import { expect } from 'chai'
import { aliveAt, deadlineIn, TooSlow } from '../../../component/catalogue/deadline.js'

describe('catalogue: the deadline of a query', () => {
  const db = new Database(':memory:')
  let now = 0
  const deadline = deadlineIn(db, () => now)
  after(() => db.close())

  for (const every of [8, 64] as const) {
    it(`is kept to one row in ${every}`, () => {
      const rows = db.prepare(
        `with recursive row(id) as (select 1 union all select id + 1 from row limit 2 * ${every})
         select count(*) from row where ${aliveAt('id', every)}`,
      )
      deadline.set(1)
      expect(rows.pluck().get()).to.equal(2 * every)
      now += 2
      expect(() => rows.get()).to.throw(TooSlow)
    })
  }
})
