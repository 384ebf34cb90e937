/**
 * Draws the legal steps of a transfer into docs/protocol.md, between its two marks, from the table in
 * protocol/mediation/edges.ts. Run it after a change of the table: `node dist/scripts/draw-mediation.js`.
 */

import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { picture } from '../protocol/mediation/index.js'

const begin = '<!-- mediation:begin -->'
const end = '<!-- mediation:end -->'

/** The page with the picture as it should be; `undefined` when it has no place for it. */
export function drawn(page: string): string | undefined {
  const from = page.indexOf(begin)
  const to = page.indexOf(end)
  if (from < 0 || to < from) return undefined
  return `${page.slice(0, from + begin.length)}\n\n${picture()}\n\n${page.slice(to)}`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const path = new URL('../../docs/protocol.md', import.meta.url)
  const page = drawn(readFileSync(path, 'utf8'))
  if (page === undefined) throw new Error(`docs/protocol.md lacks ${begin} and ${end}`)
  writeFileSync(path, page)
}
