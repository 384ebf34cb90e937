/** What program an entity is: XEP-0092. */

import { Malformed } from '../malformed.js'
import { nsVersion } from '../names.js'
import { childOf, type Element, isElement, xml } from '../xml.js'

export interface SoftwareVersion {
  name: string
  version: string
  os?: string
}

/** Writes the answer. The operating system is nobody's business unless the operator says so. */
export function writeVersion({ name, version, os }: SoftwareVersion): Element {
  return xml(
    'query',
    { xmlns: nsVersion },
    xml('name', null, name),
    xml('version', null, version),
    os !== undefined && xml('os', null, os),
  )
}

/**
 * Reads the answer; texts are cut at 256 characters.
 * @throws Malformed when it is another element.
 */
export function readVersion(query: Element): SoftwareVersion {
  if (!isElement(query, 'query', nsVersion)) throw new Malformed('query', 'not this element')
  const text = (name: string) => childOf(query, name, nsVersion)?.getText().slice(0, 256)
  const os = text('os')
  return { name: text('name') ?? '', version: text('version') ?? '', ...(os === undefined ? {} : { os }) }
}

/** The question. */
export const askVersion = (): Element => xml('query', { xmlns: nsVersion })
