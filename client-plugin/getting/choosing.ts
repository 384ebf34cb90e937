/**
 * Which source of a content is asked next: who is online and was not asked yet, in the catalogue's order (the most
 * useful first); after all of them, whoever had a queue, the shortest first. Pure.
 */

import type { Source } from '../api.js'

/** What became of a source that was asked: it gave nothing, or it had a queue with this place. */
export type Tried = 'nothing' | { place: number }

export function keyOf({ peer, share, path }: { peer: string; share?: string; path?: string }): string {
  return `${peer}\n${share}\n${path}`
}

/**
 * @param tried by `keyOf`
 * @param liars peers who are not asked at all
 * @param queues whether one that had a queue may be asked again
 */
export function choose(
  sources: readonly Source[],
  tried: ReadonlyMap<string, Tried>,
  liars: readonly string[],
  queues: boolean,
): Source | undefined {
  const there = sources.filter(({ isOnline, peer }) => isOnline && !liars.includes(peer))
  const untried = there.find((source) => !tried.has(keyOf(source)))
  if (untried !== undefined || !queues) return untried
  let best: { source: Source; place: number } | undefined
  for (const source of there) {
    const before = tried.get(keyOf(source))
    if (typeof before !== 'object') continue
    if (best === undefined || before.place < best.place) best = { source, place: before.place }
  }
  return best?.source
}

/**
 * Whom to ask though he is away, so that he is asked as soon as he comes: the most useful of those at whose door nobody stands. Only
 * where all are away: who is there and gave nothing is asked again after a while.
 */
export function chooseAbsent(
  sources: readonly Source[],
  tried: ReadonlyMap<string, Tried>,
  liars: readonly string[],
  isFree: (peer: string) => boolean,
): Source | undefined {
  const asked = sources.filter(({ peer }) => !liars.includes(peer))
  if (asked.some(({ isOnline }) => isOnline)) return undefined
  return asked.find((source) => !tried.has(keyOf(source)) && isFree(source.peer))
}
