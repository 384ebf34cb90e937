/**
 * What is known of paths that may be results: their names, and who has them. It is what a search spends most of its time with, so rows come
 * for many paths at once, and as bare values.
 *
 * What holds: of one path so many entries are looked at as `entriesOfPath` says, the same ones each time; where these are not all of its
 * contents, that is said. Paths keep their order.
 */

import { limited } from '../store/open.js'
import { aliveAt } from './deadline.js'
import type { Filter } from './filters.js'
import { entriesOfPath } from './limits.js'
import type { Db } from './open-catalogue.js'
import type { Sight } from './sight.js'

/** A path: its number, its folder and its name. */
export type PathRow = [path: number, folder: number, name: string]
/** An entry of a path. */
export type EntryRow = [path: number, content: number, share: number, online: number]

/** Entries of a few paths that are read before it is asked which of these are popular: most paths have one. */
const spare = 256

export interface Candidates {
  /** Entries that fit, path after path. */
  entries(paths: readonly number[]): EntryRow[]
  /** Those of the paths that exist. */
  named(paths: Iterable<number>): PathRow[]
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
  const named = prepared(
    'select p.id, p.folder, p.name from json_each(?) j cross join path p on p.id = j.value',
  ).raw()
  const popular = prepared(
    `select j.value from json_each(@paths) j
     where exists (select 1 from entry e where e.path = j.value limit 1 offset ${entriesOfPath})`,
  ).pluck()
  const fitting = `${aliveAt('e.share')} and ${filter.conditions}`
  const columns = 'e.path, e.content, e.share, s.online'
  const ofMany = prepared(
    `select ${columns} from json_each(@paths) j cross join ${filter.tables} where e.path = j.value and ${fitting}
     ${limited('@most')}`,
  ).raw()
  const ofOne = prepared(
    `select ${columns} from ${filter.tables} where e.path = @path and ${fitting}
     order by e.content limit ${entriesOfPath}`,
  ).raw()
  const another = prepared(
    `select 1 from ${filter.tables} where e.path = @path and e.content > @last and ${fitting} limit 1`,
  ).pluck()
  let hasMissed = false
  /** Entries of a path that many have; by contents, so that it can be told whether there is another. */
  const ofPopular = (path: number): EntryRow[] => {
    const some = ofOne.all({ ...values, path }) as EntryRow[]
    if (!hasMissed && some.length === entriesOfPath) {
      const [, last] = some.at(-1)!
      hasMissed = another.get({ ...values, path, last }) !== undefined
    }
    return some
  }
  /** The same rows, but of each path no more than are looked at. */
  const withoutTooMany = (rows: readonly EntryRow[]): EntryRow[] => {
    let [last, count] = [0, 0]
    let contents = new Set<number>()
    return rows.filter(([path, content]) => {
      if (path !== last) [last, count, contents] = [path, 0, new Set()]
      if (++count <= entriesOfPath) contents.add(content)
      else hasMissed ||= !contents.has(content)
      return count <= entriesOfPath
    })
  }

  return {
    named: (paths) => named.all(`[${[...paths].join()}]`) as PathRow[],
    entries(paths) {
      if (paths.length === 0) return []
      const most = paths.length + spare
      const all = ofMany.all({ ...values, paths: `[${paths.join()}]`, most }) as EntryRow[]
      if (all.length < most) return withoutTooMany(all)
      // It was cut off within a path; of those before it there are all.
      const [cutOff] = all.at(-1)!
      const whole = all.findIndex(([path]) => path === cutOff)
      const found = [withoutTooMany(all.slice(0, whole))]
      const rest = paths.slice(paths.indexOf(cutOff))
      const arePopular = new Set(popular.all({ paths: `[${rest.join()}]` }) as number[])
      let few: number[] = []
      const take = () => {
        const most = few.length * entriesOfPath
        if (few.length > 0)
          found.push(ofMany.all({ ...values, paths: `[${few.join()}]`, most }) as EntryRow[])
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
      return found.flat()
    },
    get hasMissed() {
      return hasMissed
    },
  }
}
