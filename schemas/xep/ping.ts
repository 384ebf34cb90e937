/** A sign of life: XEP-0199. The answer is an empty result. */

import { nsPing } from '../names.js'
import { childElements, type Element, isElement, xml } from '../xml.js'

/** The question. */
export const ping = (): Element => xml('ping', { xmlns: nsPing })

/** Whether a stanza asks for it. */
export const isPing = (stanza: Element): boolean =>
  stanza.name === 'iq' &&
  stanza.attrs.type === 'get' &&
  childElements(stanza).some((child) => isElement(child, 'ping', nsPing))
