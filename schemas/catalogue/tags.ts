/** The tags that are in use (docs/catalogue.md, "Tags"): of what the asker may see, and of nothing else. */

import { type Codec, record, type ValueOf } from '../codec.js'
import { attribute, type Described, many, optional } from '../fields.js'
import { maxPage, pageShown, pageWish } from '../xep/rsm.js'
import { inscribed } from './inscribed.js'
import { countValue, ns, tagValue } from './words.js'

const tagsShape = {
  /** Only tags that begin so. */
  prefix: optional(attribute('prefix', tagValue)),
  page: pageWish,
}

/** `tags`: which tags are there? */
export type Tags = Described<typeof tagsShape>
export const tags: Codec<Tags> = record('tags', ns, tagsShape)

/** A tag, and how many files have it, by themselves or by their share. */
export const countedTag = inscribed('tag', 'tag', tagValue, { files: attribute('n', countValue) })
export type CountedTag = ValueOf<typeof countedTag>

const listShape = { tags: many(countedTag, { min: 0, max: maxPage }), page: pageShown }

/** `tag-list`: the answer, the most used first, then by tag. */
export type TagList = Described<typeof listShape>
export const tagList: Codec<TagList> = record('tag-list', ns, listShape)
