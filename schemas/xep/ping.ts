/** A sign of life: XEP-0199. The answer is an empty result. */

import { nsPing } from '../names.js'
import { type Element, xml } from '../xml.js'

/** The question. */
export const ping = (): Element => xml('ping', { xmlns: nsPing })
