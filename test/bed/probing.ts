/** What a router does, found out with plain sockets from inside and outside. */
import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type Bed, type Home, server } from './bed.js'
import { type Counter, counting } from './counting.js'
import type { Namespace } from './namespace.js'

export interface Seen {
  /** Whether others see another address than the host has. */
  translates: boolean
  /** Whether a port inside is the same port outside for whoever it writes to. */
  onePort: boolean
  /** Whether somebody who was never written to gets in at a port that was seen outside. */
  letsStrangersIn: boolean
}

const program = fileURLToPath(new URL('./probing-program.js', import.meta.url))
const port = 30_001
const told = 30_002

/** Looks at the router of a home. */
export async function probe(bed: Bed, home: Home): Promise<Seen> {
  const outside = startProber(bed.server)
  const inside = startProber(bed.lans[home])
  await outside.ask({ tell: told })
  const one = await inside.ask({ look: { from: port, at: { ip: server.ip, port: told } } })
  const other = await inside.ask({ look: { from: port, at: { ip: server.other, port: told } } })
  await inside.ask({ listen: port })
  const { ip, port: outer } = one.seen!
  // From another port than the one that was written to.
  const turnedAway = counting(bed.routers[home], 'input', `iifname wan tcp dport ${outer}`)
  const over = new AbortController()
  const isIn = await Promise.race([
    outside.ask({ dial: { ip, port: outer } }).then(({ isIn }) => isIn === true),
    isSeen(turnedAway, over.signal).then(() => false),
  ]).finally(() => over.abort())
  for (const { child } of [inside, outside]) child.kill()
  return {
    translates: ip !== bed.lanIp(home),
    onePort: outer === other.seen!.port,
    letsStrangersIn: isIn,
  }
}

/** Whoever comes to the router itself, and to nobody behind it, is let in by nobody: no span of time says so as surely. */
async function isSeen(turnedAway: Counter, over: AbortSignal): Promise<void> {
  while (!over.aborted && turnedAway.syns() === 0) await wait(50)
}

/** What a probing program is told to do. */
export interface Task {
  /** Tells whoever comes to this port where he comes from. */
  tell?: number
  /** Finds out how that port is seen there. */
  look?: { from: number; at: Place }
  /** Takes connections. */
  listen?: number
  /** Tries to connect. */
  dial?: Place
}

export interface Place {
  ip: string
  port: number
}

export interface Found {
  seen?: Place
  isIn?: boolean
}

/** Starts a program that does as it is told, until the namespace ends. */
export function startProber(where: Namespace) {
  const child = where.start(process.execPath, [program], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const ask = async (task: Task): Promise<Found> => {
    child.send(task)
    const late = wait(60_000, undefined, { ref: false }).then(() => {
      throw new Error(`no answer: ${JSON.stringify(task)}`)
    })
    const [found] = await Promise.race([once(child, 'message'), late])
    return found as Found
  }
  return { child, ask }
}
