/**
 * Cuts a stream of text into the tokens of XML, in chunks of any size.
 *
 * Rules:
 * - Linear time: no character is looked at twice; what is held of an unfinished token is only appended to (case 29).
 * - Whoever takes the tokens says what is kept; what is not kept is passed over without being held.
 * - Strict: the XML that RFC 6120 §11 allows. No DOCTYPE, comment or processing instruction (case 31).
 */
import { detached, requireLegal } from './characters.js'
import { StreamFault } from './fault.js'

/** Takes the tokens. Positions count UTF-16 units from the start of the stream. */
export interface TokenTaker {
  /** Whether a stanza is open: outside only white space may stand. */
  readonly inside: boolean
  /** Whether text that comes now is kept. */
  readonly keepsText: boolean
  /** Whether the value of this attribute, of at least this length, is kept. */
  keepsValue(attribute: string, length: number): boolean
  /** `<name`, which began at this position. */
  startTag(name: string, began: number): void
  /** The name of one more attribute of that tag. */
  attribute(name: string): void
  /** Its value, as written; only if it is kept. */
  value(name: string, raw: string): void
  /** `>` or `/>` of a start tag, which ended at this position. */
  startTagDone(selfClosing: boolean, position: number): void
  endTag(name: string, position: number): void
  /** Text as written, with its references. */
  text(raw: string): void
  /** The inside of a CDATA section. */
  cdata(text: string): void
  /** The chunk is read up to this position, in the middle of something. */
  pause(position: number): void
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

/** Of a name that is longer only this much is held. */
export const longestName = 256
const cdata = '[CDATA['

export class Scanner {
  readonly #taker: TokenTaker
  #at: At = At.Text
  /** What of the current token came in earlier chunks. */
  #held = ''
  /** The last two units of a CDATA section in earlier chunks. */
  #tail = ''
  #attribute = ''
  #quote = '"'
  /** Units read before this chunk. */
  #before = 0
  /** Where the current tag began. */
  #began = 0
  /** Whether an XML declaration may still come. */
  #fresh = true
  #long = false

  constructor(taker: TokenTaker) {
    this.#taker = taker
  }

  /** Ignores everything from here on. */
  close(): void {
    this.#at = At.Ended
    this.#held = ''
  }

  /** @throws StreamFault when this is no XML or XML that XMPP forbids */
  write(chunk: string): void {
    if (this.#at === At.Ended) return
    requireLegal(chunk)
    this.#long = chunk.length > 1024
    this.#read(chunk)
    if (this.#ended()) return
    this.#before += chunk.length
    if (this.#at === At.Text && !this.#taker.inside) return
    this.#taker.pause(this.#before)
    this.#dropUnkept()
  }

  #read(chunk: string): void {
    const length = chunk.length
    for (let pos = 0; pos < length; ) {
      switch (this.#at) {
        case At.Text:
          pos = this.#text(chunk, pos)
          break
        case At.Opened:
          pos = this.#opened(chunk, pos)
          break
        case At.Name: {
          const end = nameEnd(chunk, pos)
          if (end === length) this.#holdName(chunk, pos)
          else {
            this.#at = At.Tag
            this.#taker.startTag(this.#token(chunk, pos, end), this.#began)
          }
          pos = end
          break
        }
        case At.Tag:
          pos = this.#tag(chunk, pos)
          break
        case At.AttributeName: {
          const end = nameEnd(chunk, pos)
          if (end === length) this.#holdName(chunk, pos)
          else {
            this.#attribute = this.#token(chunk, pos, end)
            this.#at = At.Equals
            this.#taker.attribute(this.#attribute)
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
        case At.Value:
          pos = this.#value(chunk, pos)
          break
        case At.SelfClosing:
          if (chunk.charCodeAt(pos++) !== 0x3e) throw new StreamFault('not-well-formed', 'a stray slash')
          this.#at = At.Text
          this.#taker.startTagDone(true, this.#before + pos)
          break
        case At.EndName: {
          const close = chunk.indexOf('>', pos)
          if (close === -1) {
            this.#holdName(chunk, pos)
            return
          }
          const name = this.#token(chunk, pos, close)
          pos = close + 1
          this.#at = At.Text
          this.#taker.endTag(name, this.#before + pos)
          break
        }
        case At.Bang:
          this.#held += chunk.charAt(pos++)
          if (!cdata.startsWith(this.#held) || !this.#taker.inside) {
            throw new StreamFault('restricted-xml', 'a comment or a document type')
          }
          if (this.#held === cdata) {
            this.#held = ''
            this.#at = At.Cdata
          }
          break
        case At.Cdata:
          pos = this.#cdata(chunk, pos)
          break
        case At.Declaration:
          pos = this.#declaration(chunk, pos)
          break
        default:
          return
      }
    }
  }

  #text(chunk: string, pos: number): number {
    const open = chunk.indexOf('<', pos)
    const end = open === -1 ? chunk.length : open
    if (!this.#taker.inside) {
      // Servers send white space to keep a connection open. It is never held.
      for (let at = pos; at < end; at++) {
        if (!isSpace(chunk.charCodeAt(at))) throw new StreamFault('not-well-formed', 'text between stanzas')
      }
    } else if (this.#taker.keepsText) {
      if (open === -1) this.#held += chunk.slice(pos)
      else if (end > pos || this.#held !== '') this.#taker.text(this.#token(chunk, pos, end))
    }
    if (open !== -1) {
      this.#began = this.#before + open
      this.#at = At.Opened
    }
    return end + 1
  }

  #opened(chunk: string, pos: number): number {
    const c = chunk.charCodeAt(pos)
    if (c === 0x2f /* / */) this.#at = At.EndName
    else if (c === 0x21 /* ! */) this.#at = At.Bang
    else if (c === 0x3f /* ? */) {
      if (!this.#fresh) throw new StreamFault('restricted-xml', 'a processing instruction')
      this.#at = At.Declaration
    } else {
      if (!startsName(c)) throw new StreamFault('not-well-formed', 'a tag without a name')
      this.#at = At.Name
      this.#fresh = false
      return pos
    }
    this.#fresh = false
    return pos + 1
  }

  #tag(chunk: string, pos: number): number {
    const c = chunk.charCodeAt(pos)
    if (c === 0x3e /* > */) {
      this.#at = At.Text
      this.#taker.startTagDone(false, this.#before + pos + 1)
    } else if (c === 0x2f /* / */) {
      this.#at = At.SelfClosing
    } else if (!isSpace(c)) {
      if (!startsName(c)) throw new StreamFault('not-well-formed', 'a sign that starts no attribute')
      this.#at = At.AttributeName
      return pos
    }
    return pos + 1
  }

  #value(chunk: string, pos: number): number {
    const close = chunk.indexOf(this.#quote, pos)
    const end = close === -1 ? chunk.length : close
    if (this.#taker.keepsValue(this.#attribute, this.#held.length + end - pos)) {
      if (close === -1) this.#held += chunk.slice(pos)
      else this.#taker.value(this.#attribute, this.#token(chunk, pos, end))
    } else {
      // Once too long is always too long: what came so far must not pass for the whole.
      if (close === -1) this.#attribute = ''
      this.#held = ''
    }
    if (close !== -1) this.#at = At.Tag
    return end + 1
  }

  #cdata(chunk: string, pos: number): number {
    // `]]>` may have begun in the chunk before. Kept apart from what is held: looking at that would cost its length each time.
    const tail = this.#tail
    const inTail = (tail + chunk.slice(pos, pos + 2)).indexOf(']]>')
    const found = inTail === -1 ? chunk.indexOf(']]>', pos) : pos + inTail - tail.length
    const keeps = this.#taker.keepsText
    if (inTail === -1 && found === -1) {
      this.#held = keeps ? this.#held + chunk.slice(pos) : ''
      this.#tail = (tail + chunk.slice(Math.max(pos, chunk.length - 2))).slice(-2)
      return chunk.length
    }
    const next = found + 3
    if (keeps) this.#taker.cdata(this.#token(chunk, pos, next).slice(0, -3))
    this.#held = ''
    this.#tail = ''
    this.#at = At.Text
    return next
  }

  #declaration(chunk: string, pos: number): number {
    const close = chunk.indexOf('>', pos)
    const end = close === -1 ? chunk.length : close
    this.#held += chunk.slice(pos, end)
    const wrong =
      this.#held.length > longestName ||
      (this.#held.length >= 4 && !/^xml\s/.test(this.#held)) ||
      (close !== -1 && !/^xml\s[^<&]*\?$/.test(this.#held))
    if (wrong) throw new StreamFault('restricted-xml', 'a processing instruction')
    if (close === -1) return end
    this.#held = ''
    this.#at = At.Text
    return close + 1
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

  #dropUnkept(): void {
    if ((this.#at === At.Text || this.#at === At.Cdata) && !this.#taker.keepsText) this.#held = ''
  }

  #ended(): boolean {
    return this.#at === At.Ended
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
