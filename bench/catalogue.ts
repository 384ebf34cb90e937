/**
 * How fast the catalogue takes entries in, what an entry costs on disk, and how long each kind of query takes while
 * publishing goes on. Made names; the seed is printed.
 *
 * With `--only postgresql` it asks PostgreSQL the same of the same names instead (bench/catalogue/postgresql.ts).
 *
 *   node dist/bench/catalogue.js [--entries N] [--peers N] [--queries N] [--readers N] [--only postgresql] [--json]
 */

import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { type Catalogue, openCatalogue } from '../component/catalogue/catalogue.js'
import type { Query, ShareName } from '../component/catalogue/values.js'
import { namesFrom, randomFrom } from './catalogue/names.js'
import { absence, measurePostgres } from './catalogue/postgresql.js'
import { readOptions } from './options.js'
import { median, quantile } from './report.js'

const usage = 'catalogue [--entries N] [--peers N] [--queries N] [--readers N] [--seed N] [--json]'
const { numbers, json, only } = readOptions(usage, {
  entries: 1_000_000,
  peers: 1_000,
  queries: 200,
  readers: 2,
  seed: 1,
})
const entries = numbers.entries!
const peers = numbers.peers!
const everybody = { kind: 'everybody' } as const
const asker = 'asker@bench.example'

const names = namesFrom(numbers.seed!, entries)
const random = randomFrom(numbers.seed!)
const dir = mkdtempSync(join(tmpdir(), 'jabberfs-bench-catalogue-'))
const path = join(dir, 'catalogue.sqlite')
const say = (line: string) => process.stderr.write(`${line}\n`)
let rssPeak = 0
const watch = setInterval(() => {
  rssPeak = Math.max(rssPeak, process.memoryUsage.rss())
}, 200)

const shareOf = (peer: number): ShareName => ({ peer: `p${peer}@bench.example`, device: 'd', share: 's' })
const seqs = new Map<number, number>()
async function publish(catalogue: Catalogue, peer: number, count: number): Promise<void> {
  const seq = (seqs.get(peer) ?? 0) + 1
  seqs.set(peer, seq)
  const adds = Array.from({ length: count }, () => names.next(peer))
  const answer = await catalogue.publish(shareOf(peer), { seq, adds, removes: [] })
  if (answer.kind !== 'ok') throw new Error(JSON.stringify(answer))
}

async function fill(catalogue: Catalogue): Promise<{ rate: number; held: number }> {
  for (let peer = 0; peer < peers; peer++) {
    await catalogue.register(shareOf(peer))
    await catalogue.openShare(shareOf(peer), { audience: everybody, tags: peer % 10 === 0 ? ['tenth'] : [] })
    if (peer % 4 === 0) await catalogue.attend(shareOf(peer), true)
  }
  const began = performance.now()
  const each = Math.ceil(entries / peers)
  const pending = new Set<Promise<void>>()
  for (let done = 0, peer = 0; done < entries; peer = (peer + 1) % peers) {
    const count = Math.min(1_000, each, entries - done)
    done += count
    const one: Promise<void> = publish(catalogue, peer, count).then(() => void pending.delete(one))
    pending.add(one)
    if (pending.size >= 4) await Promise.race(pending)
  }
  await Promise.all(pending)
  const { entries: held } = (await catalogue.statistics()) as { entries: number }
  return { rate: entries / ((performance.now() - began) / 1_000), held }
}

/** Every kind of query: a common word is in about a tenth of the names. */
const kinds: Record<string, () => Partial<Query>> = {
  'nothing found': () => ({ words: `nowhere${Math.floor(random() * 1e6)}` }),
  'rare word': () => ({ words: names.word(20_000 + Math.floor(random() * 100_000)) }),
  'common word': () => ({ words: names.word(Math.floor(random() * 3)) }),
  'two words': () => ({
    words: `${names.word(Math.floor(random() * 5))} ${names.word(5 + Math.floor(random() * 50))}`,
  }),
  'prefix of 3': () => ({ words: `${names.word(Math.floor(random() * 2_000)).slice(0, 3)}*` }),
  'prefix of 5': () => ({ words: `${names.word(3_000 + Math.floor(random() * 50_000)).slice(0, 5)}*` }),
  'part of 4': () => ({ words: `*${names.word(3_000 + Math.floor(random() * 50_000)).slice(1, 5)}` }),
  'common, size': () => ({ words: names.word(Math.floor(random() * 3)), minSize: 1e8 }),
  'common, type': () => ({ words: names.word(Math.floor(random() * 3)), mediaType: 'video' }),
  'common, tag': () => ({ words: names.word(Math.floor(random() * 3)), tag: 'tenth' }),
  'common, online': () => ({ words: names.word(Math.floor(random() * 3)), online: true }),
  'common, peer': () => ({ words: names.word(0), peer: shareOf(Math.floor(random() * peers)).peer }),
  'all, newest': () => ({ words: '' }),
}

async function ask(catalogue: Catalogue): Promise<Record<string, Record<string, number>>> {
  const rows: Record<string, Record<string, number>> = {}
  const timed = async (
    name: string,
    run: () => Promise<{ kind: string; total?: number; items?: unknown[] }>,
  ) => {
    const times: number[] = []
    let found = 0
    let slow = 0
    for (let n = 0; n < numbers.queries! + 5; n++) {
      const began = performance.now()
      const answer = await run()
      if (n < 5) continue // warms up
      times.push(performance.now() - began)
      found += answer.total ?? answer.items?.length ?? 0
      if (answer.kind === 'too-slow') slow++
    }
    const row = {
      median: median(times),
      p99: quantile(times, 0.99),
      worst: Math.max(...times),
      found: found / times.length,
      tooSlow: slow,
    }
    rows[name] = row
    say(
      `${name.padEnd(16)} ${row.median.toFixed(2)} / ${row.p99.toFixed(2)} ms, worst ${row.worst.toFixed(1)}, found ${row.found.toFixed(0)}, too slow ${slow}`,
    )
  }
  for (const [name, query] of Object.entries(kinds)) {
    await timed(name, () => catalogue.search(asker, { words: '', ...query() }, 50))
  }
  const popular = await catalogue.search(asker, { words: names.word(0) }, 1)
  if (popular.kind === 'ok' && popular.items.length > 0) {
    const { root } = popular.items[0]!.value
    await timed('sources', () => catalogue.sources(asker, root, 50))
  }
  const peer = () => Math.floor(random() * peers)
  await timed('browse folder', () => catalogue.folder(asker, shareOf(peer()), 'Music', '', 50))
  await timed('peers online', () => catalogue.peers(asker, 'online', `p${peer()}`, 50))
  await timed('tags', () => catalogue.tags(asker, '', 50))
  await timed('peer on, off', () => catalogue.attend(shareOf(1), Math.random() < 0.5))
  return rows
}

/** The same entries, in the same order. */
function* everything() {
  const each = Math.ceil(entries / peers)
  for (let done = 0, peer = 0; done < entries; peer = (peer + 1) % peers) {
    const count = Math.min(1_000, each, entries - done)
    done += count
    for (let n = 0; n < count; n++) yield { peer, entry: names.next(peer) }
  }
}

async function askPostgres(): Promise<void> {
  const missing = absence()
  if (missing !== undefined) {
    say(`absent: PostgreSQL (${missing})`)
    return
  }
  const statements: Record<string, string[]> = {}
  for (const [kind, query] of Object.entries(kinds)) {
    if (['all, newest', 'common, tag', 'common, peer'].includes(kind)) continue
    statements[kind] = Array.from({ length: Math.min(50, numbers.queries!) }, () => sqlOf(query()))
  }
  const { times, ...figures } = await measurePostgres(dir, everything(), statements)
  const rows = Object.entries(times).map(
    ([kind, ms]) => [kind, { median: median(ms), p99: quantile(ms, 0.99) }] as const,
  )
  for (const [kind, row] of rows)
    say(`${kind.padEnd(16)} ${row.median.toFixed(2)} / ${row.p99.toFixed(2)} ms`)
  say(
    `${figures.loadedPerSecond.toFixed(0)} put a second, ${figures.bytesPerEntry.toFixed(0)} bytes an entry`,
  )
  if (json) process.stdout.write(`${JSON.stringify({ ...figures, queries: Object.fromEntries(rows) })}\n`)
}

function sqlOf({ words = '', minSize, mediaType, online }: Partial<Query>): string {
  const text = words.startsWith('*')
    ? `path ilike '%${words.slice(1)}%'`
    : `words @@ to_tsquery('simple', '${words.replace('*', ':*').replace(' ', ' & ')}')`
  return [
    text,
    minSize !== undefined && `size >= ${minSize}`,
    mediaType !== undefined && `type like '${mediaType}/%'`,
    online && 'p.online',
  ]
    .filter(Boolean)
    .join(' and ')
}

async function askOurs(): Promise<void> {
  const catalogue = await openCatalogue({
    path,
    readers: numbers.readers!,
    quotas: { entriesPerPeer: 1e9, entries: 1e9 },
  })
  const filled = await fill(catalogue)
  say(
    `${filled.held} entries held (of ${entries} put), ${filled.rate.toFixed(0)} put a second, with their making`,
  )
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  let isOver = false
  let published = 0
  const began = performance.now()
  const publishing = (async () => {
    while (!isOver) {
      await publish(catalogue, Math.floor(random() * peers), 200)
      published += 200
    }
  })()
  const queries = await ask(catalogue)
  isOver = true
  await publishing
  delay.disable()
  const during = published / ((performance.now() - began) / 1_000)
  const removed = performance.now()
  await catalogue.unregister(shareOf(0))
  const removal = performance.now() - removed
  const { entries: held } = (await catalogue.statistics()) as { entries: number }
  const memory = rssPeak
  clearInterval(watch)
  await catalogue.close()
  const bytes = statSync(path).size
  const figures = {
    seed: numbers.seed!,
    entriesHeld: held,
    putPerSecond: filled.rate,
    putPerSecondDuringQueries: during,
    bytesPerEntry: bytes / held,
    rssPeakMiB: memory / 2 ** 20,
    loopDelayP99Ms: delay.percentile(99) / 1e6 - 1,
    takeBackMs: removal,
    queries,
  }
  if (json) process.stdout.write(`${JSON.stringify(figures)}\n`)
  else {
    say(
      `during the queries ${during.toFixed(0)} put a second; loop delay p99 ${figures.loopDelayP99Ms.toFixed(1)} ms`,
    )
    say(
      `${figures.bytesPerEntry.toFixed(0)} bytes an entry, ${figures.rssPeakMiB.toFixed(0)} MiB, a device taken back in ${removal.toFixed(1)} ms`,
    )
  }
}

await (only.includes('postgresql') ? askPostgres() : askOurs())
clearInterval(watch)
rmSync(dir, { recursive: true, force: true })
