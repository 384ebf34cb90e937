/**
 * Many rows at once, as one list for each column. The binding makes an array for each row, value by value, which takes five times as long as
 * to find the row; so SQLite writes each column as one text, and V8 reads that.
 *
 * What holds: rows come in the order in which the statement finds them. Values are numbers, texts and null.
 */

import type { Db } from './open-catalogue.js'

type Statement = ReturnType<Db['prepare']>

/** @param prepare @param columns what is selected @param from all of the statement that comes after it, from `from` on */
export function columnsOf<Columns extends unknown[][]>(
  prepare: (sql: string) => Statement,
  columns: readonly string[],
  from: string,
): (values: object) => Columns {
  const named = columns.map((column, at) => `${column} as c${at}`).join()
  const gathered = columns.map((_, at) => `json_group_array(c${at})`).join()
  const statement = prepare(`select ${gathered} from (select ${named} ${from})`).raw()
  return (values) => (statement.get(values) as string[]).map((text) => JSON.parse(text)) as Columns
}
