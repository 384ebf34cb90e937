/** Who has a content (docs/catalogue.md, "Sources"). */

import { type Codec, record, type ValueOf } from '../codec.js'
import { attribute, type Described, many } from '../fields.js'
import { rootField } from '../transfer/hash.js'
import { maxPage, pageShown, pageWish } from '../xep/rsm.js'
import { inscribed } from './inscribed.js'
import { mark, modifiedValue, ns, pathValue, peerAttribute, shareAttribute } from './words.js'

const sourcesShape = { root: rootField, page: pageWish }

/** `sources`: who has this? */
export type Sources = Described<typeof sourcesShape>
export const sources: Codec<Sources> = record('sources', ns, sourcesShape)

/** One who has it: in which share, and where in it. */
export const source = inscribed('source', 'path', pathValue, {
  peer: peerAttribute,
  share: shareAttribute,
  online: mark('online'),
  modified: attribute('m', modifiedValue),
})
export type CatalogueSource = ValueOf<typeof source>

const listShape = { sources: many(source, { min: 0, max: maxPage }), page: pageShown }

/** `source-list`: the answer, the most useful first. */
export type SourceList = Described<typeof listShape>
export const sourceList: Codec<SourceList> = record('source-list', ns, listShape)
