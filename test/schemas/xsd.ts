/** Our XML schemas as data: which elements there are, and what may be in each. */

import { readFileSync } from 'node:fs'
import { parseXml } from '../../schemas/index.js'
import { childElements, type Element, localName } from '../../schemas/xml.js'

/** An element and all below it. */
export const below = (element: Element): Element[] => [element, ...childElements(element).flatMap(below)]

export class Xsd {
  readonly #schema: Element

  /** @param file its name in `schemas/` */
  constructor(file: string) {
    const text = readFileSync(new URL(`../../../schemas/${file}`, import.meta.url), 'utf8')
    this.#schema = parseXml(text.replace(/^<\?xml.*\?>/, '').replace(/<!--[\s\S]*?-->/g, ''))
  }

  get all(): Element[] {
    return below(this.#schema)
  }

  /** The elements that may stand alone. */
  get roots(): string[] {
    return this.#top('element').map(({ attrs }) => attrs.name!)
  }

  named(kind: 'element' | 'simpleType' | 'complexType' | 'group' | 'attributeGroup', name: string): Element {
    const found = this.#top(kind).find(({ attrs }) => attrs.name === name)
    if (found === undefined) throw new Error(`no ${kind} ${name}`)
    return found
  }

  /** The words that a type takes. */
  words(element: Element): string[] {
    return below(element).flatMap((each) => (localName(each) === 'enumeration' ? [each.attrs.value!] : []))
  }

  /** Names of the children that an element, type or group may have, in their order; those of others' namespaces are left out. */
  children(element: Element): string[] {
    const inside = (each: Element): string[] => {
      if (localName(each) === 'element') return [each.attrs.name!]
      return localName(each) === 'attribute' ? [] : this.children(each)
    }
    return [
      ...this.#elsewhere(element).flatMap((each) => this.children(each)),
      ...childElements(element).flatMap(inside),
    ]
  }

  /** Names of its attributes, but for those of attribute groups. */
  attributes(element: Element): string[] {
    const inside = (each: Element): string[] => {
      if (localName(each) === 'attribute') return [each.attrs.name!]
      return localName(each) === 'element' ? [] : this.attributes(each)
    }
    return [
      ...this.#elsewhere(element).flatMap((each) => this.attributes(each)),
      ...childElements(element).flatMap(inside),
    ]
  }

  /** Where the rest of it is: its type, the one that it extends, the group that it stands for. */
  #elsewhere(element: Element): Element[] {
    const { type, base, ref } = element.attrs
    const kind = localName(element) === 'group' ? 'group' : 'complexType'
    const names = localName(element) === 'attribute' ? [] : [type, base, kind === 'group' ? ref : undefined]
    return this.#top(kind).filter(({ attrs }) => names.includes(attrs.name))
  }

  #top(kind: string): Element[] {
    return childElements(this.#schema).filter((child) => localName(child) === kind)
  }
}
