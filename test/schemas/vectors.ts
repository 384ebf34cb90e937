/** Reads the vectors of `schemas/vectors`: plain files, so that a program in any language can be held to them. */

import { readdirSync, readFileSync } from 'node:fs'
import { XmlDocument, XsdValidator } from 'libxml2-wasm'
import { actions, type Codec, type Element, login, parseXml } from '../../schemas/index.js'

const schemas = new URL('../../../schemas/', import.meta.url)

export interface Vector {
  action: string
  name: string
  xml: string
  /** What it means, or why it is refused. */
  expected: unknown
  /** The same in canonical form. */
  canonical: string
}

export const codecs = { login, ...actions } as unknown as Record<string, Codec<unknown>>

function readText(path: string): string {
  return readFileSync(new URL(path, schemas), 'utf8')
}

/** In the files, bytes are `{"$base64": "…"}`. */
function revive(_key: string, value: unknown): unknown {
  const encoded = (value as { $base64?: string } | null)?.$base64
  return encoded === undefined ? value : new Uint8Array(Buffer.from(encoded, 'base64'))
}

/** The vectors of one folder whose names begin with `valid` or `invalid`. */
export function vectorsOf(action: string, kind: 'valid' | 'invalid'): Vector[] {
  const files = readdirSync(new URL(`vectors/${action}/`, schemas)).sort()
  return files
    .filter(
      (file) => file.startsWith(`${kind}-`) && file.endsWith('.xml') && !file.endsWith('.canonical.xml'),
    )
    .map((file) => {
      const name = file.slice(0, -'.xml'.length)
      const path = `vectors/${action}/${name}`
      const xml = readText(`${path}.xml`)
      return {
        action,
        name,
        xml,
        expected: JSON.parse(readText(`${path}.json`), revive),
        canonical: files.includes(`${name}.canonical.xml`) ? readText(`${path}.canonical.xml`) : xml,
      }
    })
}

/** Every folder of vectors. */
export function folders(): string[] {
  return readdirSync(new URL('vectors/', schemas)).sort()
}

/** One line of XML, without the white space that only lays out. */
export function compact(xml: string): string {
  const strip = (element: Element): Element => {
    const elements = element.children.filter((child): child is Element => typeof child !== 'string')
    if (elements.length > 0) element.children = elements.map(strip)
    return element
  }
  return String(strip(parseXml(xml)))
}

const xsd = XmlDocument.fromString(readText('jabberfs-transfer-1.xsd'))
const validator = XsdValidator.fromDoc(xsd)

/** What the schema has against this text; `undefined` when nothing. */
export function schemaRefuses(xml: string): string | undefined {
  let document: XmlDocument | undefined
  try {
    document = XmlDocument.fromString(xml.trim())
    validator.validate(document)
    return undefined
  } catch (error) {
    return (error as Error).message
  } finally {
    document?.dispose()
  }
}
