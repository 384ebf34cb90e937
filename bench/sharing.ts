/**
 * `npm run bench:sharing`: a folder of many small files is shared through a private Prosody with its stock limits, and a
 * stopwatch is held to each step: looked through and hashed, found by somebody else, one more file, and the same after a
 * restart. On the way: how long the plugin's thread is held, and how long a ping takes on the stream that publishes.
 */

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import {
  createClientEntity,
  type FileTransfer,
  fileTransfer,
  type ShareInfo,
} from '../client-plugin/index.js'
import { ping } from '../schemas/index.js'
import { freePort, type PrivateProsody, startProsody } from '../scripts/private-prosody.js'
import { request, type XmppEntity } from '../wire/index.js'
import { fileSystemOf, machine } from './file-system.js'
import { readOptions } from './options.js'
import { type Figures, printReport, quantile, type Row } from './report.js'
import { pageFigures } from './sharing/pages.js'

const usage = 'usage: bench:sharing [--files 100000] [--only link,stanzas] [--json]'
const options = readOptions(usage, { files: 100_000 })
const files = options.numbers.files!
const ways = ['link', 'stanzas'].filter((way) =>
  options.only.length === 0 ? way === 'link' : options.only.includes(way),
)
const perFolder = 100
const dir = mkdtempSync(join(process.env.JABBERFS_BENCH_DIR ?? tmpdir(), 'jabberfs-bench-'))
const folder = join(dir, 'shared')
const rows: Row[] = []
try {
  const prepared = makeFiles()
  for (const way of ways) rows.push({ name: `by ${way}`, figures: await measure(way) })
  printReport(
    {
      notes: [
        `${files} files of 1 to 4 KB in folders of ${perFolder}, made in ${prepared.toFixed(1)} s; ${machine()}`,
        `on ${await fileSystemOf(dir)}; Prosody with 10 kB/s for a client; seconds count from the step before`,
      ],
      rows,
      ratios: {},
      absent: {},
    },
    options.json,
  )
} finally {
  rmSync(dir, { recursive: true, force: true })
}

function makeFiles(): number {
  const begun = performance.now()
  for (let n = 0; n < files; n++) {
    const place = join(folder, `album ${Math.floor(n / perFolder)}`)
    if (n % perFolder === 0) mkdirSync(place, { recursive: true })
    writeFileSync(join(place, `song ${n}.mp3`), `${n} `.repeat(200 + (n % 600)).slice(0, 1_000 + (n % 3_000)))
  }
  return (performance.now() - begun) / 1_000
}

async function measure(way: string): Promise<Figures> {
  const prosody = await startProsody({ rateLimits: true, iterations: 100 })
  const { componentPort, componentDomain, secret } = prosody
  const component = fork(fileURLToPath(new URL('./sharing/component-process.js', import.meta.url)), {
    env: {
      ...process.env,
      PORT: String(componentPort),
      DOMAIN: componentDomain,
      SECRET: secret,
      STATE: join(dir, `component-${way}`),
      LIST_PORT: String(way === 'link' ? await freePort() : 0),
    },
  })
  try {
    await once(component, 'message')
    return await story(prosody, way)
  } finally {
    await gone(component)
    await prosody.stop()
  }
}

async function story(prosody: PrivateProsody, way: string): Promise<Figures> {
  let faust = await logIn(prosody, 'faust', `faust-${way}`)
  const mephisto = await logIn(prosody, 'mephisto', `mephisto-${way}`)
  const figures: Figures = {}
  const watching = watch(faust.entity, prosody.domain)
  const lap = stopwatch()
  const { id } = await faust.files.shares.add(folder)
  const info = () => faust.files.shares.list().find((share) => share.id === id) as ShareInfo
  while (info().state === 'scanning' || info().state === 'hashing') await delay(20)
  figures.hashedSeconds = lap()
  while ((await filesOf(mephisto.files, 'faust@localhost')) < files) await delay(100)
  while ((await mephisto.files.catalogue.search({ words: `song ${files - 1}` })).items.length === 0)
    await delay(20)
  figures.searchableSeconds = lap()
  await faust.files.shares.current(id)
  Object.assign(figures, watching.end())

  const counting = count(faust.entity)
  lap()
  writeFileSync(join(folder, 'album 0', 'one more.mp3'), 'one more')
  while ((await mephisto.files.catalogue.search({ words: 'one more' })).items.length === 0) await delay(20)
  figures.oneMoreSeconds = lap()
  Object.assign(figures, counting.end())
  rmSync(join(folder, 'album 0', 'one more.mp3'))
  await faust.files.shares.current(id)
  Object.assign(figures, await pageFigures(mephisto.files, 'faust@localhost', id))

  await faust.leave()
  lap()
  faust = await logIn(prosody, 'faust', `faust-${way}`)
  await faust.files.shares.current(id)
  figures.currentAgainSeconds = lap()
  await faust.leave()
  await mephisto.leave()
  return figures
}

async function logIn(prosody: PrivateProsody, name: string, state: string) {
  const jid = prosody.addUser(name, 'bench')
  const entity = createClientEntity({ jid: `${jid}/${name}`, password: 'bench', service: prosody.service })
  await entity.start()
  const files = fileTransfer(entity, {
    component: prosody.componentDomain,
    state: join(dir, `state-${state}`),
    allowLoopback: true,
  })
  files.on('trouble', (trouble) => process.stderr.write(`${name}: ${trouble.message}\n`))
  await files.ready
  const leave = async () => {
    await files.stop()
    await entity.stop()
  }
  return { entity, files, leave }
}

async function filesOf(by: FileTransfer, peer: string): Promise<number> {
  const { items } = await by.catalogue.shares(peer)
  return items[0]?.files ?? 0
}

/** What the plugin's thread and its stream are like meanwhile. */
function watch(entity: XmppEntity, to: string) {
  const held = monitorEventLoopDelay({ resolution: 5 })
  held.enable()
  const pings: number[] = []
  const timer = setInterval(() => {
    const begun = performance.now()
    request(entity, { to, type: 'get', payload: ping() }).then(
      () => pings.push(performance.now() - begun),
      () => undefined,
    )
  }, 250)
  return {
    end() {
      clearInterval(timer)
      held.disable()
      return {
        threadHeldP99Ms: held.percentile(99) / 1e6,
        threadHeldMaxMs: held.max / 1e6,
        pingMedianMs: quantile(pings, 0.5),
        pingP99Ms: quantile(pings, 0.99),
      }
    },
  }
}

/** The publications that are said. */
function count(entity: XmppEntity) {
  let stanzas = 0
  let bytes = 0
  const heard = (element: { toString(): string }) => {
    const text = element.toString()
    if (!text.includes('<publish ')) return
    stanzas++
    bytes += Buffer.byteLength(text)
  }
  const emitter = entity as unknown as {
    on(name: string, heard: unknown): void
    off(name: string, heard: unknown): void
  }
  emitter.on('send', heard)
  return {
    end() {
      emitter.off('send', heard)
      return { oneMoreStanzas: stanzas, oneMoreBytes: bytes }
    },
  }
}

/** @returns seconds since the last call */
function stopwatch(): () => number {
  let begun = performance.now()
  return () => {
    const passed = (performance.now() - begun) / 1_000
    begun = performance.now()
    return passed
  }
}

async function gone(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  if (child.connected) child.disconnect()
  await exit
}
