/**
 * An entry: one file of a share, as compact as XML lets it be, since people share a hundred thousand of them
 * (docs/catalogue.md, "Entries"). The path is the element's text, so that nothing an attribute would lose is lost.
 */

import type { Codec, ValueOf } from '../codec.js'
import { attribute } from '../fields.js'
import type { Value } from '../values.js'
import { inscribed } from './inscribed.js'
import { lineOf } from './lines.js'
import { modifiedValue, pathValue, rootValue, sizeValue, tagsAttribute, typeAttribute } from './words.js'

const shape = {
  /** Bytes. */
  size: attribute('s', sizeValue),
  /** When it was modified, in whole seconds since 1970, UTC. */
  modified: attribute('m', modifiedValue),
  /** The root over size and block hashes: what the file is. */
  root: attribute('h', rootValue),
  /** Its media type. */
  type: typeAttribute,
  tags: tagsAttribute('g'),
}

const entry = (name: string) => inscribed(name, 'path', pathValue, shape)

/** `<add s='35012' m='1013545379' h='…' t='image/jpeg'>2002/my_girl.jpg</add>` in a publication. */
export const add = entry('add')
export type Entry = ValueOf<typeof add>
/** The same in a listing, as `<file>`. */
export const listed: Codec<Entry> = entry('file')
/** And as a line of one. */
export const listedLine: Value<Entry> = lineOf('path', pathValue, shape)
