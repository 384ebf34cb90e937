/**
 * The rate beside `iperf3`'s one TCP stream on the same path: without loss, and with 0.5 % of the packets lost, by both kinds of
 * congestion control that machines have. Where one stream fills the path already, several sockets cannot do more.
 */
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { promisify } from 'node:util'
import type { Bed } from '../../test/bed/bed.js'
import { cross } from '../../test/bed/crossing.js'
import { Town } from '../../test/bed/people.js'
import { type Figures, medianRow, type Row, ratioByRound } from '../report.js'

const run = promisify(execFile)
const weathers = [
  { lossPercent: 0, congestion: 'cubic' },
  { lossPercent: 0.5, congestion: 'cubic' },
  { lossPercent: 0, congestion: 'bbr' },
  { lossPercent: 0.5, congestion: 'bbr' },
] as const

export async function rates({
  mbit,
  rounds,
  chosen,
  say,
}: {
  mbit: number
  rounds: number
  /** Whether a part was asked for: `rates`, or one of them, such as `rates-cubic-0.5`. */
  chosen: (part: string) => boolean
  say: (line: string) => void
}): Promise<{ rows: Row[]; ratios: Record<string, number> }> {
  const rows: Row[] = []
  const ratios: Record<string, number> = {}
  for (const { lossPercent, congestion } of weathers) {
    if (!chosen('rates') && !chosen(`rates-${congestion}-${lossPercent}`)) continue
    const [ours, theirs]: [Figures[], Figures[]] = [[], []]
    for (let round = 1; round <= rounds; round++) {
      const town = await Town.make({
        A: { router: 'open' },
        B: { router: 'open' },
        congestion,
        weather: { roundTripMs: 50, mbitPerSecond: mbit, lossPercent, seed: round },
      })
      try {
        theirs.push({ mbitPerSecond: await iperf(town.bed) })
        // As many seconds of ours as of theirs, whatever the rate.
        const seconds = 10
        const mebibytes = Math.max(16, Math.round((theirs.at(-1)!.mbitPerSecond! * seconds) / 8.4))
        const { mbitPerSecond } = await cross(town, { mebibytes, patienceMs: 120_000 })
        const sockets = town.people.B.heard('progress').at(-1)?.progress.path?.sockets ?? 1
        ours.push({ mbitPerSecond, sockets })
      } finally {
        await town.close()
      }
      say(
        `round ${round}, ${lossPercent} % lost, ${congestion}: ${JSON.stringify([ours.at(-1), theirs.at(-1)])}`,
      )
    }
    const path = `${mbit} Mbit/s, 50 ms, ${lossPercent} % lost, ${congestion}`
    rows.push(
      medianRow(`jabberfs, ${path}`, ours, 'mbitPerSecond'),
      medianRow(`iperf3, ${path}`, theirs, 'mbitPerSecond'),
    )
    ratios[`iperf3's one stream, ${lossPercent} % lost, ${congestion}`] = ratioByRound(
      ours,
      theirs,
      'mbitPerSecond',
    )
  }
  return { rows, ratios }
}

/** Mbit/s that arrived, from home A to home B, in ten seconds. */
async function iperf(bed: Bed): Promise<number> {
  const server = bed.lans.B.start('iperf3', ['-s', '-1', '--forceflush'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await new Promise((resolve) => server.stdout!.once('data', resolve))
  const [enter, before] = bed.lans.A.entrance
  const { stdout } = await run(enter, [...before, 'iperf3', '-c', bed.lanIp('B'), '-t', '10', '-J'])
  // With `-1` it ends by itself.
  if (server.exitCode === null) await once(server, 'exit')
  return JSON.parse(stdout).end.sum_received.bits_per_second / 1e6
}
