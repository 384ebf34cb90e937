/** What the binding would hand over row by row is the same column by column. */

import Database from 'better-sqlite3'
import { expect } from 'chai'
import { columnsOf } from '../../../component/catalogue/columns.js'

describe('catalogue: rows column by column', () => {
  const db = new Database(':memory:')
  after(() => db.close())
  const columns = (columns: readonly string[], from: string) =>
    columnsOf<unknown[][]>((sql) => db.prepare(sql), columns, from)

  it('are what they are row by row, in their order (case 54)', () => {
    const texts = [
      '"',
      '\\',
      "'",
      ']',
      'a\nb\tc',
      '\u0001\u007f',
      '\u2028',
      'ä日本🎵',
      'e\u0301',
      '',
      '[1,2]',
      'null',
      '-0',
    ]
    const numbers = [0, 1, -1, 2 ** 31, 2 ** 48, Number.MAX_SAFE_INTEGER]
    const rows = texts.map((text, at) => [at * 3, text, at % 2 === 0 ? null : numbers[at % numbers.length]!])
    db.exec('create table t (at integer primary key, text text, number integer)')
    const put = db.prepare('insert into t values (?, ?, ?)')
    for (const row of rows) put.run(...row)
    const descending = columns(['at', 'text', 'number'], 'from t order by at desc limit @most')
    expect(descending({ most: 100 })).to.deep.equal(
      [0, 1, 2].map((at) => rows.toReversed().map((row) => row[at])),
    )
    expect(descending({ most: 2 })[0]).to.deep.equal([36, 33])
  })

  it('are empty lists where there are no rows', () => {
    expect(columns(['a', 'b'], 'from (select 1 as a, 2 as b) where a = @a')({ a: 2 })).to.deep.equal([[], []])
  })
})
