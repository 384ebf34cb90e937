/**
 * Reads a whole list, strictly: nothing passes that the writer would not have written. It keeps one line and one
 * folder, whatever the list's length. Its rules for paths, tags and numbers are those of the stanzas.
 */

import type { Entry } from '../../schemas/index.js'
import { BadList, maxListEntries } from './bounds.js'
import { byCodePoint } from './order.js'
import { firstWords, type ListHead } from './write.js'

/** UTF-16 units of one line. */
const maxLine = 8_192
const maxPath = 1_024
const maxSegment = 255
const maxDepth = 33
const maxNumber = 2 ** 44
const maxModified = 253_402_300_799
const maxSeq = 2 ** 48

const controls = /[\u0000-\u001f\u007f-\u009f]/
const uncarried = /[\ufffe\uffff]/
const number = /^(?:0|[1-9][0-9]{0,15})$/
const base64OfRoot = /^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/
const mediaType = /^[A-Za-z0-9][\w!#$&^.+-]{0,62}\/[A-Za-z0-9][\w!#$&^.+-]{0,62}$/
const shareId = /^[A-Za-z0-9_-]{8,32}$/
const tag = /^[\p{L}\p{N}][\p{L}\p{M}\p{N}_.-]{0,31}$/u
const maxTags = 8

/** Reads a list from its inflated bytes, however they are cut. */
export class ListReader {
  /** What the first line said; known before the first entry is given. */
  head: ListHead | undefined
  /** Entries given so far. */
  count = 0

  private readonly decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  private rest = ''
  private line = 0
  private folder = ''
  private folderIsNew = false
  private name = ''

  /**
   * Takes the next bytes and gives the entries that are complete with them.
   * @throws BadList for anything that {@link writeList} would not have written
   */
  push(bytes: Uint8Array): Entry[] {
    const entries: Entry[] = []
    let text: string
    try {
      text = this.decoder.decode(bytes, { stream: true })
    } catch {
      throw new BadList('not UTF-8', this.line + 1)
    }
    let from = 0
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
      const line = this.rest + text.slice(from, end)
      this.rest = ''
      from = end + 1
      this.line++
      if (line.length > maxLine) throw this.bad('too long')
      const entry = this.readLine(line)
      if (entry) entries.push(entry)
    }
    this.rest += text.slice(from)
    if (this.rest.length > maxLine) throw new BadList('too long', this.line + 1)
    return entries
  }

  /** There are no more bytes. @throws BadList when the list is not whole */
  end(): ListHead {
    let tail: string
    try {
      tail = this.decoder.decode()
    } catch {
      throw new BadList('not UTF-8', this.line + 1)
    }
    if (!this.head || this.rest !== '' || tail !== '') throw new BadList('not whole')
    if (this.folderIsNew) throw new BadList('a folder without files')
    if (this.count !== this.head.entries) throw new BadList('not as many as said')
    return this.head
  }

  private bad(reason: string): BadList {
    return new BadList(reason, this.line)
  }

  private readLine(line: string): Entry | undefined {
    const { head } = this
    if (!head) this.readHead(line)
    else if (line.startsWith('/')) this.readFolder(line.slice(1))
    else {
      if (this.count >= head.entries) throw this.bad('more than said')
      return this.readEntry(line)
    }
    return undefined
  }

  private readHead(line: string): void {
    const [words, share = '', seq = '', entries = '', ...more] = line.split('\t')
    if (words !== firstWords) throw this.bad('not a list of this version')
    if (!shareId.test(share) || more.length > 0) throw this.bad('not a head')
    this.head = { share, seq: this.number(seq, maxSeq), entries: this.number(entries, maxListEntries) }
  }

  private readFolder(folder: string): void {
    this.checkPath(folder, maxDepth - 1)
    if (this.folderIsNew) throw this.bad('a folder without files')
    if (byCodePoint(folder, this.folder) <= 0) throw this.bad('not in order')
    this.folder = folder
    this.folderIsNew = true
    this.name = ''
  }

  private readEntry(line: string): Entry {
    const [name = '', size = '', modified = '', root = '', type = '', tags = '', ...more] = line.split('\t')
    if (more.length > 0) throw this.bad('too many fields')
    if (line.endsWith('\t')) throw this.bad('an empty field at the end')
    this.checkPath(name, 1)
    if (this.name !== '' && byCodePoint(name, this.name) <= 0) throw this.bad('not in order')
    const path = this.folder === '' ? name : `${this.folder}/${name}`
    if (isLonger(path, maxPath)) throw this.bad('too long')
    if (!base64OfRoot.test(root)) throw this.bad('not a root')
    if (type !== '' && !mediaType.test(type)) throw this.bad('not a media type')
    this.name = name
    this.folderIsNew = false
    this.count++
    const entry: Entry = {
      path,
      size: this.number(size, maxNumber),
      modified: this.number(modified, maxModified),
      root: new Uint8Array(Buffer.from(root, 'base64')),
      tags: tags === '' ? [] : this.tags(tags),
    }
    if (type !== '') entry.type = type
    return entry
  }

  private checkPath(path: string, depth: number): void {
    if (controls.test(path) || uncarried.test(path)) throw this.bad('characters that no path has')
    if (isLonger(path, maxPath)) throw this.bad('too long')
    const names = path.split('/')
    if (names.length > depth) throw this.bad(depth === 1 ? 'not a name' : 'too deep')
    for (const name of names) {
      if (name === '' || name === '.' || name === '..') throw this.bad('not a path')
      if (isLonger(name, maxSegment)) throw this.bad('too long')
    }
  }

  private number(text: string, max: number): number {
    if (!number.test(text)) throw this.bad('not a number')
    const value = Number(text)
    if (value > max) throw this.bad('too large')
    return value
  }

  private tags(text: string): string[] {
    const tags = text.split(' ')
    if (tags.length > maxTags || new Set(tags).size < tags.length) throw this.bad('not tags')
    for (const one of tags) {
      if (one.length > 64 || !tag.test(one)) throw this.bad('not tags')
      if (one.toLowerCase() !== one || one.normalize('NFC') !== one) throw this.bad('not tags')
    }
    return tags
  }
}

/** Counts code points only where counting units does not say it already. */
function isLonger(text: string, max: number): boolean {
  if (text.length <= max) return false
  return text.length > 2 * max || [...text].length > max
}
