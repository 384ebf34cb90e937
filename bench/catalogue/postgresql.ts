/**
 * The same names and the same questions to PostgreSQL, with full text search and `pg_trgm`: a private server in a temporary
 * folder, on a socket there. Times are those that psql prints, of a statement and its way over the socket.
 */

import { execFileSync, spawn } from 'node:child_process'
import { chownSync, existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Entry } from '../../component/catalogue/values.js'

const binaries = '/usr/lib/postgresql/15/bin'

export interface PostgresFigures {
  loadedPerSecond: number
  bytesPerEntry: number
  /** Milliseconds of every run, by kind. */
  times: Record<string, number[]>
}

/** Why it cannot run here, or nothing. */
export function absence(): string | undefined {
  return existsSync(`${binaries}/initdb`) ? undefined : `no ${binaries}/initdb: apt-get install postgresql-15`
}

/** Loads `entries` and asks `statements`, each a kind with its SQL conditions. */
export async function measurePostgres(
  dir: string,
  entries: Iterable<{ peer: number; entry: Entry }>,
  statements: Record<string, string[]>,
): Promise<PostgresFigures> {
  const data = join(dir, 'pg')
  mkdirSync(data)
  // It refuses to run as root.
  const isRoot = process.getuid?.() === 0
  const asWhom = isRoot ? { uid: idOf('-u'), gid: idOf('-g') } : {}
  if (isRoot) {
    chownSync(dir, asWhom.uid!, asWhom.gid!)
    chownSync(data, asWhom.uid!, asWhom.gid!)
  }
  const run = { ...asWhom, cwd: dir, stdio: 'ignore' as const }
  execFileSync(
    `${binaries}/initdb`,
    ['-D', data, '-U', 'bench', '-A', 'trust', '--no-sync', '-E', 'UTF8', '--locale', 'C.UTF-8'],
    run,
  )
  const settings = [
    '-c',
    'listen_addresses=',
    '-c',
    'shared_buffers=256MB',
    '-c',
    'work_mem=64MB',
    '-c',
    'maintenance_work_mem=256MB',
  ]
  const server = spawn(`${binaries}/postgres`, ['-D', data, '-k', data, ...settings], run)
  const ended = new Promise((resolve) => server.once('exit', resolve))
  try {
    const psql = (sql: string | Iterable<string>) => runPsql(data, sql)
    for (let tries = 0; ; tries++) {
      try {
        await psql('select 1')
        break
      } catch (error) {
        if (tries === 100) throw error
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
    }
    await psql(`create extension pg_trgm;
      create table entry (peer int not null, path text not null, root bytea not null, size bigint not null, type text,
        words tsvector generated always as (to_tsvector('simple', translate(path, '/_.', '   '))) stored, primary key (peer, path));
      create index on entry using gin (words); create index on entry using gin (path gin_trgm_ops); create index on entry (root);
      create table peer (id int primary key, online bool not null);`)
    let count = 0
    function* copy() {
      yield 'copy entry (peer, path, root, size, type) from stdin;\n'
      const seen = new Set<string>()
      for (const { peer, entry } of entries) {
        const key = `${peer}\t${entry.path}`
        if (seen.has(key)) continue
        seen.add(key)
        count++
        yield `${key}\t\\\\x${entry.root}\t${entry.size}\t${entry.mediaType}\n`
      }
      yield '\\.\n'
    }
    const began = performance.now()
    await psql(copy())
    const loadedPerSecond = count / ((performance.now() - began) / 1_000)
    await psql(
      'insert into peer select distinct peer, peer % 4 = 0 from entry; vacuum analyze entry; analyze peer;',
    )
    const size = Number(
      (await psql("\\pset tuples_only on\nselect pg_total_relation_size('entry');")).match(/\d{4,}/)![0],
    )
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
    return { loadedPerSecond, bytesPerEntry: size / count, times }
  } finally {
    server.kill('SIGINT')
    await ended
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
