/**
 * What it costs when a peer with ten thousand files goes offline or comes back, and when others see it.
 *
 * The main thread's part is the time its loop was busy (eventLoopUtilization) from the word to the answer, with nothing else going
 * on; when others see it is measured while publishing goes on: how long until a search of somebody else, asked again and again, shows it.
 */

import { performance } from 'node:perf_hooks'
import type { Catalogue } from '../../component/catalogue/catalogue.js'
import { median } from '../report.js'
import type { Names } from './names.js'
import { say } from './plan.js'

const files = 10_000
const mover = { peer: 'mover@bench.example', device: 'd', share: 'share' }

/** A peer with ten thousand files. */
export async function moveIn(catalogue: Catalogue, names: Names): Promise<void> {
  await catalogue.register(mover)
  await catalogue.openShare(mover, { name: 'share', visibleTo: { kind: 'everybody' }, tags: [] })
  for (let seq = 0; seq < files / 100; seq++) {
    const adds = Array.from({ length: 100 }, (_, at) => {
      const entry = names.next(0)
      // Names of its own: none replaces another.
      return { ...entry, path: `${seq}/${at} ${entry.path.split('/').at(-1)}` }
    })
    await catalogue.publish(mover, { base: seq, seq: seq + 1, adds, removes: [] })
  }
}

/** @returns milliseconds from the word to where a search of another shows it */
export async function timesSeen(catalogue: Catalogue, asker: string, times: number): Promise<number[]> {
  const seen: number[] = []
  for (let turn = 0; turn < times; turn++) {
    const isOnline = turn % 2 === 0
    const began = performance.now()
    const written = catalogue.attend(mover, isOnline)
    for (;;) {
      const answer = await catalogue.search(asker, { peer: mover.peer, words: '0', online: true }, 1)
      if (answer.kind === 'ok' && answer.total > 0 === isOnline) break
    }
    seen.push(performance.now() - began)
    await written
  }
  return seen
}

/** @returns milliseconds for which the main thread was busy with each coming and going */
export async function timesBusy(catalogue: Catalogue, times: number): Promise<number[]> {
  const busy: number[] = []
  for (let turn = 0; turn < times; turn++) {
    const before = performance.eventLoopUtilization()
    await catalogue.attend(mover, turn % 2 === 0)
    busy.push(performance.eventLoopUtilization(before).active)
  }
  return busy
}

/** As a line, and as figures. */
export function presenceFigures(seen: readonly number[], busy: readonly number[]): Record<string, number> {
  const figures = {
    comingAndGoingFiles: files,
    mainThreadMedianMs: median([...busy]),
    mainThreadWorstMs: Math.max(...busy),
    seenByOthersMedianMs: median([...seen]),
    seenByOthersWorstMs: Math.max(...seen),
  }
  const { mainThreadMedianMs, mainThreadWorstMs, seenByOthersMedianMs, seenByOthersWorstMs } = figures
  say(
    `a peer with ${files} files comes or goes: ${mainThreadMedianMs.toFixed(2)} ms of the main thread, worst ${mainThreadWorstMs.toFixed(2)}; ` +
      `others see it after ${seenByOthersMedianMs.toFixed(1)} ms, worst ${seenByOthersWorstMs.toFixed(1)}`,
  )
  return figures
}
