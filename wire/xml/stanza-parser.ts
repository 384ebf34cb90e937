/**
 * Reads a stream of XMPP: text in chunks of any size, stanzas out. It takes the place of the stock parser, with the same events
 * (`start`, `element`, `end`; faults are thrown), and adds `oversize`.
 *
 * Rules:
 * - Bounded: a stanza over a cap (limits.ts) is dropped at once and read on without being kept; at its end `oversize` tells its head,
 *   so that an IQ can be answered. The stream goes on (cases 26–28).
 * - No tree is built deeper than the cap, so nobody who walks it overflows the stack.
 * - After the stream's end tag, or `close()`, everything is ignored.
 */
import { EventEmitter } from 'node:events'
import { Element } from '../../schemas/xml.js'
import type { WireLimits } from '../limits.js'
import { unescaped } from './characters.js'
import { StreamFault } from './fault.js'
import { longestName, Scanner, type TokenTaker } from './scanner.js'

/** What is remembered of a stanza that was over a cap. */
export interface StanzaHead {
  name: string
  id: string | undefined
  from: string | undefined
  to: string | undefined
  type: string | undefined
}

type HeadAttribute = 'id' | 'from' | 'to' | 'type'
const headAttributes: readonly string[] = ['id', 'from', 'to', 'type']

/** A value of a head longer than this is not remembered: the answer could not be written under our own cap. */
const longestHeadValue = 16 * 1024

export type ParserLimits = Pick<WireLimits, 'stanza' | 'depth' | 'elements' | 'attributes'>

export class StanzaParser extends EventEmitter {
  readonly #scanner: Scanner
  readonly #tree: Tree
  /** The first thing a listener threw while the current chunk was read. */
  #thrown: { error: unknown } | undefined

  constructor(limits: ParserLimits) {
    super()
    const say = (event: string, what: unknown) => {
      try {
        this.emit(event, what)
      } catch (error) {
        this.#thrown ??= { error }
      }
    }
    this.#tree = new Tree(limits, say, () => this.close())
    this.#scanner = new Scanner(this.#tree)
  }

  /** The stream's own element, once its start tag has come. */
  get root(): Element | null {
    return this.#tree.root
  }

  /** Ignores everything from here on: after STARTTLS was agreed, what follows in clear text was put there by somebody else. */
  close(): void {
    this.#scanner.close()
    this.#tree.forget()
  }

  /**
   * @throws StreamFault when the stream has to end; all that follows is ignored
   * @throws what a listener threw, once the whole chunk is read: it is not the stream's fault, and what comes behind is not lost
   */
  write(chunk: string): void {
    try {
      this.#scanner.write(chunk)
    } catch (fault) {
      this.close()
      throw fault
    }
    const thrown = this.#thrown
    if (thrown === undefined) return
    this.#thrown = undefined
    throw thrown.error
  }

  /** What users of the stock parser call; there is nothing to finish. */
  end(chunk?: string): void {
    if (chunk) this.write(chunk)
  }
}

/** Builds the elements of one stream, within the limits. */
class Tree implements TokenTaker {
  readonly #limits: ParserLimits
  readonly #say: (event: string, what: unknown) => void
  readonly #close: () => void
  root: Element | null = null
  #cursor: Element | null = null
  #name = ''
  #attributes: Record<string, string> = {}
  #attributeCount = 0
  /** Elements open inside the stream: 0 between stanzas. */
  #depth = 0
  #elements = 0
  /** Where the current stanza began. */
  #began = 0
  #over: StanzaHead | null = null

  constructor(limits: ParserLimits, say: (event: string, what: unknown) => void, close: () => void) {
    this.#limits = limits
    this.#say = say
    this.#close = close
  }

  get inside(): boolean {
    return this.#depth > 0
  }

  get keepsText(): boolean {
    return this.#over === null
  }

  keepsValue(attribute: string, length: number): boolean {
    if (this.#over === null) return true
    return this.#depth === 0 && length <= longestHeadValue && headAttributes.includes(attribute)
  }

  startTag(name: string, began: number): void {
    if (this.#depth === 0) this.#began = began
    this.#name = name
    this.#attributes = {}
    this.#attributeCount = 0
    if (++this.#elements > this.#limits.elements || name.length > longestName) this.#goOver()
  }

  attribute(name: string): void {
    if (++this.#attributeCount > this.#limits.attributes || name.length > longestName) this.#goOver()
  }

  value(name: string, raw: string): void {
    const value = /[<&\t\n\r]/.test(raw) ? attributeValue(raw) : raw
    if (this.#over !== null) {
      this.#over[name as HeadAttribute] ??= value
      return
    }
    if (Object.hasOwn(this.#attributes, name))
      throw new StreamFault('not-well-formed', 'an attribute given twice')
    this.#attributes[name] = value
  }

  startTagDone(selfClosing: boolean, position: number): void {
    if (this.root === null) {
      if (selfClosing) throw new StreamFault('not-well-formed', 'a stream that ends at once')
      this.root = this.#element()
      this.forget()
      this.#say('start', this.root)
      return
    }
    this.pause(position)
    if (this.#depth >= this.#limits.depth) this.#goOver()
    this.#depth++
    if (this.#over === null) {
      const element = this.#element()
      if (this.#depth > 1) {
        const parent = this.#cursor as Element
        parent.children.push(element)
        element.parent = parent
      }
      this.#cursor = element
    }
    if (selfClosing) this.endTag(this.#name, position)
  }

  endTag(rawName: string, position: number): void {
    const { root } = this
    if (root === null) throw new StreamFault('not-well-formed', 'an end without a beginning')
    if (this.#over === null) {
      const open = this.#depth === 0 ? root : (this.#cursor as Element)
      // An end tag may have white space behind its name.
      if (open.name !== rawName && open.name !== rawName.replace(/[ \t\r\n]+$/, '')) {
        throw new StreamFault('not-well-formed', 'tags that do not match')
      }
    }
    if (this.#depth === 0) {
      this.#close()
      this.#say('end', root)
      return
    }
    this.pause(position)
    this.#depth--
    if (this.#depth === 0) this.#stanzaDone(root)
    else if (this.#over === null) this.#cursor = (this.#cursor as Element).parent
  }

  text(raw: string): void {
    this.#append(unescaped(withNewlines(raw)))
  }

  cdata(text: string): void {
    this.#append(withNewlines(text))
  }

  /** Checks the stanza's size so far. */
  pause(position: number): void {
    if (position - this.#began > this.#limits.stanza) this.#goOver()
  }

  /** Holds nothing of a stanza any more. */
  forget(): void {
    this.#cursor = null
    this.#over = null
    this.#elements = 0
    this.#attributes = {}
  }

  #append(text: string): void {
    if (text !== '') this.#cursor?.children.push(text)
  }

  #element(): Element {
    const element = new Element(this.#name)
    element.attrs = this.#attributes
    return element
  }

  #stanzaDone(root: Element): void {
    const element = this.#cursor as Element
    const over = this.#over
    this.forget()
    if (over !== null) {
      this.#say('oversize', over)
      return
    }
    // As the stock parser does: namespaces declared on the stream are found through the parent.
    element.parent = root
    this.#say('element', element)
  }

  /** Drops what is held of this stanza but its head. The stream's own head is the server's: there it is a fault. */
  #goOver(): void {
    if (this.#over !== null) return
    if (this.root === null) throw new StreamFault('policy-violation', 'a stream header over our caps')
    let stanza = this.#depth === 0 ? null : this.#cursor
    while (stanza?.parent) stanza = stanza.parent
    const attributes = stanza === null ? this.#attributes : stanza.attrs
    const short = (name: HeadAttribute) => {
      const value = attributes[name]
      return value !== undefined && value.length <= longestHeadValue ? value : undefined
    }
    this.#over = {
      name: stanza === null ? this.#name : stanza.name,
      id: short('id'),
      from: short('from'),
      to: short('to'),
      type: short('type'),
    }
    this.#cursor = null
    this.#attributes = {}
  }
}

/** A value that is not plain. XML 1.0 §3.3.3: white space that was written as itself is a space. */
function attributeValue(raw: string): string {
  if (raw.includes('<')) throw new StreamFault('not-well-formed', 'a `<` in an attribute')
  return unescaped(raw.replace(/\r\n|[\t\n\r]/g, ' '))
}

/** XML 1.0 §2.11: a line ends with `\n`, however it was written; only `&#13;` is a carriage return. */
const withNewlines = (raw: string): string => (raw.includes('\r') ? raw.replace(/\r\n?/g, '\n') : raw)
