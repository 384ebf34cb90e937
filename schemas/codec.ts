/**
 * One declaration gives the type, the reader and the writer of an element.
 *
 * - `read` returns a value that needs no further check, or throws Malformed. `write` checks as strictly.
 * - Names and namespaces are compared exactly. Attributes and children that are not declared are ignored.
 * - A single child that comes twice is refused; a list has a least and a greatest number of items.
 * - The writer puts attributes and children in the order of the declaration: that is the canonical form.
 */

import { Malformed } from './malformed.js'
import type { Value } from './values.js'
import { type Element, localName, namespaceOf, Element as XmlElement } from './xml.js'

/** The two ways between an element and a value. */
export interface Codec<T> {
  readonly name: string
  readonly ns: string
  /** @throws Malformed */
  read(element: Element): T
  /** @throws Malformed when the value is none that could be read */
  write(value: T): Element
}

/** The value a codec reads. */
export type ValueOf<C> = C extends Codec<infer T> ? T : never

interface AttributeField {
  readonly place: 'attribute'
  readonly name: string
  readonly value: Value<unknown>
}

interface ChildField {
  readonly place: 'child'
  /** The child's possible names. */
  readonly names: readonly string[]
  /** Its namespace, if it is not the parent's. */
  readonly ns?: string
  /** Whether this child is meant, when several fields share a name. */
  readonly selects?: (child: Element) => boolean
  /** For a list: how many. */
  readonly many?: { readonly min: number; readonly max: number; readonly ignoreMore: boolean }
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

/** Children of one kind, `min` to `max` of them. With `ignoreMore` those above `max` are ignored, else refused. */
export function many<T>(
  codec: Codec<T>,
  bounds: { min: number; max: number; ignoreMore?: boolean },
  selects?: (child: Element) => boolean,
): Field<T[]> {
  return {
    place: 'child',
    names: [codec.name],
    ns: codec.ns,
    selects,
    many: { min: bounds.min, max: bounds.max, ignoreMore: bounds.ignoreMore ?? false },
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

/** An element with these fields. */
export function record<S extends Shape>(name: string, ns: string, shape: S): Codec<Described<S>> {
  const attributes: [key: string, field: AttributeField & { absent(): unknown }][] = []
  const children: [key: string, field: ChildField & { absent(): unknown }][] = []
  const byName = new Map<string, number[]>()
  for (const [key, field] of Object.entries(shape)) {
    if (field.place === 'attribute') {
      attributes.push([key, field])
      continue
    }
    for (const each of field.names) byName.set(each, [...(byName.get(each) ?? []), children.length])
    children.push([key, field])
  }

  function read(element: Element): Described<S> {
    const value: Record<string, unknown> = {}
    let at = ''
    try {
      if (!element || localName(element) !== name || namespaceOf(element) !== ns) {
        throw new Malformed('', 'not this element')
      }
      for (const [key, field] of attributes) {
        at = `@${field.name}`
        const text = element.attrs[field.name]
        const read = typeof text === 'string' ? field.value.read(text) : field.absent()
        if (read !== undefined) value[key] = read
      }
      for (const item of element.children) {
        if (typeof item === 'string') continue
        at = ''
        const indices = byName.get(localName(item))
        if (!indices) continue
        const itemNs = item.attrs.xmlns === undefined && !item.name.includes(':') ? ns : namespaceOf(item)
        for (const index of indices) {
          const [key, field] = children[index]!
          if ((field.ns ?? ns) !== itemNs || (field.selects && !field.selects(item))) continue
          at = localName(item)
          if (field.many) {
            const list = (value[key] as unknown[] | undefined) ?? []
            value[key] = list
            if (list.length < field.many.max) {
              at = `${at}[${list.length + 1}]`
              list.push(field.readChild(item, ns))
            } else if (!field.many.ignoreMore) throw new Malformed('', 'too many')
          } else {
            if (value[key] !== undefined) throw new Malformed('', 'repeated')
            value[key] = field.readChild(item, ns)
          }
          break
        }
      }
      for (const [key, field] of children) {
        at = field.names[0]!
        const got = value[key]
        if (got === undefined) {
          const absent = field.absent()
          if (absent !== undefined) value[key] = absent
        } else if (field.many && (got as unknown[]).length < field.many.min) {
          throw new Malformed('', 'too few')
        }
      }
    } catch (error) {
      throw placed(error, at, name)
    }
    return value as Described<S>
  }

  function write(given: Described<S>): Element {
    const value = given as Record<string, unknown>
    const element = new XmlElement(name)
    element.attrs.xmlns = ns
    let at = ''
    try {
      for (const [key, field] of attributes) {
        at = `@${field.name}`
        const item = value[key] ?? field.absent()
        if (item !== undefined) {
          const text = field.value.write(item)
          if (text !== '') element.attrs[field.name] = text
        }
      }
      for (const [key, field] of children) {
        at = field.names[0]!
        const item = value[key] ?? field.absent()
        if (item === undefined) continue
        if (!field.many) {
          const written = field.writeChild(item, ns)
          if (written) element.cnode(written)
          continue
        }
        const list = item as unknown[]
        if (list.length < field.many.min) throw new Malformed('', 'too few')
        if (list.length > field.many.max) throw new Malformed('', 'too many')
        for (let index = 0; index < list.length; index++) {
          at = `${field.names[0]}[${index + 1}]`
          const written = field.writeChild(list[index], ns)
          if (written) element.cnode(written)
        }
      }
    } catch (error) {
      throw placed(error, at, name)
    }
    return element
  }

  return { name, ns, read, write }
}

/** A codec whose value is shown to the program in another shape. The two functions may throw Malformed. */
export function mapped<A, B>(codec: Codec<A>, read: (value: A) => B, write: (value: B) => A): Codec<B> {
  const inside = <X>(step: () => X): X => {
    try {
      return step()
    } catch (error) {
      throw error instanceof Malformed ? error.within(codec.name) : error
    }
  }
  return {
    name: codec.name,
    ns: codec.ns,
    read: (element) => {
      const value = codec.read(element)
      return inside(() => read(value))
    },
    write: (value) => codec.write(inside(() => write(value))),
  }
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

function placed(error: unknown, at: string, name: string): unknown {
  if (!(error instanceof Malformed)) return error
  // A nested codec has put its own name in front already: the index belongs to that name.
  const bracket = at.indexOf('[')
  const plainName = bracket < 0 ? at : at.slice(0, bracket)
  if (plainName !== '' && (error.path === plainName || error.path.startsWith(`${plainName}/`))) {
    error.path = at + error.path.slice(plainName.length)
    return error.within(name)
  }
  return (at === '' ? error : error.within(at)).within(name)
}
