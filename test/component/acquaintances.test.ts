/** With whom a peer has had to do, as it is kept: once each, with a date that is good to a day, and no more than so many. */

import { expect } from 'chai'
import { acquaintancesIn } from '../../component/store/acquaintances.js'
import { type Db, openDatabase } from '../../component/store/open.js'

const day = 24 * 3_600_000
const me = 'faust@goethe.example'

describe('the acquaintances of a peer', () => {
  let db: Db
  beforeEach(() => {
    db = openDatabase(':memory:')
  })
  afterEach(() => db.close())

  const kept = () =>
    db.prepare('select other, last from acquaintance where peer = ? order by other').raw().all(me)

  it('are kept once each; the date is written again when it is more than a day old, not sooner', () => {
    const acquaintances = acquaintancesIn(db)
    acquaintances.note(me, 'wagner@goethe.example', 1_000)
    acquaintances.note(me, 'wagner@goethe.example', 1_000 + day)
    expect(kept()).to.deep.equal([['wagner@goethe.example', 1_000]])
    acquaintances.note(me, 'wagner@goethe.example', 1_001 + day)
    expect(kept()).to.deep.equal([['wagner@goethe.example', 1_001 + day]])
    // A clock that went back makes nobody older.
    acquaintances.note(me, 'wagner@goethe.example', 5)
    expect(kept()).to.deep.equal([['wagner@goethe.example', 1_001 + day]])
  })

  it('are a thousand: one more takes the place of the one of the longest ago (P16)', () => {
    const acquaintances = acquaintancesIn(db)
    const name = (number: number) => `n${String(number).padStart(4, '0')}@goethe.example`
    for (let number = 0; number < 1_000; number++) acquaintances.note(me, name(number), number)
    // The first is met again, and so is not the oldest any more.
    acquaintances.note(me, name(0), 2 * day)
    acquaintances.note(me, name(1_000), 2 * day)
    const names = (kept() as [string, number][]).map(([other]) => other)
    expect(names).to.have.length(1_000)
    expect(names).to.include(name(0)).and.include(name(1_000)).and.not.include(name(1))
  })
})
