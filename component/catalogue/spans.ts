/**
 * Pages of rows that have an order of their own: a page is what comes after a key, or before one. What holds: a page is in the order of
 * the keys whichever way it was asked for, and says whether there is more beyond it.
 */

import { limited } from '../store/open.js'
import type { Db } from './open-catalogue.js'
import type { Listing, Span } from './values.js'

/** Rows in the order of a key, from either side. */
export interface Ordered<Row> {
  after(values: object, key: string, most: number): Row[]
  /** The nearest first; an empty key stands for the end. */
  before(values: object, key: string, most: number): Row[]
  count(values: object): number
}

/** After every text. */
const end = '\u{10ffff}\u{10ffff}'

/** Prepares the statement both ways. It says where the key is bounded by the comment `beyond` after the key. */
export function orderedBy<Row>(db: Db, key: string, sql: string): Ordered<Row> {
  const way = (beyond: string, order: string) =>
    db.prepare(`${sql.replace('/*beyond*/', beyond)} order by ${key} ${order} ${limited('@most')}`)
  const after = way('> @key', '')
  const before = way('< @key', 'desc')
  const count = db.prepare(`select count(*) from (${sql.replace('/*beyond*/', "> ''")})`).pluck()
  return {
    after: (values, key, most) => after.all({ ...values, key, most }) as Row[],
    before: (values, key, most) => before.all({ ...values, key: key === '' ? end : key, most }) as Row[],
    count: (values) => count.get(values) as number,
  }
}

/** The page of a span. One more than is wanted is asked for, to know whether there is more. */
export function spanned<Row, T>(
  rows: Ordered<Row>,
  values: object,
  { after = '', before, max }: Span,
  keyOf: (row: Row) => string,
  toItem: (row: Row) => T,
): Listing<T> {
  if (max === 0) return { items: [], isMore: false, count: rows.count(values) }
  const found =
    before === undefined ? rows.after(values, after, max + 1) : rows.before(values, before, max + 1)
  const shown = found.slice(0, max)
  if (before !== undefined) shown.reverse()
  return {
    items: shown.map((row) => ({ cursor: keyOf(row), value: toItem(row) })),
    isMore: found.length > max,
  }
}
