/** Saved searches of a device (docs/catalogue.md, "Watching"). What they find is told by notices.ts. */

import { watchList } from '../../schemas/index.js'
import { type AnswerTo, deviceOf } from './asker.js'
import { criteriaOf, queryOf } from './criteria.js'
import { granted } from './refusing.js'

export const watch: AnswerTo<'watch'> = async (asker, { id, ...criteria }, { catalogue }) => {
  granted(await catalogue.saveSearch({ ...deviceOf(asker), watch: id }, queryOf(criteria)))
  return undefined
}

export const unwatch: AnswerTo<'unwatch'> = async (asker, { id }, { catalogue }) => {
  granted(await catalogue.dropSearch({ ...deviceOf(asker), watch: id }))
  return undefined
}

export const watches: AnswerTo<'watches'> = async (asker, _said, { catalogue }) => {
  const saved = await catalogue.savedSearches(deviceOf(asker))
  if ('kind' in saved) return granted<never>(saved)
  return watchList.write({ watches: saved.map(({ watch, query }) => ({ id: watch, ...criteriaOf(query) })) })
}
