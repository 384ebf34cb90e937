/**
 * Items of a page as lines of one text, as in a whole list: a server takes as long for three elements as for all of such a text, whatever
 * attributes they have (docs/catalogue.md, "Pages in lines"). The fields are those of the element, in its order.
 *
 * What holds: a line is read as strictly as the element, and written only from what could be read; no field has a tab or a line end in it.
 */

import type { AttributeField, Described, Shape } from '../fields.js'
import { Malformed } from '../malformed.js'
import type { Value } from '../values.js'
import { maxPage } from '../xep/rsm.js'

/** What was written to be measured, until it is put into a page. */
const measuredLines = new WeakMap<object, string>()

/** A line of what `inscribed` gives an element: its text first, then its attributes; what is absent is empty, but not at the end. */
export function lineOf<K extends string, T, S extends Shape>(
  key: K,
  value: Value<T>,
  shape: S,
): Value<{ [key in K]: T } & Described<S>> {
  type Item = { [key in K]: T } & Described<S>
  const fields = Object.entries(shape).map(
    ([name, field]) => new LineField(name, field as AttributeField & { absent(): unknown }),
  )
  return {
    read(line) {
      const [text = '', ...parts] = line.split('\t')
      if (parts.length > fields.length) throw new Malformed('', 'too many fields')
      if (parts.at(-1) === '') throw new Malformed('', 'an empty field at the end')
      const item: Record<string, unknown> = { [key]: value.read(text) }
      for (let at = 0; at < fields.length; at++) {
        const field = fields[at]!
        const read = field.read(parts[at])
        if (read !== undefined) item[field.name] = read
      }
      return item as Item
    },
    write(item) {
      const given = item as Record<string, unknown>
      let line = value.write(item[key])
      let tabs = ''
      for (const field of fields) {
        tabs += '\t'
        const part = field.write(given[field.name])
        if (part === '') continue
        line += tabs + part
        tabs = ''
      }
      return line
    },
  }
}

/**
 * One field of the lines of a page. Most lines say in it what the line before said (the peer, his share, the type), so the last text and its
 * value are remembered, where the value is one that nobody can change.
 */
class LineField {
  #text: string | undefined
  #value: unknown

  constructor(
    /** Of the value's key. */
    readonly name: string,
    private readonly field: AttributeField & { absent(): unknown },
  ) {}

  read(text: string | undefined): unknown {
    if (text !== undefined && text === this.#text) return this.#value
    try {
      if (text === undefined || text === '') return this.field.absent()
      return this.#remember(text, this.field.value.read(text))
    } catch (error) {
      throw this.#named(error)
    }
  }

  write(given: unknown): string {
    if (given !== undefined && given === this.#value) return this.#text!
    try {
      const value = given ?? this.field.absent()
      if (value === undefined) return ''
      const text = this.field.value.write(value)
      this.#remember(text, value)
      return text
    } catch (error) {
      throw this.#named(error)
    }
  }

  #remember(text: string, value: unknown): unknown {
    // Only what is said just so: some values are read from several texts.
    if (typeof value === 'number' || value === text) {
      this.#text = text
      this.#value = value
    }
    return value
  }

  /** Says of which field it is what is wrong, as the element would. */
  #named(error: unknown): unknown {
    return error instanceof Malformed ? error.within(`@${this.field.name}`) : error
  }
}

/** The line of a value, written now to be measured; `linesOf` is given the same, once, and does not write it again. */
export function lineAhead<T extends object>(line: Value<T>, value: T): string {
  const text = line.write(value)
  measuredLines.set(value, text)
  return text
}

/** A text of lines, at most as many as a page has items; the empty text is none. */
export function linesOf<T extends object>(line: Value<T>): Value<T[]> {
  const each = <X, Y>(items: readonly X[], step: (item: X) => Y): Y[] => {
    if (items.length > maxPage) throw new Malformed('', 'too many')
    return items.map((item, at) => {
      try {
        return step(item)
      } catch (error) {
        throw error instanceof Malformed ? error.within(`line ${at + 1}`) : error
      }
    })
  }
  return {
    read: (text) => (text === '' ? [] : each(text.split('\n'), (one) => line.read(one))),
    write: (items) =>
      each(items, (item) => {
        const ahead = measuredLines.get(item)
        measuredLines.delete(item)
        return ahead ?? line.write(item)
      }).join('\n'),
  }
}
