/**
 * What is known of paths that may be results: their names, and who has them. It is what a search spends most of its time with, so rows come
 * for many paths at once, and column by column.
 *
 * What holds: of one path so many entries are looked at as `entriesOfPath` says, the same ones each time; where these are not all of its
 * contents, that is said. Paths keep their order.
 */

import { limited } from '../store/open.js'
import { columnsOf } from './columns.js'
import { aliveAt } from './deadline.js'
import type { Filter } from './filters.js'
import { entriesOfPath } from './limits.js'
import type { Db } from './open-catalogue.js'
import type { Sight } from './sight.js'

/** Paths: for each its folder and its name; null where it does not exist. */
export type Names = [folders: (number | null)[], names: (string | null)[]]
/** Entries: for each its path, its content, its share, and 1 if that is online. */
export type Entries = [paths: number[], contents: number[], shares: number[], online: number[]]

/** Entries of a few paths that are read before it is asked which of these are popular: most paths have one. */
const spare = 256

export interface Candidates {
  /** Entries that fit, path after path. */
  entries(paths: readonly number[]): Entries
  named(paths: readonly number[]): Names
  /** Whether some path had contents that fit beyond the entries that were looked at. */
  readonly hasMissed: boolean
}

/** @param prepared prepares a statement once */
export function candidatesIn(
  prepared: (sql: string) => ReturnType<Db['prepare']>,
  filter: Filter,
  eyes: Sight,
): Candidates {
  const values = { ...eyes, ...filter.values }
  const named = columnsOf<Names>(
    prepared,
    ['p.folder', 'p.name'],
    'from json_each(@paths) j left join path p on p.id = j.value',
  )
  const popular = prepared(
    `select j.value from json_each(@paths) j
     where exists (select 1 from entry e where e.path = j.value limit 1 offset ${entriesOfPath})`,
  ).pluck()
  const fitting = `${aliveAt('e.share', 64)} and ${filter.conditions}`
  const columns = ['e.path', 'e.content', 'e.share', 's.online']
  const ofMany = columnsOf<Entries>(
    prepared,
    columns,
    `from json_each(@paths) j cross join ${filter.tables} where e.path = j.value and ${fitting} ${limited('@most')}`,
  )
  const ofOne = columnsOf<Entries>(
    prepared,
    columns,
    `from ${filter.tables} where e.path = @path and ${fitting} order by e.content limit ${entriesOfPath}`,
  )
  const another = prepared(
    `select 1 from ${filter.tables} where e.path = @path and e.content > @last and ${fitting} limit 1`,
  ).pluck()
  let hasMissed = false
  const of = (paths: readonly number[], most: number) =>
    ofMany({ ...values, paths: JSON.stringify(paths), most })
  /** Entries of a path that many have; by contents, so that it can be told whether there is another. */
  const ofPopular = (path: number): Entries => {
    const some = ofOne({ ...values, path })
    const [, contents] = some
    if (!hasMissed && contents.length === entriesOfPath) {
      hasMissed = another.get({ ...values, path, last: contents.at(-1) }) !== undefined
    }
    return some
  }
  /** The same entries, but of each path no more than are looked at. */
  const withoutTooMany = (entries: Entries): Entries => {
    const [paths, contents] = entries
    const areTooMany = paths.some((path, at) => path === paths[at - entriesOfPath])
    if (!areTooMany) return entries
    let first = 0
    const places: number[] = []
    for (const [at, path] of paths.entries()) {
      if (path !== paths[first]) first = at
      if (at - first < entriesOfPath) places.push(at)
      else hasMissed ||= !contents.slice(first, first + entriesOfPath).includes(contents[at]!)
    }
    return entries.map((column) => places.map((at) => column[at]!)) as Entries
  }

  return {
    named: (paths) => named({ paths: JSON.stringify(paths) }),
    entries(paths) {
      const most = paths.length + spare
      const all = of(paths, most)
      if (all[0].length < most) return withoutTooMany(all)
      // It was cut off within a path; of those before it there are all.
      const cutOff = all[0].at(-1)!
      const whole = all[0].indexOf(cutOff)
      const found = [withoutTooMany(all.map((column) => column.slice(0, whole)) as Entries)]
      const rest = paths.slice(paths.indexOf(cutOff))
      const arePopular = new Set(popular.all({ paths: JSON.stringify(rest) }) as number[])
      let few: number[] = []
      const take = () => {
        if (few.length > 0) found.push(of(few, few.length * entriesOfPath))
        few = []
      }
      for (const path of rest) {
        if (!arePopular.has(path)) few.push(path)
        else {
          take()
          found.push(ofPopular(path))
        }
      }
      take()
      return found[0]!.map((_, column) => found.flatMap((some) => some[column]!)) as Entries
    },
    get hasMissed() {
      return hasMissed
    },
  }
}
