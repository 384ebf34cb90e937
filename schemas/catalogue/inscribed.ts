/** Elements with attributes and a text of their own: the compact form of what a list has many of. */

import { type Codec, record } from '../codec.js'
import { type Described, type Shape, textOnly } from '../fields.js'
import { inside } from '../malformed.js'
import type { Value } from '../values.js'
import { ns } from './words.js'

type Inscribed<K extends string, T, S extends Shape> = { [key in K]: T } & Described<S>

/** An element whose text is the value's `key`, and whose attributes are the rest of it. */
export function inscribed<K extends string, T, S extends Shape>(
  name: string,
  key: K,
  value: Value<T>,
  shape: S,
): Codec<Inscribed<K, T, S>> {
  const attributes = record(name, ns, shape)
  return {
    name,
    ns,
    read: (element) => {
      const rest = attributes.read(element)
      return { [key]: inside(name, () => value.read(textOnly(element))), ...rest } as Inscribed<K, T, S>
    },
    write: (given) => {
      const element = attributes.write(given)
      element.children.push(inside(name, () => value.write(given[key])))
      return element
    },
  }
}
