/**
 * The single values of the catalogue (docs/catalogue.md, "Words"): paths, tags, ids and numbers. Each is bounded, and
 * checked alike when it is read and when it is written.
 */

import type { Codec } from '../codec.js'
import { attribute, type Field, optional, textOnly } from '../fields.js'
import { parseJid } from '../jid.js'
import { inside, Malformed } from '../malformed.js'
import { nsCatalogue } from '../names.js'
import { base64, choice, line, pattern, type Value, wholeNumber } from '../values.js'
import { xml } from '../xml.js'

export const ns = nsCatalogue

/** A registration, made by the component: 128 random bits as 32 lower-case hex digits. */
export type RegistrationId = string
/** A share, made by its device at random, and unique for its peer. A list that begins anew gets another one. */
export type ShareId = string
/** A saved search, named by its device. */
export type WatchId = string

/** Characters of a path inside a share. */
export const maxPath = 1_024
/** Characters of one name in a path. */
export const maxSegment = 255
/** Names in a path: folders, and the file. */
export const maxDepth = 33
/** Characters of the words of a search. */
export const maxWords = 200
/** Characters of a share's name. */
export const maxShareName = 128
/** Characters of a tag. */
export const maxTag = 32
/** Tags of one share, or of one entry. */
export const maxTags = 8
/** The greatest number of a change. */
export const maxSeq = 2 ** 48
/** The latest modification that can be said: the end of the year 9999, in seconds since 1970. */
export const maxModified = 253_402_300_799
/** The longest life of a registration, in seconds. */
export const maxTtl = 31_536_000
/** Entries, folders or peers: the greatest count that can be said. */
const maxCount = 2 ** 44

function refuse(reason: string, refusal?: Malformed['refusal']): never {
  throw new Malformed('', reason, refusal)
}

/** Both ways of a value by one function that gives it checked and folded. */
function folded<T>(check: (given: T) => T): Value<T> {
  return { read: check as (text: string) => T, write: check as (value: T) => string } as Value<T>
}

const pathLine = line(maxPath)

/** What most paths are: printable ASCII, short, with names that begin with no dot. */
const plainPath = /^[ -\-0-~][ -.0-~]*(?:\/[ -\-0-~][ -.0-~]*)*$/
const shortest = 2 * maxDepth

function checkPath(given: string): string {
  if (typeof given === 'string' && given.length <= maxSegment && plainPath.test(given)) {
    if (given.length >= shortest && given.split('/').length > maxDepth) refuse('too deep')
    return given
  }
  const path = pathLine.read(given)
  // The store and the list take it as lines of UTF-8; what XML could carry and they could not is refused by `line`.
  const names = path.split('/')
  if (names.length > maxDepth) refuse('too deep')
  for (const name of names) {
    if (name === '' || name === '.' || name === '..') refuse('not a path')
    if (name.length > maxSegment && [...name].length > maxSegment) refuse('too long')
  }
  return path
}

/**
 * A path inside a share: names joined by `/`, none of them empty, `.` or `..`, no `/` at the ends. It is what was
 * published and is looked up as such; it is never a path of anybody's file system.
 */
export const pathValue: Value<string> = folded(checkPath)

const tagPattern = /^[\p{L}\p{N}][\p{L}\p{M}\p{N}_.-]{0,31}$/u

function checkTag(given: string): string {
  // A text that folding could only shorten to a tag by magic is not looked at.
  if (typeof given !== 'string' || given.length > 8 * maxTag) refuse('not a tag')
  const tag = given.normalize('NFC').toLowerCase().normalize('NFC')
  if (!tagPattern.test(tag)) refuse('not a tag')
  return tag
}

/** A tag: one word of letters, digits, `_`, `.` and `-`, folded to lower case and NFC so that two spellings are one. */
export const tagValue: Value<string> = folded(checkTag)

function checkTags(tags: readonly string[]): string[] {
  if (tags.length > maxTags) refuse('too many')
  const known = [...new Set(tags.map(checkTag))]
  if (known.length < tags.length) refuse('repeated')
  return known
}

/** Tags in one attribute, parted by single spaces. */
const tagsValue: Value<string[]> = {
  read: (text) => checkTags(text.length > 8 * maxTag * maxTags ? refuse('too long') : text.split(' ')),
  write: (tags) => checkTags(tags).join(' '),
}

/** The attribute of tags, which is left out where there are none. */
export const tagsAttribute = (name: string): Field<string[]> => ({
  ...attribute(name, tagsValue),
  absent: () => [],
})

/** The last one that was checked, and what it is: most items of a page name the same peer as the one before. */
let lastBare = { given: '', bare: '' }

function checkBare(given: string): string {
  if (given === lastBare.given && given !== '') return lastBare.bare
  const jid = parseJid(given)
  if (!jid || jid.resource !== undefined) refuse('not a bare JID', 'jid-malformed')
  lastBare = { given, bare: jid.bare }
  return jid.bare
}

/** A peer: a bare JID, folded as servers stamp it. */
export const bareJidValue: Value<string> = folded(checkBare)

function checkDomain(given: string): string {
  const jid = parseJid(given)
  if (!jid || jid.resource !== undefined || jid.local !== undefined) refuse('not a domain', 'jid-malformed')
  return jid.domain
}

/** A domain of XMPP, folded likewise. */
export const domainValue: Value<string> = folded(checkDomain)

export const registrationIdValue = pattern<RegistrationId>(/^[0-9a-f]{32}$/, 'a registration')
export const shareIdValue = pattern<ShareId>(/^[A-Za-z0-9_-]{8,32}$/, 'a share')
export const watchIdValue = pattern<WatchId>(/^[A-Za-z0-9_-]{1,32}$/, 'a watch')

export const seqValue = wholeNumber(0, maxSeq)
export const sizeValue = wholeNumber(0, maxCount)
export const countValue = wholeNumber(0, maxCount)
export const modifiedValue = wholeNumber(0, maxModified)
export const ttlValue = wholeNumber(1, maxTtl)

/** The root, compact: 32 bytes in base64 as an attribute. */
export const rootValue = base64(32)
/** RFC 6838, 4.2, without parameters, and short. */
export const mediaTypeValue = pattern(
  /^[A-Za-z0-9][\w!#$&^.+-]{0,62}\/[A-Za-z0-9][\w!#$&^.+-]{0,62}$/,
  'a media type',
)
/** A media type, or the part before its slash for all of that kind. */
export const typeFilterValue = pattern(
  /^[A-Za-z0-9][\w!#$&^.+-]{0,62}(?:\/[A-Za-z0-9][\w!#$&^.+-]{0,62})?$/,
  'a type',
)

export const wordsValue = line(maxWords)
export const shareNameValue = line(maxShareName)

/** Which peers are meant. */
export const whichValue = choice('online', 'offline', 'all')
export type Which = 'online' | 'offline' | 'all'

/** An attribute that is `1` or absent. */
export const mark = (name: string): Field<boolean> => ({
  ...attribute(name, {
    read: (text): boolean => (text === '1' ? true : refuse('not a known word')),
    write: (value) => (value ? '1' : ''),
  }),
  absent: () => false,
})

/** An element that holds one value as its text, for lists of those. */
export function leaf<T>(name: string, value: Value<T>): Codec<T> {
  return {
    name,
    ns,
    read: (element) => inside(name, () => value.read(textOnly(element))),
    write: (given) => inside(name, () => xml(name, { xmlns: ns }, value.write(given))),
  }
}

export const shareAttribute = attribute('share', shareIdValue)
export const peerAttribute = attribute('peer', bareJidValue)
export const typeAttribute = optional(attribute('t', mediaTypeValue))
