/**
 * In-band bytestreams: XEP-0047, by IQs only, because each then waits for the one before and nothing is lost in between.
 */

import { type Codec, record } from '../codec.js'
import { attribute, optional, textOnly } from '../fields.js'
import { inside, Malformed } from '../malformed.js'
import { nsInBand } from '../names.js'
import { base64, choice, pattern, wholeNumber } from '../values.js'
import { type Element, isElement, xml } from '../xml.js'

/** The largest block that XEP-0047 can say, bytes. */
export const maxInBandBlock = 65_535

const sid = pattern(/^[\x21-\x7e]{1,128}$/, 'a stream id')

const openShape = {
  /** The most bytes in one block, before base64. */
  blockSize: attribute('block-size', wholeNumber(1, maxInBandBlock)),
  sid: attribute('sid', sid),
  /** Without it: `iq`. */
  stanza: optional(attribute('stanza', choice('iq', 'message'))),
}

/** Begins a stream (XEP-0047, 2.1). */
export const inBandOpen: Codec<{ blockSize: number; sid: string; stanza?: 'iq' | 'message' }> = record(
  'open',
  nsInBand,
  openShape,
)

/** Ends a stream; each side may (2.3). */
export const inBandClose: Codec<{ sid: string }> = record('close', nsInBand, {
  sid: attribute('sid', sid),
})

/** One block (2.2). `seq` counts them for one direction, from 0, and begins anew after 65,535. */
export interface InBandData {
  sid: string
  seq: number
  bytes: Uint8Array
}

const head = record('data', nsInBand, {
  seq: attribute('seq', wholeNumber(0, 65_535)),
  sid: attribute('sid', sid),
})
const content = base64(0, maxInBandBlock)

export const inBandData: Codec<InBandData> = {
  name: 'data',
  ns: nsInBand,
  read(element: Element): InBandData {
    if (!isElement(element, 'data', nsInBand)) throw new Malformed('data', 'not this element')
    const { sid, seq } = head.read(element)
    const bytes = inside('data', () => content.read(textOnly(element).replace(/\s+/g, '')))
    return { sid, seq, bytes }
  },
  write({ sid, seq, bytes }): Element {
    const { attrs } = head.write({ sid, seq })
    return xml('data', attrs as Record<string, string>, content.write(bytes))
  },
}
