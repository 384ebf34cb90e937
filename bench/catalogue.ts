/**
 * How fast the catalogue takes entries in, what an entry costs on disk, and how long each kind of query takes while
 * publishing goes on. Made names; the seed is printed.
 *
 * With `--file` the catalogue stays, and is filled further by the next run; without `--queries` it is only filled. With
 * `--only postgresql` it asks PostgreSQL the same of the same names instead (bench/catalogue/postgresql.ts).
 *
 *   node dist/bench/catalogue.js [--entries N] [--peers N] [--queries N] [--readers N] [--seconds N]
 *     [--file F] [--only postgresql] [--json]
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { measureOurs } from './catalogue/ours.js'
import { askPostgres } from './catalogue/theirs.js'
import { readOptions } from './options.js'

const usage =
  'catalogue [--entries N] [--peers N] [--queries N] [--readers N] [--seconds N] [--seed N] [--file F] [--only postgresql] [--json]'
const { numbers, json, only, file } = readOptions(usage, {
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
  entries: numbers.entries!,
  peers: numbers.peers!,
  queries: numbers.queries!,
  readers: numbers.readers!,
  seconds: numbers.seconds!,
  seed: numbers.seed!,
}
try {
  const figures = only.includes('postgresql') ? await askPostgres(dir, plan) : await measureOurs(plan)
  if (json && figures !== undefined) process.stdout.write(`${JSON.stringify(figures)}\n`)
} finally {
  rmSync(dir, { recursive: true, force: true })
}
