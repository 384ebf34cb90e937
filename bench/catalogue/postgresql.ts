/**
 * The same names and the same questions to PostgreSQL, with full text search and `pg_trgm`: a private server on a socket in its
 * folder. Times are those that psql prints, of a statement and its way over the socket.
 *
 * What holds: the folder can be kept, and is filled once: what is there is asked again. Most of the rows come before there are indexes, since
 * putting ten millions into its indexes takes hours; how fast it takes entries in is measured with the last ones, with all indexes.
 */

import { execFileSync, spawn } from 'node:child_process'
import { chownSync, existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Entry } from '../../component/catalogue/values.js'
import { say } from './plan.js'

const binaries = '/usr/lib/postgresql/15/bin'

export interface PostgresFigures {
  /** Entries a second of the last ones, in changes that are each committed, with all indexes; 0 if all were there. */
  putPerSecond: number
  bytesPerEntry: number
  entriesHeld: number
  /** Milliseconds of every run, by kind. */
  times: Record<string, number[]>
}

/** Why it cannot run here, or nothing. */
export function absence(): string | undefined {
  return existsSync(`${binaries}/initdb`) ? undefined : `no ${binaries}/initdb: apt-get install postgresql-15`
}

/** Entries that are put with all indexes, and in one change of those. */
const timed = 100_000
const change = 400
const settings = ['listen_addresses=', 'shared_buffers=256MB', 'work_mem=64MB', 'maintenance_work_mem=1GB']
const tables = `create extension pg_trgm;
  create table entry (peer int not null, path text not null, root bytea not null, size bigint not null, type text,
    words tsvector generated always as (to_tsvector('simple', translate(path, '/_.', '   '))) stored);
  create table peer (id int primary key, online bool not null);`
const indexes = [
  'alter table entry add primary key (peer, path);',
  'create index on entry (root);',
  'create index on entry using gin (words);',
  'create index on entry using gin (path gin_trgm_ops);',
]

/** Loads `entries` into the cluster in `dir`, if there are none, and asks `statements`, each a kind with its SQL conditions. */
export async function measurePostgres(
  dir: string,
  { count: planned, entries }: { count: number; entries: Iterable<{ peer: number; entry: Entry }> },
  statements: Record<string, string[]>,
): Promise<PostgresFigures> {
  const data = join(dir, 'pg')
  const isThere = existsSync(join(data, 'PG_VERSION'))
  mkdirSync(data, { recursive: true })
  // It refuses to run as root.
  const isRoot = process.getuid?.() === 0
  const asWhom = isRoot ? { uid: idOf('-u'), gid: idOf('-g') } : {}
  if (isRoot) {
    chownSync(dir, asWhom.uid!, asWhom.gid!)
    chownSync(data, asWhom.uid!, asWhom.gid!)
  }
  const run = { ...asWhom, cwd: dir, stdio: 'ignore' as const }
  if (!isThere) {
    const how = ['-D', data, '-U', 'bench', '-A', 'trust', '--no-sync', '-E', 'UTF8', '--locale', 'C.UTF-8']
    execFileSync(`${binaries}/initdb`, how, run)
  }
  const options = settings.flatMap((setting) => ['-c', setting])
  const server = spawn(`${binaries}/postgres`, ['-D', data, '-k', data, ...options], run)
  const ended = new Promise((resolve) => server.once('exit', resolve))
  const psql = (sql: string | Iterable<string>) => runPsql(data, sql)
  const number = async (sql: string) =>
    Number((await psql(`\\pset tuples_only on\n${sql};`)).match(/\d+/)![0])
  try {
    await answers(psql)
    const putPerSecond = isThere ? 0 : await load(psql, entries, planned)
    const held = await number('select count(*) from entry')
    const size = await number(`select pg_total_relation_size('entry')`)
    const times: Record<string, number[]> = {}
    for (const [kind, conditions] of Object.entries(statements)) {
      const sql = conditions.map(
        (
          condition,
        ) => `select root, count(*) as sources, count(*) filter (where p.online) as online, min(path)
          from entry join peer p on p.id = peer where ${condition} group by root order by online desc, sources desc, root limit 50;\n`,
      )
      const said = await psql(`\\o /dev/null\n${sql[0]}\\timing on\n${sql.join('')}`)
      times[kind] = [...said.matchAll(/Time: ([\d.]+) ms/g)].map(([, ms]) => Number(ms))
    }
    return { putPerSecond, bytesPerEntry: size / held, entriesHeld: held, times }
  } finally {
    server.kill('SIGINT')
    await ended
  }
}

type Psql = (sql: string | Iterable<string>) => Promise<string>

async function answers(psql: Psql): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      await psql('select 1')
      return
    } catch (error) {
      if (tries === 600) throw error
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}

/** @returns entries a second of those that were put with all indexes */
async function load(
  psql: Psql,
  entries: Iterable<{ peer: number; entry: Entry }>,
  planned: number,
): Promise<number> {
  await psql(tables)
  const lines = linesOf(entries)
  await psql(copied(lines, Math.max(0, planned - timed), Number.POSITIVE_INFINITY))
  await psql('insert into peer select distinct peer, peer % 4 = 0 from entry; analyze peer;')
  for (const sql of indexes) {
    const began = performance.now()
    await psql(`set synchronous_commit = off; ${sql}`)
    say(`${sql} ${((performance.now() - began) / 1_000).toFixed(0)} s`)
  }
  await psql('vacuum analyze entry; checkpoint;')
  // The making of the names is not counted.
  const last = [...copied(lines, timed, change)]
  const began = performance.now()
  await psql(last)
  const rate = timed / ((performance.now() - began) / 1_000)
  await psql('vacuum analyze entry; checkpoint;')
  return rate
}

/** Rows as psql wants them; none comes twice (but for one in a billion that looks as if it did). */
function* linesOf(entries: Iterable<{ peer: number; entry: Entry }>): Generator<string> {
  const seen = new Set<number>()
  for (const { peer, entry } of entries) {
    const key = `${peer}\t${entry.path}`
    const short = shortOf(key)
    if (seen.has(short)) continue
    seen.add(short)
    yield `${key}\t\\\\x${entry.root}\t${entry.size}\t${entry.mediaType}\n`
  }
}

/** 53 bits of a text. */
function shortOf(text: string): number {
  let [a, b] = [0x811c9dc5, 0x2545f491]
  for (let at = 0; at < text.length; at++) {
    a = Math.imul(a ^ text.charCodeAt(at), 0x01000193)
    b = Math.imul(b ^ text.charCodeAt(at), 0x5bd1e995) ^ (b >>> 13)
  }
  return (a >>> 11) * 2 ** 32 + (b >>> 0)
}

/** The next `count` rows, so many in each statement. */
function* copied(lines: Iterator<string>, count: number, each: number): Generator<string> {
  for (let done = 0; done < count; ) {
    yield 'copy entry (peer, path, root, size, type) from stdin;\n'
    for (let n = 0; n < each && done < count; n++, done++) {
      const { value, done: isOver } = lines.next()
      if (isOver) return yield '\\.\n'
      yield value
    }
    yield '\\.\n'
  }
}

const idOf = (which: '-u' | '-g') => Number(execFileSync('id', [which, 'postgres'], { encoding: 'utf8' }))

/** Feeds psql, and gives what it says. */
async function runPsql(socket: string, sql: string | Iterable<string>): Promise<string> {
  const psql = spawn('psql', ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-h', socket, '-U', 'bench', 'postgres'])
  let said = ''
  let complaint = ''
  psql.stdout.on('data', (chunk) => {
    said += chunk
  })
  psql.stderr.on('data', (chunk) => {
    complaint += chunk
  })
  psql.stdin.on('error', () => {})
  const ended = new Promise<number | null>((resolve) => psql.once('close', resolve))
  let piece = ''
  for (const line of typeof sql === 'string' ? [sql] : sql) {
    piece += line
    if (piece.length < 65_536) continue
    if (!psql.stdin.write(piece)) await new Promise((resolve) => psql.stdin.once('drain', resolve))
    piece = ''
  }
  psql.stdin.end(piece)
  if ((await ended) !== 0) throw new Error(`psql: ${complaint.slice(0, 500)}`)
  return said
}
