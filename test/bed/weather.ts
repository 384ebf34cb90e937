/** The weather of the WAN (weather.c): delay, loss and a rate for all that crosses it; built by the C compiler once per process. */
import { type ChildProcess, execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Namespace } from './namespace.js'

export interface Weather {
  /** ms for a way and back between any two of: a home, the other home, the server. */
  roundTripMs?: number
  /** Mbit/s towards each of them. Default: as much as there is. */
  mbitPerSecond?: number
  /** Of a hundred packets, in each direction. */
  lossPercent?: number
  /** Which packets are lost. */
  seed?: number
}

/** Lets the packets that come in at these interfaces go through the weather. */
export async function startWeather(
  wan: Namespace,
  from: readonly string[],
  weather: Weather,
): Promise<ChildProcess> {
  const { roundTripMs = 0, mbitPerSecond = 0, lossPercent = 0, seed = 1 } = weather
  const numbers = [roundTripMs * 500, mbitPerSecond, lossPercent * 10_000, seed]
  const words = numbers.map((number) => String(Math.round(number)))
  const child = wan.start(built(), ['weather', ...words], { stdio: ['pipe', 'pipe', 'inherit'] })
  const [word] = await Promise.race([once(child.stdout!, 'data'), once(child, 'exit')])
  if (String(word).trim() !== 'up') throw new Error('the weather did not start')
  wan.ip(['link set weather txqueuelen 10000 mtu 1500 up'])
  for (const family of [undefined, 6] as const) {
    const rules = from.map((name) => `rule add iif ${name} lookup 7`)
    wan.ip(['route add default dev weather table 7', ...rules], family)
  }
  return child
}

let program: string | undefined

function built(): string {
  if (program !== undefined) return program
  const dir = mkdtempSync(join(tmpdir(), 'jabberfs-weather-'))
  process.on('exit', () => rmSync(dir, { recursive: true, force: true }))
  const target = join(dir, 'weather')
  execFileSync('cc', ['-O2', '-o', target, source()])
  program = target
  return program
}

/** The compiled scripts lie in dist/, C does not. */
function source(): string {
  const here = dirname(fileURLToPath(import.meta.url))
  const places = [join(here, 'weather.c'), join(here, '../../../test/bed/weather.c')]
  return places.find((place) => existsSync(place)) ?? places[0]!
}
