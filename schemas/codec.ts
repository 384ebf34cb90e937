/**
 * One declaration gives the type, the reader and the writer of an element.
 *
 * - `read` returns a value that needs no further check, or throws Malformed. `write` checks as strictly.
 * - Names and namespaces are compared exactly. Attributes and children that are not declared are ignored.
 * - A single child that comes twice is refused; a list has a least and a greatest number of items.
 * - The writer puts attributes and children in the order of the declaration: that is the canonical form.
 */

import type { AttributeField, ChildField, Described, Shape } from './fields.js'
import { inside, Malformed } from './malformed.js'
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
      // A child without prefix or declaration of its own is in our namespace too, if ours is the default here.
      const inherits = !element.name.includes(':')
      for (const item of element.children) {
        if (typeof item === 'string') continue
        at = ''
        const indices = byName.get(localName(item))
        if (!indices) continue
        const itemNs =
          inherits && item.attrs.xmlns === undefined && !item.name.includes(':') ? ns : namespaceOf(item)
        for (const index of indices) {
          const [key, field] = children[index]!
          if ((field.ns ?? ns) !== itemNs || (field.selects && !field.selects(item))) continue
          at = localName(item)
          if (field.many) {
            const list = (value[key] as unknown[] | undefined) ?? []
            value[key] = list
            if (list.length < field.many.max && field.many.hasRoom?.(list, item) !== false) {
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
          if (!written) continue
          if (field.many.hasRoom?.(list.slice(0, index), written) === false)
            throw new Malformed('', 'too many')
          element.cnode(written)
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
  return {
    name: codec.name,
    ns: codec.ns,
    read: (element) => {
      const value = codec.read(element)
      return inside(codec.name, () => read(value))
    },
    write: (value) => codec.write(inside(codec.name, () => write(value))),
  }
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
