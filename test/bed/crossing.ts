/** One file from home A to home B, looked at as its receiver sees it: the path, the first byte, the rate, and a cut in the middle. */
import { setTimeout as wait } from 'node:timers/promises'
import { digestOf, randomFile } from '../scenarios/stage.js'
import type { Home } from './bed.js'
import type { Town } from './people.js'

/**
 * - `silence`: for three seconds no packet passes;
 * - `move`: the home has another address in the WAN from now on, and what was open is cut.
 */
export interface Cut {
  how: 'silence' | 'move'
  home: Home
}

export interface Crossing {
  /** The kind of path that the first link took. */
  used: string
  family: number
  /** Why the cheaper ones did not win. */
  why: readonly string[]
  /** s from the moment at which the offer was there (and accepted at once) to the first bytes, of a file of some bytes. */
  firstByteSeconds: number
  /** Mbit/s of the file's bytes, from there to the cut, or to the end. */
  mbitPerSecond: number
  /** s from the cut to the next proven bytes. */
  goesOnSeconds?: number
  /** The kind of path after the cut. */
  usedAfter?: string
}

/** So few that they come in one segment. */
const fewBytes = 1_000
const silenceMs = 3_000
/** What was on its way when the network was cut is there after this long, and no more. */
const settleMs = 400

/** @throws Error when it does not end, or not well, in `patienceMs` */
export async function cross(
  town: Town,
  { mebibytes, cut, patienceMs = 150_000 }: { mebibytes: number; cut?: Cut; patienceMs?: number },
): Promise<Crossing> {
  const impatience = new AbortController()
  const tooLong = wait(patienceMs, undefined, { signal: impatience.signal }).then(() => {
    throw new Error(`no end after ${patienceMs / 1000} s: ${standing(town)}`)
  })
  tooLong.catch(() => {})
  try {
    return await Promise.race([crossing(town, mebibytes, cut), tooLong])
  } finally {
    impatience.abort()
  }
}

async function crossing(town: Town, mebibytes: number, cut?: Cut): Promise<Crossing> {
  const { B } = town.people
  const few = await begin(town, fewBytes)
  const { path: taken } = few.first
  const firstByteSeconds = few.seconds
  await few.end()
  const bytes = mebibytes * 2 ** 20
  const { first, end } = await begin(town, bytes)
  const began = performance.now()
  const until = cut === undefined ? 1 : 0.4
  const far = (await B.hear('progress', ({ progress }) => progress.bytes >= bytes * until)).progress
  const result: Crossing = {
    used: String(taken?.kind),
    family: taken?.family ?? 0,
    why: taken?.why ?? [],
    firstByteSeconds,
    mbitPerSecond: ((far.bytes - first.bytes) * 8) / 1000 / (performance.now() - began),
  }
  const ended = end()
  // Whoever fails first says why.
  ended.catch(() => {})
  if (cut === undefined) {
    await ended
    return result
  }
  const after = await cutAndWait(town, cut, ended)
  await ended
  // Where this process was not given its turns in time, all of it was there before anything was cut.
  return after === undefined ? crossing(town, mebibytes, cut) : Object.assign(result, after)
}

/** A file is offered, accepted at once, and its first bytes are there. */
async function begin({ dir, people: { A, B } }: Town, bytes: number) {
  const { path, digest } = randomFile(dir, `file-${Date.now()}.bin`, bytes)
  A.forget()
  B.forget()
  const { key } = await A.order('send', { peer: B.jid, path })
  await B.hear('offer')
  const accepted = performance.now()
  const first = (await B.hear('progress', ({ progress }) => progress.bytes > 0)).progress
  return {
    first,
    seconds: (performance.now() - accepted) / 1000,
    async end() {
      const ended = await B.finished((await B.hear('transfer')).key)
      if (ended.path === undefined || digestOf(ended.path) !== digest)
        throw new Error(`it ended as ${JSON.stringify(ended)}`)
      await A.finished(key)
    },
  }
}

/** @returns undefined where all of the file was there before it could go on */
async function cutAndWait(
  { bed, people: { B } }: Town,
  { how, home }: Cut,
  ended: Promise<void>,
): Promise<Pick<Crossing, 'goesOnSeconds' | 'usedAfter'> | undefined> {
  const at = performance.now()
  if (how === 'move') bed.move(home)
  else bed.silence(home)
  await wait(settleMs)
  const before = B.heard('progress').at(-1)!.progress.bytes
  if (how === 'silence') {
    await wait(silenceMs - settleMs)
    bed.speak(home)
  }
  const more = B.hear('progress', ({ progress }) => progress.bytes > before)
  const heard = await Promise.race([more, ended.then(() => undefined)])
  if (heard === undefined) return undefined
  const { progress } = heard
  return { goesOnSeconds: (performance.now() - at) / 1000, usedAfter: String(progress.path?.kind) }
}

/** What both last said, for whoever reads an error. */
function standing(town: Town): string {
  return (['A', 'B'] as const)
    .map((home) => {
      const { people } = town
      const states = people[home]
        .heard('state')
        .map(({ state, code }) => (code ? `${state} (${code})` : state))
      const troubles = people[home].heard('trouble').map(({ code, message }) => `${code}: ${message}`)
      return `${home}: ${[...states, ...troubles].join(', ')}`
    })
    .join('; ')
}
