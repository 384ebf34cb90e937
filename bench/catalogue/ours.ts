/** Our catalogue: filled, then asked while publishing goes on. */

import { statSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { type Catalogue, openCatalogue } from '../../component/catalogue/catalogue.js'
import { median, quantile } from '../report.js'
import { moveIn, presenceFigures, timesBusy, timesSeen } from './coming-and-going.js'
import { fill, Publisher } from './filling.js'
import { kindsOf, timesAsOften } from './kinds.js'
import { namesFrom, randomFrom } from './names.js'
import { type Figures, type Plan, say, shareOf } from './plan.js'

const asker = 'asker@bench.example'

export async function measureOurs(plan: Plan): Promise<Figures> {
  let rssPeak = 0
  const watch = setInterval(() => {
    rssPeak = Math.max(rssPeak, process.memoryUsage.rss())
  }, 200)
  const catalogue = await openCatalogue({
    path: plan.path,
    readers: plan.readers,
    check: false,
    quotas: { entriesPerPeer: 1e9, entries: 1e9 },
  })
  const { entries: before } = (await catalogue.statistics()) as { entries: number }
  // Those that come now are others than those that are there.
  const names = namesFrom(plan.seed, plan.entries, before)
  const publisher = new Publisher(catalogue)
  const putPerSecond = await fill(catalogue, publisher, names, plan)

  await moveIn(catalogue, names)

  const pool = Array.from({ length: 500 }, () => Array.from({ length: 100 }, () => names.next(0)))
  const random = randomFrom(plan.seed)
  const delay = monitorEventLoopDelay({ resolution: 1 })
  let isOver = false
  let published = 0
  const began = performance.now()
  delay.enable()
  const publishing = (async () => {
    while (!isOver) {
      const adds = pool[(published / 100) % pool.length]!
      // What was published already comes under another name.
      const round = Math.floor(published / 100 / pool.length)
      await publisher.publish(
        Math.floor(random() * plan.peers),
        round === 0 ? adds : adds.map((entry) => ({ ...entry, path: `${round}/${entry.path}` })),
      )
      published += 100
    }
  })()
  const queries = await ask(catalogue, plan, kindsOf(names, plan))
  const seen = await timesSeen(catalogue, asker, 40)
  isOver = true
  await publishing
  delay.disable()
  const during = published / ((performance.now() - began) / 1_000)
  const busy = await timesBusy(catalogue, 100)
  const removed = performance.now()
  await catalogue.closeShare({ ...shareOf(0), share: 'none' })
  const roundTrip = performance.now() - removed
  const { entries: held } = (await catalogue.statistics()) as { entries: number }
  clearInterval(watch)
  const rssPeakMiB = rssPeak / 2 ** 20
  await catalogue.close()
  const figures = {
    seed: plan.seed,
    entriesHeld: held,
    putPerSecond,
    putPerSecondDuringQueries: during,
    bytesPerEntry: statSync(plan.path).size / held,
    rssPeakMiB,
    loopDelayP99Ms: delay.percentile(99) / 1e6 - 1,
    writerRoundTripMs: roundTrip,
    ...presenceFigures(seen, busy),
  }
  say(
    `during the queries ${during.toFixed(0)} put a second; loop delay p99 ${figures.loopDelayP99Ms.toFixed(1)} ms; ` +
      `${figures.bytesPerEntry.toFixed(0)} bytes an entry, ${rssPeakMiB.toFixed(0)} MiB`,
  )
  return { queries, notes: figures }
}

interface Row {
  median: number
  p99: number
  worst: number
  found: number
  tooSlow: number
}

async function ask(
  catalogue: Catalogue,
  plan: Plan,
  kinds: ReturnType<typeof kindsOf>,
): Promise<Record<string, Row>> {
  const rows: Record<string, Row> = {}
  const timed = async (name: string, run: () => Promise<unknown>) => {
    const times: number[] = []
    let found = 0
    let tooSlow = 0
    const counted = plan.queries * timesAsOften(name)
    for (let n = 0; n < 2 * counted; n++) {
      const began = performance.now()
      const answer = (await run()) as { kind: string; total?: number; items?: unknown[] }
      // A component runs for months: until its code is compiled, V8's threads take a core for that.
      if (n < counted) continue
      times.push(performance.now() - began)
      found += answer.total ?? answer.items?.length ?? 0
      if (answer.kind === 'too-slow') tooSlow++
    }
    const row = {
      median: median(times),
      p99: quantile(times, 0.99),
      worst: Math.max(...times),
      found: found / times.length,
      tooSlow,
    }
    rows[name] = row
    say(
      `${name.padEnd(16)} ${row.median.toFixed(2)} / ${row.p99.toFixed(2)} ms, worst ${row.worst.toFixed(1)}, found ${row.found.toFixed(0)}, too slow ${tooSlow}`,
    )
  }
  for (const [name, query] of Object.entries(kinds)) {
    await timed(name, () => catalogue.search(asker, query(), 20))
  }
  let isOver = false
  const others = Array.from({ length: 4 }, async (_, at) => {
    while (!isOver) await catalogue.search(`other${at}@bench.example`, kinds['two words']!(), 20)
  })
  // More search at once than there are threads.
  await timed('nothing, busy', () => catalogue.search(asker, kinds['nothing found']!(), 20))
  await timed('rare word, busy', () => catalogue.search(asker, kinds['rare word']!(), 20))
  isOver = true
  await Promise.all(others)
  const random = randomFrom(plan.seed)
  const peer = () => Math.floor(random() * plan.peers)
  const popular = await catalogue.search(asker, kinds['common word']!(), 1)
  const hit = popular.kind === 'ok' ? popular.items[0]?.value : undefined
  if (hit !== undefined) {
    await timed('sources', () => catalogue.sources(asker, hit.root, 50))
    await timed('may it be seen', () => catalogue.canSee(asker, hit.peer, hit.share, hit.path))
  }
  await timed('browse folder', () => catalogue.folder(asker, shareOf(peer()), 'Music', { max: 50 }))
  await timed('browse deep', () => catalogue.folder(asker, shareOf(peer()), '', { max: 50 }, true))
  await timed('peers online', () => catalogue.peers(asker, 'online', { after: `p${peer()}`, max: 50 }))
  await timed('tags', () => catalogue.tags(asker, 50))
  await timed('peer on, off', () => catalogue.attend(shareOf(1), random() < 0.5))
  return rows
}
