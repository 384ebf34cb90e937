/**
 * The fields an element can have: attributes, children that hold a value, flags, children with a codec of their own,
 * and lists of those. See {@link record} for what is made of them.
 */

import type { Codec } from './codec.js'
import { Malformed } from './malformed.js'
import type { Value } from './values.js'
import { type Element, localName, Element as XmlElement } from './xml.js'

export interface AttributeField {
  readonly place: 'attribute'
  readonly name: string
  readonly value: Value<unknown>
}

export interface ChildField {
  readonly place: 'child'
  /** The child's possible names. */
  readonly names: readonly string[]
  /** Its namespace, if it is not the parent's. */
  readonly ns?: string
  /** Whether this child is meant, when several fields share a name. */
  readonly selects?: (child: Element) => boolean
  /** For a list: how many. */
  readonly many?: {
    readonly min: number
    readonly max: number
    readonly ignoreMore: boolean
    /** Whether a list so far has room for one more that is like this child; where not, it counts as one above `max`. */
    readonly hasRoom?: (list: readonly unknown[], child: Element) => boolean
  }
  readChild(child: Element, ns: string): unknown
  /** The child to append, or nothing. */
  writeChild(value: unknown, ns: string): Element | undefined
}

/** One field of a record. `Optional` says whether the key may be absent in the value. */
export type Field<T, Optional extends boolean = false> = (AttributeField | ChildField) & {
  /** What the value is when the field is absent; `missing` refuses. */
  readonly absent: () => unknown
  /** Only for the compiler. */
  readonly type?: (value: T) => T
  readonly isOptional: Optional
}

// biome-ignore lint/suspicious/noExplicitAny: a shape holds fields of every type
export type Shape = Record<string, Field<any, boolean>>

type Flat<T> = { [K in keyof T]: T[K] } & {}
type TypeOf<F> = F extends Field<infer T, boolean> ? T : never

/** The value that a shape describes. */
export type Described<S extends Shape> = Flat<
  { [K in keyof S as S[K]['isOptional'] extends true ? never : K]: TypeOf<S[K]> } & {
    [K in keyof S as S[K]['isOptional'] extends true ? K : never]?: TypeOf<S[K]>
  }
>

const missing = () => {
  throw new Malformed('', 'missing')
}
const nothing = () => undefined

/** An attribute that must be there. */
export function attribute<T>(name: string, value: Value<T>): Field<T> {
  return { place: 'attribute', name, value: value as Value<unknown>, absent: missing, isOptional: false }
}

/** A child element that holds one value as its text. */
export function child<T>(name: string, value: Value<T>, ns?: string): Field<T> {
  return {
    place: 'child',
    names: [name],
    ns,
    readChild: (element) => value.read(textOnly(element)),
    writeChild: (given) => leaf(name, ns, value.write(given as T)),
    absent: missing,
    isOptional: false,
  }
}

/** An empty child that is there or is not. `attrs` are written with it, and `selects` tells it from its namesakes. */
export function flag(
  name: string,
  ns?: string,
  attrs?: Record<string, string>,
  selects?: (child: Element) => boolean,
): Field<boolean> {
  return {
    place: 'child',
    names: [name],
    ns,
    selects,
    readChild: () => true,
    writeChild: (given) => {
      if (given !== true) return undefined
      const element = leaf(name, ns)
      Object.assign(element.attrs, attrs)
      return element
    },
    absent: () => false,
    isOptional: false,
  }
}

/** A child that has a codec of its own. */
export function one<T>(codec: Codec<T>, selects?: (child: Element) => boolean): Field<T> {
  return {
    place: 'child',
    names: [codec.name],
    ns: codec.ns,
    selects,
    readChild: (element) => codec.read(element),
    writeChild: (given, ns) => inherit(codec.write(given as T), ns),
    absent: missing,
    isOptional: false,
  }
}

/** A child of one of several kinds, told apart by the value's `kind`, which is the element's name. */
export function either<T extends { kind: string }>(
  codecs: { readonly [K in T['kind']]: Codec<T> },
): Field<T> {
  const byName = new Map<string, Codec<T>>(Object.entries(codecs))
  const names = [...byName.keys()]
  const pick = (name: string) => byName.get(name) ?? missing()
  return {
    place: 'child',
    names,
    readChild: (element) => pick(localName(element)).read(element),
    writeChild: (given, ns) => inherit(pick((given as T).kind).write(given as T), ns),
    absent: missing,
    isOptional: false,
  }
}

/**
 * Children of one kind, `min` to `max` of them. With `ignoreMore` those above `max` are ignored, else refused; with
 * `hasRoom` also those for whose like there is no room.
 */
export function many<T>(
  codec: Codec<T>,
  bounds: {
    min: number
    max: number
    ignoreMore?: boolean
    hasRoom?: (list: readonly T[], child: Element) => boolean
  },
  selects?: (child: Element) => boolean,
): Field<T[]> {
  return {
    place: 'child',
    names: [codec.name],
    ns: codec.ns,
    selects,
    many: {
      min: bounds.min,
      max: bounds.max,
      ignoreMore: bounds.ignoreMore ?? false,
      ...(bounds.hasRoom && {
        hasRoom: bounds.hasRoom as (list: readonly unknown[], child: Element) => boolean,
      }),
    },
    readChild: (element) => codec.read(element),
    writeChild: (given, ns) => inherit(codec.write(given as T), ns),
    absent: bounds.min > 0 ? missing : () => [],
    isOptional: false,
  }
}

/** The same field, which may be absent. */
export function optional<T>(field: Field<T>): Field<T, true> {
  return { ...field, absent: nothing, isOptional: true }
}

/** The text of an element that has nothing but text in it. */
export function textOnly(element: Element): string {
  const { children } = element
  if (children.length === 1 && typeof children[0] === 'string') return children[0]
  let text = ''
  for (const item of children) {
    if (typeof item !== 'string') throw new Malformed('', 'elements where text is due')
    text += item
  }
  return text
}

function leaf(name: string, ns?: string, text = ''): Element {
  const element = new XmlElement(name)
  if (ns !== undefined) element.attrs.xmlns = ns
  if (text !== '') element.children.push(text)
  return element
}

/** A child in its parent's namespace does not say it again. */
function inherit(element: Element, ns: string): Element {
  if (element.attrs.xmlns === ns) delete element.attrs.xmlns
  return element
}
