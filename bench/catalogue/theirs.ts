/** PostgreSQL, asked the same of the same names. */

import type { Query } from '../../component/catalogue/values.js'
import { median, quantile } from '../report.js'
import { kindsOf, timesAsOften } from './kinds.js'
import { type Names, namesFrom } from './names.js'
import { type Figures, type Plan, say } from './plan.js'
import { absence, measurePostgres } from './postgresql.js'

/** Kinds that it is not asked: there is nothing like it in its table. */
const notAsked = ['common, tag', 'common, peer']

export async function askPostgres(dir: string, plan: Plan): Promise<Figures | undefined> {
  const missing = absence()
  if (missing !== undefined) {
    say(`absent: PostgreSQL (${missing})`)
    return undefined
  }
  const names = namesFrom(plan.seed, plan.entries)
  const statements: Record<string, string[]> = {}
  for (const [kind, query] of Object.entries(kindsOf(names, plan))) {
    if (notAsked.includes(kind)) continue
    statements[kind] = Array.from({ length: Math.min(50, plan.queries) * timesAsOften(kind) }, () =>
      sqlOf(query()),
    )
  }
  const entries = { count: plan.entries, entries: everything(names, plan.peers) }
  const { times, ...figures } = await measurePostgres(plan.cluster ?? dir, entries, statements)
  const queries: Record<string, { median: number; p99: number }> = {}
  for (const [kind, ms] of Object.entries(times)) {
    const row = { median: median(ms), p99: quantile(ms, 0.99) }
    queries[kind] = row
    say(`${kind.padEnd(16)} ${row.median.toFixed(2)} / ${row.p99.toFixed(2)} ms`)
  }
  say(
    `${figures.putPerSecond.toFixed(0)} put a second, ${figures.entriesHeld} are held, ${figures.bytesPerEntry.toFixed(0)} bytes an entry`,
  )
  return { queries, notes: { ...figures } }
}

/** The same entries, a hundred of a peer at a time, without end. */
function* everything(names: Names, peers: number) {
  for (let peer = 0; ; peer = (peer + 1) % peers) {
    for (let n = 0; n < 100; n++) yield { peer, entry: names.next(peer) }
  }
}

function sqlOf({ words, minSize, types, online }: Query): string {
  const text = words?.startsWith('*')
    ? `path ilike '%${words.slice(1)}%'`
    : words !== undefined &&
      `words @@ to_tsquery('simple', '${words.replace('*', ':*').replaceAll(' ', ' & ')}')`
  return [
    text,
    minSize !== undefined && `size >= ${minSize}`,
    types !== undefined && `type like '${types[0]}/%'`,
    online && 'p.online',
  ]
    .filter(Boolean)
    .join(' and ')
}
