/**
 * All of `jabberfs:catalogue:1` in one table: what is asked, by which type of IQ, and what the result holds. A router
 * needs only this; the root element of an IQ names the question.
 */

import type { Codec, ValueOf } from '../codec.js'
import { blocking } from './blocking.js'
import { browse, listing } from './browse.js'
import { peerList, peers } from './peers.js'
import { publish } from './publish.js'
import { held, register, registered, unregister } from './register.js'
import { found, search } from './search.js'
import { share, shareList, shares, unshare } from './share.js'
import { sourceList, sources } from './sources.js'
import { tagList, tags } from './tags.js'
import { matched, unwatch, watch, watches, watchList } from './watch.js'

interface Question {
  readonly type: 'get' | 'set'
  // biome-ignore lint/suspicious/noExplicitAny: a table of codecs of every type
  readonly ask: Codec<any>
  /** What a result may hold; none for an empty one. */
  // biome-ignore lint/suspicious/noExplicitAny: likewise
  readonly answers: readonly Codec<any>[]
}

const question = <A, B = never>(type: 'get' | 'set', ask: Codec<A>, ...answers: Codec<B>[]) =>
  ({ type, ask, answers }) as const

/** Said by a device to the component. */
export const questions = {
  register: question('set', register, registered),
  unregister: question('set', unregister),
  share: question('set', share, held),
  unshare: question('set', unshare),
  publish: question('set', publish, held),
  shares: question('get', shares, shareList),
  search: question('get', search, found),
  browse: { type: 'get', ask: browse, answers: [shareList, listing] },
  peers: question('get', peers, peerList),
  sources: question('get', sources, sourceList),
  tags: question('get', tags, tagList),
  watch: question('set', watch),
  unwatch: question('set', unwatch),
  watches: question('get', watches, watchList),
  blocking: question('set', blocking),
} as const satisfies Record<string, Question>

export type QuestionName = keyof typeof questions

/** Each question's value, by its name. */
export type QuestionValues = { [N in QuestionName]: ValueOf<(typeof questions)[N]['ask']> }

/** Said by the component to a device. */
export const notices = { matched } as const

/** Whether this is the name of a question. */
export function isQuestionName(name: string): name is QuestionName {
  return Object.hasOwn(questions, name)
}

/** Every element of the catalogue that is the root of a payload. */
export const catalogueElements = {
  register,
  registered,
  unregister,
  share,
  held,
  unshare,
  publish,
  shares,
  'share-list': shareList,
  search,
  found,
  browse,
  listing,
  peers,
  'peer-list': peerList,
  sources,
  'source-list': sourceList,
  tags,
  'tag-list': tagList,
  watch,
  unwatch,
  watches,
  'watch-list': watchList,
  matched,
  blocking,
} as const
