/** What time an entity has: XEP-0202. It helps people to see a clock that is wrong. */

import { inside, Malformed } from '../malformed.js'
import { nsTime } from '../names.js'
import { dateTime } from '../values.js'
import { childOf, type Element, isElement, xml } from '../xml.js'

/** Writes the answer for this moment, in UTC: where somebody sits is nobody's business. */
export function writeTime(now: Date): Element {
  const utc = now.toISOString().replace(/\.\d+Z$/, 'Z')
  return xml('time', { xmlns: nsTime }, xml('tzo', null, '+00:00'), xml('utc', null, utc))
}

/**
 * Reads the answer: the moment.
 * @throws Malformed when it is another element, or no moment
 */
export function readTime(time: Element): Date {
  if (!isElement(time, 'time', nsTime)) throw new Malformed('time', 'not this element')
  const utc = childOf(time, 'utc', nsTime)?.getText() ?? ''
  return new Date(inside('time/utc', () => dateTime.read(utc)))
}

/** The question. */
export const askTime = (): Element => xml('time', { xmlns: nsTime })
