/**
 * How fast the catalogue takes entries in, what an entry costs on disk, and how long each kind of query takes while
 * publishing goes on. Made names; the seed is printed.
 *
 * PostgreSQL is asked the same of the same names (bench/catalogue/postgresql.ts). With `--file` the catalogue stays, and is
 * filled further by the next run; with `--cluster` PostgreSQL's stays, and is filled once.
 *
 *   node dist/bench/catalogue.js [--entries N] [--peers N] [--queries N] [--readers N] [--seconds N]
 *     [--file F] [--cluster DIR] [--only jabberfs,postgresql] [--json]
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { measureOurs } from './catalogue/ours.js'
import { type Figures, say } from './catalogue/plan.js'
import { askPostgres } from './catalogue/theirs.js'
import { readOptions } from './options.js'

const usage =
  'catalogue [--entries N] [--peers N] [--queries N] [--readers N] [--seconds N] [--seed N] [--file F] [--cluster DIR] [--only jabberfs,postgresql] [--json]'
const { numbers, json, only, file, cluster } = readOptions(usage, {
  entries: 1_000_000,
  peers: 1_000,
  queries: 200,
  readers: 2,
  seconds: 3_600,
  seed: 1,
})
const dir = mkdtempSync(join(tmpdir(), 'jabberfs-bench-catalogue-'))
const plan = {
  path: file ?? join(dir, 'catalogue.sqlite'),
  cluster,
  entries: numbers.entries!,
  peers: numbers.peers!,
  queries: numbers.queries!,
  readers: numbers.readers!,
  seconds: numbers.seconds!,
  seed: numbers.seed!,
}
/** One row for each kind of query of each who was asked. */
const rowsOf = (who: string, figures: Figures | undefined) =>
  Object.entries(figures?.queries ?? {}).map(([kind, { median, p99 }]) => {
    return { who, kind, median_ms: median, p99_ms: p99 }
  })

try {
  const isAsked = (who: string) => only.length === 0 || only.includes(who)
  const ours = isAsked('jabberfs') ? await measureOurs(plan) : undefined
  const theirs = isAsked('postgresql') ? await askPostgres(dir, plan) : undefined
  const ratios: Record<string, number> = {}
  for (const [kind, { median, p99 }] of Object.entries(theirs?.queries ?? {})) {
    const own = ours?.queries[kind]
    if (own === undefined) continue
    ratios[`${kind}, median`] = median / own.median
    ratios[`${kind}, p99`] = p99 / own.p99
    say(
      `${kind.padEnd(16)} PostgreSQL takes ${(median / own.median).toFixed(1)} times as long, ${(p99 / own.p99).toFixed(1)} at the 99th percentile`,
    )
  }
  const said = {
    rows: [...rowsOf('jabberfs', ours), ...rowsOf('postgresql', theirs)],
    ratios,
    absent: isAsked('postgresql') && theirs === undefined ? ['postgresql'] : [],
    notes: { plan, ...(ours && { jabberfs: ours.notes }), ...(theirs && { postgresql: theirs.notes }) },
  }
  if (json) process.stdout.write(`${JSON.stringify(said)}\n`)
} finally {
  rmSync(dir, { recursive: true, force: true })
}
