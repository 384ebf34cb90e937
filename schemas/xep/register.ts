/** Registration as stock clients know it: XEP-0077, as much of it as needs no account of its own. */

import { Malformed } from '../malformed.js'
import { nsRegister } from '../names.js'
import { childOf, type Element, isElement, xml } from '../xml.js'

/** Writes the answer to the question whether somebody is registered. */
export function writeRegistration(registered: boolean, instructions: string): Element {
  return xml(
    'query',
    { xmlns: nsRegister },
    xml('instructions', null, instructions),
    registered && xml('registered'),
  )
}

/**
 * Reads what somebody wants: to be registered, or (XEP-0077, 3.2) not to be any longer.
 * @throws Malformed when it is another element
 */
export function readRegistration(query: Element): 'register' | 'remove' {
  if (!isElement(query, 'query', nsRegister)) throw new Malformed('query', 'not this element')
  return childOf(query, 'remove', nsRegister) ? 'remove' : 'register'
}

/** The question. */
export const askRegistration = (): Element => xml('query', { xmlns: nsRegister })
