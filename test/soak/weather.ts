/**
 * What a process holds, and how it grows: read from the kernel, and asked of its own threads (inside.ts).
 *
 * What is resident is not all its own: pages of files that are mapped belong to the cache of the system, and are counted apart. Of what
 * is its own, `nativeMiB` is what no heap of JavaScript has: SQLite's pages, the code, what the allocator keeps.
 */

import type { ChildProcess } from 'node:child_process'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Asking, HeldByThread, Holding } from './inside.js'

export interface Weather {
  minutes: number
  residentMiB: number
  /** Of that, its own; and pages of files, and memory that it shares. */
  ownMiB: number
  mappedMiB: number
  openFiles: number
  /** Of all write-ahead logs in the folder. */
  walMiB: number
  databaseMiB: number
}

/** A look at a process and at its folder of databases. */
export function look(pid: number, folder: string, minutes: number): Weather {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const of = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0) / 1024
  const megabytes = (ends: string) => {
    let bytes = 0
    for (const name of readdirSync(folder))
      if (name.endsWith(ends)) bytes += statSync(join(folder, name)).size
    return bytes / 2 ** 20
  }
  return {
    minutes,
    residentMiB: of('VmRSS'),
    ownMiB: of('RssAnon'),
    mappedMiB: of('RssFile') + of('RssShmem'),
    openFiles: readdirSync(`/proc/${pid}/fd`).length,
    walMiB: megabytes('-wal'),
    databaseMiB: megabytes('.sqlite'),
  }
}

/** What all threads hold together, after they collected their garbage if they were to. */
export interface Settled {
  minutes: number
  ownMiB: number
  heapUsedMiB: number
  heapTotalMiB: number
  /** Room for what is new: it grows with how much is asked, up to 32 MiB in the main thread and 8 in the others, and is not given back. */
  youngMiB: number
  externalMiB: number
  nativeMiB: number
}

let lastId = 0
/** How long an answer is waited for, in ms. */
const patience = 30_000

/**
 * Asks a process that was started with inside.js.
 * @returns each thread, and their sums; nothing if it does not answer
 */
export async function lookInside(
  child: ChildProcess,
  minutes: number,
  { gc }: { gc: boolean },
): Promise<{ settled: Settled; threads: HeldByThread[] } | undefined> {
  const id = ++lastId
  const told = await new Promise<Holding | undefined>((resolve) => {
    const done = (holding?: Holding) => {
      clearTimeout(late)
      child.off('message', hear)
      resolve(holding)
    }
    const late = setTimeout(done, patience)
    const hear = (message: unknown) => {
      const holding = message as Partial<Holding>
      if (holding.told === 'holding' && holding.id === id) done(holding as Holding)
    }
    child.on('message', hear)
    child.send({ ask: 'holding', id, gc } satisfies Asking, (error) => error && done())
  })
  if (told === undefined) return undefined
  const own = /^RssAnon:\s+(\d+) kB/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))
  const sum = (key: keyof HeldByThread) => told.threads.reduce((all, one) => all + one[key], 0) / 2 ** 20
  const ownMiB = Number(own?.[1] ?? 0) / 1024
  const [heapUsedMiB, heapTotalMiB, externalMiB] = [sum('heapUsed'), sum('heapTotal'), sum('external')]
  const youngMiB = sum('young')
  const nativeMiB = ownMiB - heapTotalMiB - externalMiB
  return {
    settled: { minutes, ownMiB, heapUsedMiB, heapTotalMiB, youngMiB, externalMiB, nativeMiB },
    threads: told.threads.sort((a, b) => a.thread - b.thread),
  }
}

/** The slope of a straight line through what was seen (least squares), an hour. */
export function perHour<Seen extends { minutes: number }>(
  seen: readonly Seen[],
  of: (one: Seen) => number,
): number {
  const mean = (what: (one: Seen) => number) => seen.reduce((sum, one) => sum + what(one), 0) / seen.length
  const [x, y] = [mean(({ minutes }) => minutes), mean(of)]
  let above = 0
  let below = 0
  for (const one of seen) {
    above += (one.minutes - x) * (of(one) - y)
    below += (one.minutes - x) ** 2
  }
  return below === 0 ? 0 : (above / below) * 60
}
