/**
 * `npm run bench:mediator`: whole sessions (offer, accept, complete, each recorded durably, answered and delivered to
 * the other device) through a component on a private Prosody, at several breadths, interleaved with a component that
 * only echoes: the same number of stanzas with the same payloads, so the ratio says what mediating costs beyond the
 * server's own work. And, at rest, how long one offer takes to the other device.
 */

import { type ChildProcess, fork } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startProsody } from '../scripts/private-prosody.js'
import { cpuSecondsOf } from './cpu-clock.js'
import { fileSystemOf, machine } from './file-system.js'
import type { Order } from './mediator/load-process.js'
import { readOptions } from './options.js'
import { type Figures, medianRow, printReport, ratioByRound } from './report.js'

const usage = 'usage: bench:mediator [--seconds 4] [--rounds 3] [--offers 500] [--only 1,16,64,256] [--json]'
const options = readOptions(usage, { seconds: 4, rounds: 3, offers: 500 })
const { seconds, rounds, offers } = options.numbers as { seconds: number; rounds: number; offers: number }
const breadths = [1, 16, 64, 256].filter(
  (breadth) => options.only.length === 0 || options.only.includes(String(breadth)),
)
const pairs = 32
const echoDomain = 'echo.localhost'

const dir = await mkdtemp(join(process.env.JABBERFS_BENCH_DIR ?? tmpdir(), 'jabberfs-bench-'))
const prosody = await startProsody({ components: [echoDomain] })
const processes: ChildProcess[] = []
try {
  await bench()
} finally {
  for (const child of processes) if (child.connected) child.disconnect()
  await Promise.all(processes.map(gone))
  await prosody.stop()
  await rm(dir, { recursive: true, force: true })
}

async function bench(): Promise<void> {
  const common = { PORT: String(prosody.componentPort), SECRET: prosody.secret }
  const component = await startChild('component-process', {
    ...common,
    DOMAIN: prosody.componentDomain,
    STATE: dir,
  })
  const echo = await startChild('echo-process', { ...common, DOMAIN: echoDomain })
  const load = await startChild('load-process')
  const account = (name: string) => {
    prosody.addUser(name, 'bench')
    return { name, password: 'bench' }
  }
  await order(load, {
    do: 'logIn',
    port: prosody.c2sPort,
    component: prosody.componentDomain,
    accounts: Array.from({ length: pairs }, (_, pair) => [
      account(`faust${pair}`),
      account(`mephisto${pair}`),
    ]),
  })

  const figures = new Map<string, Figures[]>()
  const note = (name: string, row: Figures) => {
    figures.set(name, [...(figures.get(name) ?? []), row])
    const rate = row.sessionsPerSecond
    process.stderr.write(
      `${name}: ${rate === undefined ? `p99 ${row.p99Ms?.toFixed(1)} ms` : `${rate.toFixed(0)}/s`}\n`,
    )
  }
  const who = { prosody: prosody.pid!, load: load.pid! }
  for (let round = 1; round <= rounds; round++) {
    note('offer at rest', await order(load, { do: 'offers', count: offers }))
    for (const atOnce of breadths) {
      for (const kind of ['echo', 'sessions'] as const) {
        const mediating = kind === 'echo' ? echo.pid! : component.pid!
        const row = await underLoad(load, { do: kind, echo: echoDomain, atOnce, seconds }, who, mediating)
        note(`${kind === 'echo' ? 'echo' : 'jabberfs'} ${atOnce} at once`, row)
      }
    }
  }

  const ratios: Record<string, number> = {}
  for (const atOnce of breadths)
    ratios[`echo ${atOnce} at once`] = ratioByRound(
      figures.get(`jabberfs ${atOnce} at once`)!,
      figures.get(`echo ${atOnce} at once`)!,
      'sessionsPerSecond',
    )
  printReport(
    {
      notes: [
        `whole sessions over a private Prosody, ${rounds} rounds of ${seconds} s each, medians; state on ${await fileSystemOf(dir)}; ${machine()}`,
        'a session: offer, accept, complete, each recorded, answered, delivered and acknowledged (twelve stanzas through the server)',
        'the echo: six round trips a session with the same payloads, nothing recorded, nothing delivered',
        'cores: CPU seconds a second; at rest: one offer at a time, to the other device (p50, p99) and to its result (recorded)',
      ],
      rows: [...figures].map(([name, rows]) => medianRow(name, rows, 'sessionsPerSecond')),
      ratios,
      absent: {},
    },
    options.json,
  )
}

/** CPU is read from start to end of the order, and so divided by that time, the warming up included. */
async function underLoad(
  load: ChildProcess,
  what: Order,
  who: { prosody: number; load: number },
  mediating: number,
): Promise<Figures> {
  const read = () => Promise.all([who.prosody, mediating, who.load].map(cpuSecondsOf))
  const [before, begun] = [await read(), performance.now()]
  const { perSecond, sessions, p50Ms, p99Ms } = await order(load, what)
  const [after, took] = [await read(), (performance.now() - begun) / 1000]
  const cores = (at: number) => (after[at]! - before[at]!) / took
  const milliseconds = (at: number) => (1000 * (after[at]! - before[at]!)) / sessions!
  return {
    sessionsPerSecond: perSecond!,
    p50Ms: p50Ms!,
    p99Ms: p99Ms!,
    prosodyCores: cores(0),
    componentCores: cores(1),
    loadCores: cores(2),
    prosodyCpuMsPerSession: milliseconds(0),
    componentCpuMsPerSession: milliseconds(1),
  }
}

function startChild(script: string, env: Record<string, string> = {}): Promise<ChildProcess> {
  const path = fileURLToPath(new URL(`./mediator/${script}.js`, import.meta.url))
  // What is wanted of Node's own options in a child (a profile of the component) comes by the environment.
  const execArgv = (process.env[`BENCH_NODE_OPTIONS_${script.split('-')[0]!.toUpperCase()}`] ?? '')
    .split(' ')
    .filter(Boolean)
  const child = fork(path, [], { env: { ...process.env, ...env }, execArgv, stdio: ['ignore', 2, 2, 'ipc'] })
  processes.push(child)
  if (script === 'load-process') return Promise.resolve(child)
  return new Promise((resolve, reject) => {
    child.once('message', () => resolve(child))
    child.once('exit', (code) => reject(new Error(`${script} ended with ${code}`)))
  })
}

function order(load: ChildProcess, what: Order): Promise<Figures> {
  return new Promise((resolve, reject) => {
    load.once('message', (said: { result?: Figures; error?: string }) => {
      if (said.result) resolve(said.result)
      else reject(new Error(said.error))
    })
    load.send(what)
  })
}

function gone(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve()
    else child.once('exit', () => resolve())
  })
}
