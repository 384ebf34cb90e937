/** Hosts and ports as servers write them in what they say of services: checked, and bounded. */

import { wholeNumber } from '../values.js'

const hostPattern = /^[A-Za-z0-9_.:-]{1,253}$/
const port = wholeNumber(1, 65_535)

/** Whether this can be a host name or an IP literal. */
export const isHost = (text: unknown): text is string => typeof text === 'string' && hostPattern.test(text)

/** The port, if it is one. */
export function portOf(text: unknown): number | undefined {
  try {
    return typeof text === 'string' ? port.read(text) : undefined
  } catch {
    return undefined
  }
}
