/** Searching (docs/catalogue.md, "Searching"): what is looked for, and what is found, grouped by content. */

import { type Codec, mapped, record, type ValueOf } from '../codec.js'
import { attribute, child, type Described, flag, many, one, optional } from '../fields.js'
import { Malformed } from '../malformed.js'
import { rootField } from '../transfer/hash.js'
import type { Value } from '../values.js'
import { maxPage, pageShown, pageWish } from '../xep/rsm.js'
import { inscribed } from './inscribed.js'
import { lineOf, linesOf } from './lines.js'
import { once } from './page.js'
import {
  bareJidValue,
  countValue,
  leaf,
  maxTags,
  ns,
  pathValue,
  rootValue,
  shareIdValue,
  sizeValue,
  tagValue,
  typeAttribute,
  typeFilterValue,
  wordsValue,
} from './words.js'

/** Kinds of file that one search may name. */
export const maxTypes = 8

const sizeShape = {
  min: optional(attribute('min', sizeValue)),
  max: optional(attribute('max', sizeValue)),
}

function straight(range: Described<typeof sizeShape>): Described<typeof sizeShape> {
  if (range.min !== undefined && range.max !== undefined && range.min > range.max) {
    throw new Malformed('@max', 'below the least')
  }
  return range
}

const sizeRange = mapped(record('size', ns, sizeShape), straight, straight)

/** What is looked for. All that is said must hold; of several types any one. */
export const criteria = {
  /** Words. A `*` before or after one makes it a part or the start of one; all other signs only part words. */
  words: optional(child('words', wordsValue)),
  size: optional(one(sizeRange)),
  types: many(leaf('type', typeFilterValue), { min: 0, max: maxTypes }),
  tags: many(leaf('tag', tagValue), { min: 0, max: maxTags }),
  /** The content itself. */
  root: optional(rootField),
  /** Only what this peer shares. */
  peer: optional(child('peer', bareJidValue)),
  /** Only what somebody has who is online. */
  online: flag('online'),
}

export type Criteria = Described<typeof criteria>

/** A search that looks for nothing in particular is none: it would be the whole catalogue. */
export function sought<T extends Criteria>(given: T): T {
  const { words, types, tags, root, peer } = given
  if (words === undefined && root === undefined && peer === undefined && types.length + tags.length === 0) {
    throw new Malformed('words', 'missing')
  }
  return given
}

const searchShape = {
  ...criteria,
  page: pageWish,
  /** The answer may be in lines. */
  lines: optional(flag('lines')),
}

/** `search`: who has something like this? */
export type Search = Described<typeof searchShape>
export const search: Codec<Search> = mapped(record('search', ns, searchShape), sought, sought)

const hitShape = {
  root: attribute('h', rootValue),
  size: attribute('s', sizeValue),
  /** How many peers have it, of those the asker may see. */
  sources: attribute('n', countValue),
  /** How many of them are online. */
  online: attribute('o', countValue),
  type: typeAttribute,
  /** The most useful of them, and the share of his that it is in: where one is named, so is the other. */
  peer: optional(attribute('p', bareJidValue)),
  share: optional(attribute('i', shareIdValue)),
}

const plainHit = inscribed('hit', 'path', pathValue, hitShape)
export type Hit = ValueOf<typeof plainHit>

function paired(one: Hit): Hit {
  if ((one.peer === undefined) !== (one.share === undefined)) {
    throw new Malformed(one.peer === undefined ? '@p' : '@i', 'missing')
  }
  return one
}

/** One content that was found. Its path is that in the most useful source's share. */
export const hit: Codec<Hit> = mapped(plainHit, paired, paired)

const plainHitLine = lineOf('path', pathValue, hitShape)
/** The same as a line. */
export const hitLine: Value<Hit> = {
  read: (text) => paired(plainHitLine.read(text)),
  write: (one) => plainHitLine.write(paired(one)),
}

const foundShape = {
  hits: many(once(hit), { min: 0, max: maxPage }),
  /** Instead of elements, if that was wished for. */
  lines: optional(child('lines', linesOf(hitLine))),
  page: pageShown,
}

/** `found`: the answer, the best first. */
export type Found = Described<typeof foundShape>

function inOneForm(answer: Found): Found {
  if (answer.lines !== undefined && answer.hits.length > 0) throw new Malformed('lines', 'contradicts hit')
  return answer
}

export const found: Codec<Found> = mapped(record('found', ns, foundShape), inOneForm, inOneForm)
