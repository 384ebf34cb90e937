/**
 * XML as the rest of the project sees it, and the only file that imports ltx.
 *
 * - ltx is imported from `ltx/lib/…`, file by file. That is what every copy of `@xmpp/xml` does; the package's own
 *   entry has another `Element` class, and `@xmpp` would send what is built with that as an empty stanza.
 * - Namespaces are looked up here: ltx lets `xmlns=''` inherit, and so takes a stranger's element for ours.
 * - Bounds come before the tree: a text that is too long, too deep or too wide is never built.
 */

// @ts-expect-error ltx ships no types
import LtxElement from 'ltx/lib/Element.js'
// @ts-expect-error ltx ships no types
import { escapeXML, escapeXMLText } from 'ltx/lib/escape.js'
// @ts-expect-error ltx ships no types
import SaxParser from 'ltx/lib/parsers/ltx.js'
import { Malformed } from './malformed.js'

/** An element of XML: what we use of ltx's class. Its children are elements and text. */
export interface Element {
  /** As written, with a prefix if there is one. See {@link localName}. */
  name: string
  attrs: Record<string, string | undefined>
  children: (Element | string)[]
  parent: Element | null
  is(name: string, xmlns?: string): boolean
  getName(): string
  getNS(): string | undefined
  getChild(name: string, xmlns?: string): Element | undefined
  getChildren(name: string, xmlns?: string): Element[]
  getChildElements(): Element[]
  getChildText(name: string, xmlns?: string): string | null
  getText(): string
  cnode(child: Element): Element
  append(...nodes: (Element | string)[]): void
  remove(child: Element): Element
  write(writer: (piece: string) => void): void
  toString(): string
}

/** The class that `@xmpp/*` checks and serialises. */
export const Element: new (name: string, attrs?: Record<string, string>) => Element = LtxElement

/** What {@link xml} takes as a child; `undefined`, `null` and `false` are left out. */
export type Child = Element | string | number | undefined | null | false

/** Builds an element. Attributes that are `undefined` are left out; the given object is not changed. */
export function xml(
  name: string,
  attrs?: Record<string, string | number | undefined> | null,
  ...children: Child[]
): Element {
  const element = new Element(name)
  if (attrs) {
    for (const key in attrs) {
      const value = attrs[key]
      if (value !== undefined) element.attrs[key] = typeof value === 'string' ? value : String(value)
    }
  }
  for (const child of children) {
    if (child === undefined || child === null || child === false) continue
    if (typeof child === 'object') element.cnode(child)
    else element.children.push(String(child))
  }
  return element
}

/** The element's name without its prefix. */
export function localName(element: Element): string {
  const colon = element.name.indexOf(':')
  return colon < 0 ? element.name : element.name.slice(colon + 1)
}

/** The namespace the element is in, or `undefined`. Unlike ltx, `xmlns=''` ends what is inherited. */
export function namespaceOf(element: Element): string | undefined {
  const colon = element.name.indexOf(':')
  const key = colon < 0 ? 'xmlns' : `xmlns:${element.name.slice(0, colon)}`
  for (let at: Element | null = element; at; at = at.parent) {
    const declared = at.attrs[key]
    if (declared !== undefined) return declared === '' ? undefined : declared
  }
  return undefined
}

/** Whether the element has exactly this name and namespace. */
export function isElement(element: Element, name: string, ns: string): boolean {
  return localName(element) === name && namespaceOf(element) === ns
}

/** The first child with exactly this name and namespace. */
export function childOf(element: Element, name: string, ns: string): Element | undefined {
  for (const child of element.children) {
    if (typeof child === 'object' && isElement(child, name, ns)) return child
  }
  return undefined
}

/** The child elements, without the text between them. */
export function childElements(element: Element): Element[] {
  return element.children.filter((child): child is Element => typeof child === 'object')
}

// XML 1.0, 2.2: the characters it cannot carry at all, escaped or not.
const uncarried = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/u
const plain = /^[\x20-\x7e]*$/

/** Whether XML can carry this text. */
export function isXmlText(text: string): boolean {
  return plain.test(text) || !uncarried.test(text)
}

/** Text escaped for element content. */
export const escapeText: (text: string) => string = escapeXMLText

/** Text escaped for an attribute. */
export const escapeAttribute: (text: string) => string = escapeXML

/** What {@link parseXml} takes at most. */
export interface XmlLimits {
  /** UTF-16 units in the whole text. */
  length: number
  depth: number
  elements: number
  /** Attributes of one element. */
  attributes: number
}

export const xmlLimits: Readonly<XmlLimits> = { length: 262_144, depth: 32, elements: 4_096, attributes: 64 }

interface Sax {
  on(event: 'startElement', heard: (name: string, attrs: Record<string, string>) => void): void
  on(event: 'endElement', heard: (name: string) => void): void
  on(event: 'text', heard: (text: string) => void): void
  write(text: string): void
}

/**
 * Parses one element and all that is in it. Takes what RFC 6120, 11.1 lets a stream carry: no comment, no processing
 * instruction, no document type.
 * @throws Malformed for anything else, and above the limits.
 */
export function parseXml(text: string, limits: Readonly<XmlLimits> = xmlLimits): Element {
  if (text.length > limits.length) throw new Malformed('', 'too long')
  if (/<\?|<!(?!\[CDATA\[)/.test(text)) throw new Malformed('', 'restricted XML')
  if (!/>\s*$/.test(text.slice(-64))) throw new Malformed('', 'not complete')
  const sax: Sax = new SaxParser()
  let root: Element | undefined
  let cursor: Element | null = null
  let depth = 0
  let elements = 0
  sax.on('startElement', (name, attrs) => {
    if (root && !cursor) throw new Malformed('', 'more than one element')
    if (++depth > limits.depth) throw new Malformed('', 'too deep')
    if (++elements > limits.elements) throw new Malformed('', 'too many elements')
    if (Object.keys(attrs).length > limits.attributes) throw new Malformed('', 'too many attributes')
    const element = new Element(name, attrs)
    if (cursor) cursor.cnode(element)
    else root = element
    cursor = element
  })
  sax.on('endElement', (name) => {
    if (cursor?.name !== name) throw new Malformed('', 'not well-formed')
    cursor = cursor.parent
    depth--
  })
  sax.on('text', (piece) => {
    if (cursor) cursor.children.push(piece)
    else if (piece.trim() !== '') throw new Malformed('', 'text outside the element')
  })
  try {
    sax.write(text)
  } catch (error) {
    throw error instanceof Malformed ? error : new Malformed('', 'not well-formed')
  }
  if (!root || cursor) throw new Malformed('', 'not complete')
  return root
}
