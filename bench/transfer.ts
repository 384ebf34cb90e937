/**
 * `npm run bench:transfer`: one file of random data, disk to disk over loopback, by jabberFS and by the peers,
 * interleaved: each round runs everybody once, so that a slow minute of the machine hits all alike.
 *
 * The rule of timing. Peers: from the start of the command that a person waits for to its exit (none of them
 * calls fsync). Ours: from `accept` to the file's final name after the last fsync. The source is in the page
 * cache for everybody; before each clock starts what was written before is flushed, so nobody pays for another,
 * and the memory that the file will need is touched once.
 */

import { execFile } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { createReadStream, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, open, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { promisify } from 'node:util'
import { fileSystemOf, machine } from './file-system.js'
import { idleNodePeakMemoryMiB } from './measured-process.js'
import { readOptions } from './options.js'
import { plugin } from './ours/plugin.js'
import { rooms } from './ours/rooms.js'
import { curl } from './peers/curl.js'
import { findPeers } from './peers/install.js'
import type { Peer, PreparedPeer, Round } from './peers/peer.js'
import { rsync } from './peers/rsync.js'
import { scp } from './peers/scp.js'
import { socat } from './peers/socat.js'
import { wormhole } from './peers/wormhole.js'
import { type Figures, median, medianRow, printReport, ratioByRound } from './report.js'
import { warmMemory } from './warm-memory.js'

const usage = 'usage: bench:transfer [--mebibytes 1024] [--rounds 5] [--only NAME,NAME] [--json]'
const mebibyte = 2 ** 20
/** So long after something was freed Linux gives what is free back to the host, in one go, ms. */
const givenBackMs = 2_200
const allPeers: Peer[] = [plugin, rooms, scp, rsync, socat, curl, wormhole]

const options = readOptions(usage, { mebibytes: 1024, rounds: 5 })
const { mebibytes, rounds } = options.numbers as { mebibytes: number; rounds: number }
const say = (line: string) => process.stderr.write(`${line}\n`)
const chosen = (name: string) => options.only.length === 0 || options.only.includes(name)

const dir = await mkdtemp(join(process.env.JABBERFS_BENCH_DIR ?? tmpdir(), 'jabberfs-bench-'))
try {
  await bench()
} finally {
  await rm(dir, { recursive: true, force: true })
}

async function bench(): Promise<void> {
  const { present, absent } = await findPeers(
    allPeers.filter(({ name }) => chosen(name)),
    say,
  )
  const source = join(dir, 'source.bin')
  await writeRandomFile(source, mebibytes)
  const wanted = await digestOf(source)
  const idleNodeMiB = await idleNodePeakMemoryMiB()

  const prepared: { peer: Peer; mover: PreparedPeer }[] = []
  for (const peer of present) {
    const own = join(dir, peer.name)
    await mkdir(own)
    prepared.push({ peer, mover: await peer.prepare(own, source) })
  }

  const figures = new Map<string, Figures[]>()
  try {
    for (let round = 1; round <= rounds; round++)
      for (const { peer, mover } of prepared) {
        for (const [name, result] of Object.entries(await moveOnce(peer, mover, wanted))) {
          const row = asFigures(result, idleNodeMiB)
          figures.set(name, [...(figures.get(name) ?? []), row])
          say(`round ${round}: ${name} ${Math.round(row.mbPerSecond!)} MB/s`)
        }
      }
  } finally {
    for (const { mover } of prepared) await mover.close?.()
  }

  const ours = figures.get('jabberfs') ?? figures.get('jabberfs-rooms') ?? []
  const ratios: Record<string, number> = {}
  for (const [name, rows] of figures)
    if (!name.startsWith('jabberfs')) ratios[name] = ratioByRound(ours, rows, 'mbPerSecond')
  const resumed = figures.get('jabberfs resume') ?? []
  if (resumed.length > 0)
    ratios['hashing once and the rest'] = median(
      resumed.map(({ hashOnceAndRestSeconds, resumeSeconds }) => hashOnceAndRestSeconds! / resumeSeconds!),
    )
  printReport(
    {
      notes: [
        `${mebibytes} MiB of random data, disk to disk (${await fileSystemOf(dir)}) over loopback (${congestionControl()}), ${rounds} rounds, medians; ${machine()}`,
        `an idle Node process: ${Math.round(idleNodeMiB)} MiB`,
        ...present.map(({ name, how }) => `${name}: ${how}`),
      ],
      rows: [...figures].map(([name, rows]) => medianRow(name, rows, 'mbPerSecond')),
      ratios,
      absent,
    },
    options.json,
  )
}

async function moveOnce(peer: Peer, mover: PreparedPeer, wanted: string): Promise<Record<string, Round>> {
  const into = join(dir, 'into')
  await mkdir(into)
  const moved = await mover.move(join(into, 'target.bin'), rest)
  const arrived = (await readdir(into)).map((name) => join(into, name))
  if (arrived.length !== 1 || (await digestOf(arrived[0]!)) !== wanted)
    throw new Error(`${peer.name} did not deliver the file`)
  await rm(into, { recursive: true })
  return moved
}

/**
 * What comes right before a clock starts: all that was written is flushed, and there is warm memory for the file. What the one before
 * has freed is given back first, or it would happen while the clock runs, and take the warm memory along.
 */
async function rest(): Promise<void> {
  await promisify(execFile)('sync')
  await setTimeout(givenBackMs)
  warmMemory(dir, Math.ceil(mebibytes * 1.25))
}

function asFigures(round: Round, idleNodeMiB: number): Figures {
  const { seconds, cpuSeconds, peakMemoryMiB } = round
  const figures: Figures = {
    mbPerSecond: (mebibytes * mebibyte) / 1e6 / seconds,
    cpuSecondsPerGiB: (cpuSeconds * 1024) / mebibytes,
    peakMemoryMiB,
  }
  if (round.runsOnNode) figures.aboveIdleNodeMiB = peakMemoryMiB - idleNodeMiB
  return { ...figures, ...round.more }
}

async function writeRandomFile(path: string, size: number): Promise<void> {
  const file = await open(path, 'wx')
  for (let written = 0; written < size; written++) await file.write(randomBytes(mebibyte))
  await file.close()
}

/** Also brings the file into the page cache. */
async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path, { highWaterMark: mebibyte })) hash.update(chunk)
  return hash.digest('hex')
}

/** What TCP takes for a sign of a full path: on loopback too it decides how much is sent at once. */
function congestionControl(): string {
  try {
    return `TCP with ${readFileSync('/proc/sys/net/ipv4/tcp_congestion_control', 'utf8').trim()}`
  } catch {
    return 'TCP'
  }
}
