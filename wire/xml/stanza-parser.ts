/**
 * Reads a stream of XMPP: text in chunks of any size, stanzas out. It takes the place of the stock parser on the same four events
 * (`start`, `element`, `end`; faults are thrown) and adds `oversize`.
 *
 * Rules:
 * - Linear time, whatever the chunks: no character is looked at twice, what is held of an unfinished token is only appended to.
 * - Bounded: a stanza over a cap (limits.ts) is dropped at once and read on without being kept; at its end `oversize`
 *   tells its head, so that an IQ can be answered. The stream goes on.
 * - Strict: only the XML that RFC 6120 §11 allows. No DOCTYPE, processing instruction, comment, or entity of anybody's making.
 * - After the stream's end tag, or `close()`, everything is ignored.
 */
import { EventEmitter } from 'node:events'
import { Element } from '../../schemas/xml.js'
import type { WireLimits } from '../limits.js'
import { detached, requireLegal, unescaped } from './characters.js'
import { StreamFault } from './fault.js'

/** What is remembered of a stanza that was over a cap. */
export interface StanzaHead {
  name: string
  id: string | undefined
  from: string | undefined
  to: string | undefined
  type: string | undefined
}

enum At {
  Text,
  Opened, // behind `<`
  Declaration, // inside `<?xml …`
  Bang, // behind `<!`
  Cdata,
  Name,
  EndName,
  Tag, // between attributes
  AttributeName,
  Equals,
  Quote,
  Value,
  SelfClosing, // behind `/` in a tag
  Ended,
}

/** A name, an id or an address of a head longer than this is not remembered: the answer could not be written under our own cap. */
const headValue = 16 * 1024
const longestName = 256
const remembered = new Set(['id', 'from', 'to', 'type'])
const cdata = '[CDATA['
const asIs = (text: string): string => text

type Attributes = Record<string, string>

export class StanzaParser extends EventEmitter {
  readonly #limits: Pick<WireLimits, 'stanza' | 'depth' | 'elements' | 'attributes'>
  /** The stream's own element, once its start tag has come. */
  root: Element | null = null
  #cursor: Element | null = null

  #at: At = At.Text
  /** What of the current token came in earlier chunks. */
  #held = ''
  #name = ''
  #attributes: Attributes = {}
  #attributeCount = 0
  #attribute = ''
  #quote = '"'
  /** Elements open inside the stream: 0 between stanzas. */
  #depth = 0
  #elements = 0
  #over: StanzaHead | null = null
  /** Units read before this chunk, and where the current stanza began, both counted from the stream's start. */
  #before = 0
  #began = 0
  #long = false

  constructor(limits: Pick<WireLimits, 'stanza' | 'depth' | 'elements' | 'attributes'>) {
    super()
    this.#limits = limits
  }

  /** Ignores everything from here on: after STARTTLS was agreed, what follows in clear text was put there by somebody else. */
  close(): void {
    this.#at = At.Ended
    this.#forget()
  }

  /** @throws StreamFault when the stream has to end; the parser ignores all that follows. */
  write(chunk: string): void {
    if (this.#at === At.Ended) return
    try {
      requireLegal(chunk)
      this.#long = chunk.length > 1024
      this.#read(chunk)
    } catch (fault) {
      this.close()
      throw fault
    }
  }

  /** What the stock parser's users call; there is nothing to finish. */
  end(chunk?: string): void {
    if (chunk) this.write(chunk)
  }

  #read(chunk: string): void {
    const length = chunk.length
    let pos = 0
    while (pos < length) {
      switch (this.#at) {
        case At.Text: {
          const open = chunk.indexOf('<', pos)
          const end = open === -1 ? length : open
          if (end > pos || this.#held !== '') {
            if (this.#depth === 0) this.#between(chunk, pos, end)
            else if (this.#over === null) {
              if (open === -1) this.#held += chunk.slice(pos)
              else this.#text(this.#token(chunk, pos, end), unescaped)
            }
          }
          if (open !== -1) {
            this.#at = At.Opened
            if (this.#depth === 0) this.#began = this.#before + open
          }
          pos = end + 1
          break
        }
        case At.Opened: {
          const c = chunk.charCodeAt(pos)
          if (c === 0x2f /* / */) {
            this.#at = At.EndName
            pos++
          } else if (c === 0x21 /* ! */) {
            this.#at = At.Bang
            pos++
          } else if (c === 0x3f /* ? */) {
            if (this.root !== null || this.#began !== 0) {
              throw new StreamFault('restricted-xml', 'a processing instruction')
            }
            this.#at = At.Declaration
            pos++
          } else {
            if (!startsName(c)) throw new StreamFault('not-well-formed', 'a tag without a name')
            this.#at = At.Name
          }
          break
        }
        case At.Name: {
          const end = nameEnd(chunk, pos)
          if (end === length) {
            this.#holdName(chunk, pos)
          } else {
            this.#open(this.#token(chunk, pos, end))
            this.#at = At.Tag
          }
          pos = end
          break
        }
        case At.Tag: {
          const c = chunk.charCodeAt(pos)
          if (c === 0x3e /* > */) {
            pos++
            this.#at = At.Text
            this.#opened(this.#before + pos, false)
          } else if (c === 0x2f /* / */) {
            pos++
            this.#at = At.SelfClosing
          } else if (isSpace(c)) {
            pos++
          } else {
            if (!startsName(c))
              throw new StreamFault('not-well-formed', 'a character that starts no attribute')
            this.#at = At.AttributeName
          }
          break
        }
        case At.AttributeName: {
          const end = nameEnd(chunk, pos)
          if (end === length) {
            this.#holdName(chunk, pos)
          } else {
            this.#attribute = this.#token(chunk, pos, end)
            this.#countAttribute()
            this.#at = At.Equals
          }
          pos = end
          break
        }
        case At.Equals: {
          const c = chunk.charCodeAt(pos++)
          if (c === 0x3d /* = */) this.#at = At.Quote
          else if (!isSpace(c)) throw new StreamFault('not-well-formed', 'an attribute without a value')
          break
        }
        case At.Quote: {
          const c = chunk.charCodeAt(pos++)
          if (c === 0x22 || c === 0x27) {
            this.#quote = c === 0x22 ? '"' : "'"
            this.#at = At.Value
          } else if (!isSpace(c)) throw new StreamFault('not-well-formed', 'an attribute without quotes')
          break
        }
        case At.Value: {
          const close = chunk.indexOf(this.#quote, pos)
          const end = close === -1 ? length : close
          if (this.#keeps()) {
            if (close === -1) {
              this.#held += chunk.slice(pos)
              if (this.#over !== null && this.#held.length > headValue) {
                this.#attribute = ''
                this.#held = ''
              }
            } else this.#value(this.#token(chunk, pos, end))
          }
          if (close !== -1) {
            this.#held = ''
            this.#at = At.Tag
          }
          pos = end + 1
          break
        }
        case At.SelfClosing: {
          if (chunk.charCodeAt(pos) !== 0x3e)
            throw new StreamFault('not-well-formed', 'a stray slash in a tag')
          pos++
          this.#at = At.Text
          this.#opened(this.#before + pos, true)
          break
        }
        case At.EndName: {
          const close = chunk.indexOf('>', pos)
          if (close === -1) {
            this.#holdName(chunk, pos)
            pos = length
          } else {
            const name = this.#token(chunk, pos, close)
            pos = close + 1
            this.#at = At.Text
            this.#close(name, this.#before + pos)
            if (this.#ended()) return
          }
          break
        }
        case At.Bang: {
          this.#held += chunk.charAt(pos++)
          if (this.#held === cdata && this.#depth > 0) {
            this.#held = ''
            this.#at = At.Cdata
          } else if (!cdata.startsWith(this.#held) || this.#depth === 0) {
            throw new StreamFault('restricted-xml', 'a comment or a document type')
          }
          break
        }
        case At.Cdata: {
          pos = this.#cdata(chunk, pos)
          break
        }
        case At.Declaration: {
          const close = chunk.indexOf('>', pos)
          const end = close === -1 ? length : close
          this.#held += chunk.slice(pos, end)
          if (this.#held.length > longestName || (this.#held.length >= 4 && !/^xml\s/.test(this.#held))) {
            throw new StreamFault('restricted-xml', 'a processing instruction')
          }
          pos = end
          if (close !== -1) {
            if (!/^xml\s[^<&]*\?$/.test(this.#held)) {
              throw new StreamFault('restricted-xml', 'a processing instruction')
            }
            this.#held = ''
            // Only the first thing of a stream may be a declaration: count it as begun.
            this.#began = 1
            this.#at = At.Text
            pos++
          }
          break
        }
        default:
          return
      }
    }
    this.#before += length
    if (this.#depth > 0 || this.#at !== At.Text) this.#checkSize(this.#before)
  }

  #token(chunk: string, from: number, to: number): string {
    const fresh = chunk.slice(from, to)
    if (this.#held === '') return this.#long ? detached(fresh) : fresh
    const whole = this.#held + fresh
    this.#held = ''
    return whole
  }

  /** Holds a piece of a name; a name without an end is no reason to hold it all. */
  #holdName(chunk: string, from: number): void {
    if (this.#held.length <= longestName) this.#held += chunk.slice(from, from + longestName + 1)
  }

  /** Between stanzas only white space may stand; servers send it to keep the connection open. It is never held. */
  #between(chunk: string, from: number, to: number): void {
    for (let at = from; at < to; at++) {
      if (!isSpace(chunk.charCodeAt(at))) throw new StreamFault('not-well-formed', 'text between stanzas')
    }
  }

  /** XML 1.0 §2.11: a line ends with `\n`, however it was written. Before references are resolved: `&#13;` stays what it is. */
  #text(raw: string, plain: (text: string) => string): void {
    const text = plain(raw.includes('\r') ? raw.replace(/\r\n?/g, '\n') : raw)
    if (text !== '') this.#cursor?.children.push(text)
  }

  #cdata(chunk: string, pos: number): number {
    // The last two held units may be the start of `]]>`.
    const tail = this.#held.slice(-2)
    const close = (tail + chunk.slice(pos, pos + 2)).indexOf(']]>')
    const end = close === -1 ? chunk.indexOf(']]>', pos) : -1
    if (close === -1 && end === -1) {
      // Over a cap only the two units are held that could belong to the end.
      this.#held = this.#over === null ? this.#held + chunk.slice(pos) : (tail + chunk.slice(pos)).slice(-2)
      return chunk.length
    }
    const next = close === -1 ? end + 3 : pos + close + 3 - tail.length
    if (this.#over === null) {
      const whole = this.#held + chunk.slice(pos, next)
      this.#text(whole.slice(0, -3), asIs)
    }
    this.#held = ''
    this.#at = At.Text
    return next
  }

  /** The name of a start tag is known. */
  #open(name: string): void {
    this.#name = name
    this.#attributes = {}
    this.#attributeCount = 0
    if (this.#over === null && ++this.#elements > this.#limits.elements) this.#goOver()
    if (name.length > longestName) this.#goOver()
  }

  #countAttribute(): void {
    if (++this.#attributeCount > this.#limits.attributes || this.#attribute.length > longestName)
      this.#goOver()
  }

  /** Whether the value that is being read is kept: always under the caps; over them only what answers a stanza. */
  #keeps(): boolean {
    return this.#over === null || (this.#depth === 0 && remembered.has(this.#attribute))
  }

  #value(raw: string): void {
    if (raw.includes('<')) throw new StreamFault('not-well-formed', 'a `<` in an attribute')
    const name = this.#attribute
    // XML 1.0 §3.3.3: white space that was written as itself is a space.
    const value = unescaped(/[\t\n\r]/.test(raw) ? raw.replace(/\r\n|[\t\n\r]/g, ' ') : raw)
    if (this.#over !== null) {
      if (value.length <= headValue) this.#over[name as 'id' | 'from' | 'to' | 'type'] ??= value
      return
    }
    if (Object.hasOwn(this.#attributes, name))
      throw new StreamFault('not-well-formed', 'an attribute given twice')
    this.#attributes[name] = value
  }

  /** A start tag is complete. */
  #opened(position: number, selfClosing: boolean): void {
    if (this.root === null) {
      if (selfClosing) throw new StreamFault('not-well-formed', 'a stream that ends at once')
      this.root = new Element(this.#name)
      this.root.attrs = this.#attributes
      this.#cursor = this.root
      this.emit('start', this.root)
      return
    }
    this.#checkSize(position)
    if (this.#depth >= this.#limits.depth) this.#goOver()
    this.#depth++
    if (this.#over === null) {
      const element = new Element(this.#name)
      element.attrs = this.#attributes
      if (this.#depth > 1) {
        const parent = this.#cursor as Element
        parent.children.push(element)
        element.parent = parent
      }
      this.#cursor = element
    }
    if (selfClosing) this.#close(this.#name, position)
  }

  /** An end tag is complete, or a tag that closes itself. */
  #close(rawName: string, position: number): void {
    if (this.root === null) throw new StreamFault('not-well-formed', 'an end without a beginning')
    if (this.#depth === 0) {
      if (trimmed(rawName) !== this.root.name)
        throw new StreamFault('not-well-formed', 'tags that do not match')
      const root = this.root
      this.close()
      this.emit('end', root)
      return
    }
    if (this.#over === null) {
      const element = this.#cursor as Element
      if (element.name !== rawName && element.name !== trimmed(rawName)) {
        throw new StreamFault('not-well-formed', 'tags that do not match')
      }
      this.#checkSize(position)
    }
    this.#depth--
    if (this.#depth > 0) {
      if (this.#over === null) this.#cursor = (this.#cursor as Element).parent
      return
    }
    const element = this.#cursor as Element
    const head = this.#over
    this.#forget()
    if (head !== null) {
      this.emit('oversize', head)
    } else {
      // As the stock parser does: namespaces declared on the stream are found through the parent.
      element.parent = this.root
      this.emit('element', element)
    }
  }

  #ended(): boolean {
    return this.#at === At.Ended
  }

  #checkSize(position: number): void {
    if (position - this.#began > this.#limits.stanza) this.#goOver()
  }

  /** Drops what is held of this stanza and remembers its head. The stream's own head is the server's: that is a fault. */
  #goOver(): void {
    if (this.#over !== null) return
    if (this.root === null) throw new StreamFault('policy-violation', 'a stream header over our caps')
    let stanza: Element | null = this.#depth === 0 ? null : this.#cursor
    while (stanza?.parent) stanza = stanza.parent
    const attributes = stanza === null ? this.#attributes : (stanza.attrs as Attributes)
    const short = (value: string | undefined) =>
      value !== undefined && value.length <= headValue ? value : undefined
    this.#over = {
      name: stanza === null ? this.#name : stanza.name,
      id: short(attributes.id),
      from: short(attributes.from),
      to: short(attributes.to),
      type: short(attributes.type),
    }
    this.#cursor = null
    this.#attributes = {}
    if (this.#at === At.Value && this.#keeps()) return
    if (this.#at === At.Text || this.#at === At.Value) this.#held = ''
    else if (this.#at === At.Cdata) this.#held = this.#held.slice(-2)
  }

  #forget(): void {
    this.#cursor = this.root
    this.#over = null
    this.#elements = 0
    this.#held = ''
    this.#attributes = {}
  }
}

const isSpace = (c: number): boolean => c === 0x20 || c === 0x0a || c === 0x0d || c === 0x09

/** Letters, `_`, `:` and everything beyond ASCII may start a name; digits, `-`, `.` and other signs may not. */
const startsName = (c: number): boolean =>
  (c >= 0x61 && c <= 0x7a) || (c >= 0x41 && c <= 0x5a) || c === 0x5f || c === 0x3a || c >= 0x80

/** Where the name that runs from `pos` ends: at the first sign that no name has. */
function nameEnd(chunk: string, pos: number): number {
  const length = chunk.length
  for (let at = pos; at < length; at++) {
    const c = chunk.charCodeAt(at)
    if (startsName(c) || (c >= 0x30 && c <= 0x39) || c === 0x2d || c === 0x2e) continue
    if (isSpace(c) || c === 0x2f || c === 0x3e || c === 0x3d) return at
    throw new StreamFault('not-well-formed', 'a sign that no name has')
  }
  return length
}

/** An end tag may have white space behind its name. */
function trimmed(name: string): string {
  return name.replace(/[ \t\r\n]+$/, '')
}
