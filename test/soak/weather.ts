/** What a process holds, read from the kernel, and how it grows. */

import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

export interface Weather {
  minutes: number
  residentMiB: number
  openFiles: number
  /** Of all write-ahead logs in the folder. */
  walMiB: number
  databaseMiB: number
}

/** A look at a process and at its folder of databases. */
export function look(pid: number, folder: string, minutes: number): Weather {
  const resident = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  const megabytes = (ends: string) => {
    let bytes = 0
    for (const name of readdirSync(folder))
      if (name.endsWith(ends)) bytes += statSync(join(folder, name)).size
    return bytes / 2 ** 20
  }
  return {
    minutes,
    residentMiB: Number(resident?.[1] ?? 0) / 1024,
    openFiles: readdirSync(`/proc/${pid}/fd`).length,
    walMiB: megabytes('-wal'),
    databaseMiB: megabytes('.sqlite'),
  }
}

/** The slope of a straight line through what was seen (least squares), an hour. */
export function perHour(seen: readonly Weather[], of: keyof Weather): number {
  const mean = (key: keyof Weather) => seen.reduce((sum, one) => sum + one[key], 0) / seen.length
  const [x, y] = [mean('minutes'), mean(of)]
  let above = 0
  let below = 0
  for (const one of seen) {
    above += (one.minutes - x) * (one[of] - y)
    below += (one.minutes - x) ** 2
  }
  return below === 0 ? 0 : (above / below) * 60
}
