/**
 * The single values inside elements and attributes: text on the wire, a checked value in the program.
 * Every one is bounded, and is checked alike when it is read and when it is written.
 */

import { isIP } from 'node:net'
import { foldJid } from './jid.js'
import { Malformed } from './malformed.js'
import { isXmlText } from './xml.js'

/** How a text on the wire and a value in the program become each other. Both ways throw Malformed. */
export interface Value<T> {
  read(text: string): T
  write(value: T): string
}

function refuse(reason: string, refusal?: Malformed['refusal']): never {
  throw new Malformed('', reason, refusal)
}

/** Length as XSD counts it: code points, not UTF-16 units. */
function isLongerThan(text: string, max: number): boolean {
  if (text.length <= max) return false
  if (text.length > 2 * max) return true
  let count = 0
  for (const _ of text) count++
  return count > max
}

function checkText(text: string, min: number, max: number): string {
  if (typeof text !== 'string') refuse('not a text')
  if (text.length < min) refuse('empty')
  if (isLongerThan(text, max)) refuse('too long')
  if (!isXmlText(text)) refuse('characters that XML cannot carry')
  return text
}

/**
 * Free text, at most `max` characters (code points). Line ends are `\n`: XML turns the others into it on the way
 * (XML 1.0, 2.11), so they are turned before.
 */
export function text(max: number, min = 0): Value<string> {
  const check = (given: string) => {
    const value = checkText(given, min, max)
    return value.includes('\r') ? value.replace(/\r\n?/g, '\n') : value
  }
  return { read: check, write: check }
}

const controls = /[\u0000-\u001f\u007f-\u009f]/

/** One line of text without any control character, at most `max` characters (code points), and not empty. */
export function line(max: number): Value<string> {
  const check = (given: string) => {
    const value = checkText(given, 1, max)
    if (controls.test(value)) refuse('control characters')
    return value
  }
  return { read: check, write: check }
}

/** A text that matches `pattern` (which must be anchored, linear and bounded); `what` names it in the refusal. */
export function pattern<T extends string = string>(pattern: RegExp, what: string): Value<T> {
  const check = (given: string) => {
    if (typeof given !== 'string' || !pattern.test(given)) refuse(`not ${what}`)
    return given as T
  }
  return { read: check, write: check }
}

const digits = /^(?:0|[1-9][0-9]{0,15})$/

/** A whole number in plain decimal digits: no sign, no space, no zero in front, within `min` and `max`. */
export function wholeNumber(min: number, max: number = Number.MAX_SAFE_INTEGER): Value<number> {
  const check = (value: number) => {
    if (!Number.isSafeInteger(value)) refuse('not a number')
    if (value < min) refuse('too small')
    if (value > max) refuse('too large')
    return value
  }
  return {
    read: (text) => check(digits.test(text) ? Number(text) : Number.NaN),
    write: (value) => String(check(value)),
  }
}

/** One of a few words. */
export function choice<const T extends string>(...words: readonly T[]): Value<T> {
  const known: ReadonlySet<string> = new Set(words)
  const check = (given: string) => {
    if (!known.has(given)) refuse('not a known word')
    return given as T
  }
  return { read: check, write: check }
}

/** Bytes in base64 (RFC 4648, 4), strictly: full padding, no other characters, no stray bits. */
export function base64(min: number, max: number = min): Value<Uint8Array> {
  const check = (bytes: Uint8Array) => {
    if (!(bytes instanceof Uint8Array)) refuse('not bytes')
    if (bytes.length < min) refuse('too short')
    if (bytes.length > max) refuse('too long')
    return bytes
  }
  const longest = 4 * Math.ceil(max / 3)
  return {
    read: (text) => {
      if (text.length > longest) refuse('too long')
      const bytes = Buffer.from(text, 'base64')
      if (bytes.toString('base64') !== text) refuse('not base64')
      return check(new Uint8Array(bytes))
    },
    write: (value) => {
      const { buffer, byteOffset, length } = check(value)
      return Buffer.from(buffer, byteOffset, length).toString('base64')
    },
  }
}

/** An address of XMPP, folded as servers stamp it. */
export const jid: Value<string> = {
  read: (text) => foldJid(text) ?? refuse('not a JID', 'jid-malformed'),
  write: (value) => foldJid(value) ?? refuse('not a JID', 'jid-malformed'),
}

const ipText = (given: string) => {
  if (typeof given !== 'string' || given.length > 45 || given.includes('%') || isIP(given) === 0) {
    refuse('not an IP literal')
  }
  return given
}

/** An IP address as a literal: four decimal numbers, or IPv6 without a zone. Never a host name. */
export const ipLiteral: Value<string> = { read: ipText, write: ipText }

const moment = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d{1,9})?(?:Z|[+-](\d\d):(\d\d))$/

function isMoment(text: string): boolean {
  const match = text.length <= 40 ? moment.exec(text) : null
  if (!match) return false
  const number = (group: number) => Number(match[group])
  const [month, day] = [number(2), number(3)]
  if (month < 1 || month > 12 || day < 1) return false
  // Most days are in every month.
  if (day > 28 && day > new Date(Date.UTC(2000 + (number(1) % 400), month, 0)).getUTCDate()) return false
  if (number(4) > 23 || number(5) > 59 || number(6) > 59) return false
  return match[7] === undefined || (number(7) <= 14 && number(8) <= 59)
}

const momentText = (given: string) => {
  if (typeof given !== 'string' || !isMoment(given)) refuse('not a date and time')
  return given
}

/** A date and time as in XEP-0082, for instance `2002-02-12T20:22:59Z`; kept as it was written. */
export const dateTime: Value<string> = { read: momentText, write: momentText }
