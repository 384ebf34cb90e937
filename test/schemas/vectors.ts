/** Reads the vectors of `schemas/vectors`: plain files, so that a program in any language can be held to them. */

import { readdirSync, readFileSync } from 'node:fs'
import { XmlDocument, XsdValidator } from 'libxml2-wasm'
import { actions, type Codec, type Element, login, parseXml } from '../../schemas/index.js'

const schemas = new URL('../../../schemas/', import.meta.url)

/** One folder of vectors for each of our namespaces. */
export type VectorSet = 'vectors' | 'vectors-catalogue'

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
export function vectorsOf(action: string, kind: 'valid' | 'invalid', set: VectorSet = 'vectors'): Vector[] {
  const files = readdirSync(new URL(`${set}/${action}/`, schemas)).sort()
  return files
    .filter(
      (file) => file.startsWith(`${kind}-`) && file.endsWith('.xml') && !file.endsWith('.canonical.xml'),
    )
    .map((file) => {
      const name = file.slice(0, -'.xml'.length)
      const path = `${set}/${action}/${name}`
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
export function folders(set: VectorSet = 'vectors'): string[] {
  return readdirSync(new URL(`${set}/`, schemas)).sort()
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

const validatorOf = (xsd: string) => XsdValidator.fromDoc(XmlDocument.fromString(readText(xsd)))
const validators = {
  vectors: validatorOf('jabberfs-transfer-1.xsd'),
  'vectors-catalogue': validatorOf('jabberfs-catalogue-1.xsd'),
}

/** What the schema has against this text; `undefined` when nothing. */
export function schemaRefuses(xml: string, set: VectorSet = 'vectors'): string | undefined {
  let document: XmlDocument | undefined
  try {
    document = XmlDocument.fromString(xml.trim())
    validators[set].validate(document)
    return undefined
  } catch (error) {
    return (error as Error).message
  } finally {
    document?.dispose()
  }
}
