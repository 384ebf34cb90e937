/**
 * Results by pages: XEP-0059. What is asked for and what is given are two values, though both are called `set`.
 * The marks between pages are the answering side's own and mean nothing to anybody else.
 */

import { type Codec, mapped, record } from '../codec.js'
import { child, type Described, type Field, one, optional, textOnly } from '../fields.js'
import { Malformed } from '../malformed.js'
import { nsRsm } from '../names.js'
import { line, type Value, wholeNumber } from '../values.js'
import { type Element, xml } from '../xml.js'

/** The most results of one page: who asks for more gets this many. */
export const maxPage = 100
/** Results of one search that are kept for paging, at most. */
export const maxFrozen = 1_000

/** Characters of a mark: in a list with an order of its own it may be a name. */
const maxMark = 300
const markValue = line(maxMark)
const anyCount = wholeNumber(0)

/** A wish is clamped when it is read, never refused for being large (case 50). */
const wishValue: Value<number> = {
  read: (text) => Math.min(anyCount.read(text), maxPage),
  write: (value) => anyCount.write(Math.min(value, maxPage)),
}

/** XEP-0059, 2.5: an empty `before` asks for the last page. */
const beforeValue: Value<string> = {
  read: (text) => (text === '' ? '' : markValue.read(text)),
  write: (text) => (text === '' ? '' : markValue.write(text)),
}

const wantedShape = {
  max: optional(child('max', wishValue)),
  after: optional(child('after', markValue)),
  before: optional(child('before', beforeValue)),
}
const askedShape = { ...wantedShape, index: optional(child('index', anyCount)) }

/** Which page is wanted: at most `max` after, or before, a mark. `max` 0 asks for the count alone. */
export type PageWanted = Described<typeof wantedShape>

function oneWay({ index, ...page }: Described<typeof askedShape>): PageWanted {
  // XEP-0059, 2.6: whoever was given the first page instead would take it for the one he asked for.
  if (index !== undefined && index > 0) throw new Malformed('index', 'not done here', 'unknown-action')
  if (page.after !== undefined && page.before !== undefined)
    throw new Malformed('before', 'contradicts after')
  return page
}

export const pageWanted: Codec<PageWanted> = mapped(record('set', nsRsm, askedShape), oneWay, oneWay)

const indexValue = wholeNumber(0, maxFrozen)

/** The mark of a page's first result, and its place among all. */
export interface First {
  mark: string
  index?: number
}

const first: Field<First, true> = optional({
  place: 'child',
  names: ['first'],
  readChild: (element: Element): First => {
    const { index } = element.attrs
    const mark = markValue.read(textOnly(element))
    return index === undefined ? { mark } : { mark, index: indexValue.read(index) }
  },
  writeChild: (given: unknown) => {
    const { mark, index } = given as First
    return xml(
      'first',
      { index: index === undefined ? undefined : indexValue.write(index) },
      markValue.write(mark),
    )
  },
  absent: () => undefined,
  isOptional: false,
})

const givenShape = {
  /** The first one's mark, and its place among all. */
  first,
  last: optional(child('last', markValue)),
  /** How many there are in all, as far as they are counted. */
  count: optional(child('count', wholeNumber(0))),
}

/** Which page was given. */
export type PageGiven = Described<typeof givenShape>

export const pageGiven: Codec<PageGiven> = record('set', nsRsm, givenShape)

/** The page somebody wants, where a question may have one. */
export const pageWish = optional(one(pageWanted))
/** The page somebody gets. */
export const pageShown = optional(one(pageGiven))
