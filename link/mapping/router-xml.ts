/**
 * The few fields that are wanted of a router's XML: texts between a start tag and its end tag, by local name.
 *
 * No parser of XML is needed for that, and none is trusted with a stranger's document: there are no entities but the five,
 * no document type, no namespaces, no tree; each look is one pass over a text that is bounded already.
 */

const maxFieldChars = 1_024
const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }

/** The text of the first element of that local name; undefined if there is none, or it holds more than a text. */
export function fieldOf(xml: string, name: string): string | undefined {
  const inside = insidesOf(xml, name, 1)[0]
  if (inside === undefined || inside.length > maxFieldChars || inside.includes('<')) return undefined
  return inside.replace(/&(lt|gt|amp|quot|apos);/g, (_, entity: string) => entities[entity]!).trim()
}

/** What stands inside the elements of that local name, at most `most`; of elements that do not hold their like. */
export function insidesOf(xml: string, name: string, most: number): string[] {
  const found: string[] = []
  const start = new RegExp(`<((?:[A-Za-z0-9_-]{1,32}:)?${name})(?:\\s[^<>]{0,512})?>`, 'g')
  for (let match = start.exec(xml); match !== null && found.length < most; match = start.exec(xml)) {
    const end = xml.indexOf(`</${match[1]}>`, start.lastIndex)
    if (end < 0) break
    found.push(xml.slice(start.lastIndex, end))
    start.lastIndex = end
  }
  return found
}

/** A text as it stands in XML. */
export function escaped(text: string): string {
  return text.replace(/[<>&"']/g, (char) => `&#${char.charCodeAt(0)};`)
}
