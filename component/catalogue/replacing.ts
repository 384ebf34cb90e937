/**
 * Gives a whole list to the writer, slice after slice, as fast as it takes them. What holds: two slices are on their way
 * at most, so memory is bounded and whoever else writes waits for no more than those; a list that ends before its end is dropped.
 */

import { fillSlice } from './limits.js'
import type { Published } from './publishing.js'
import type { Answer, Entry, Refusal, ShareName, WatchName } from './values.js'
import type { Writing } from './writing.js'

type Batches = AsyncIterable<readonly Entry[]> | Iterable<readonly Entry[]>
type Told = { answer: Answer<Published>; matched: WatchName[] }

/** See `Catalogue.replaceShare`. @throws what `entries` throws */
export async function replaceBy(
  writing: Writing,
  name: ShareName,
  seq: number,
  entries: Batches,
): Promise<Told | Refusal> {
  const begun = await writing.ask('beginFilling', name, seq)
  if (begun.kind !== 'ok') return begun
  if (!('filling' in begun)) return { answer: begun, matched: [] }
  const { filling } = begun
  let isFinished = false
  let before: Promise<Answer<object>> = Promise.resolve({ kind: 'ok' })
  try {
    for await (const slice of slicesOf(entries)) {
      const now = writing.ask('fill', filling, name.peer, slice)
      now.catch(() => {})
      const answer = await before
      if (answer.kind !== 'ok') return answer
      before = now
    }
    const last = await before
    if (last.kind !== 'ok') return last
    isFinished = true
    return await writing.ask('finishFilling', filling)
  } finally {
    if (!isFinished) await writing.ask('dropFilling', filling).catch(() => {})
  }
}

async function* slicesOf(batches: Batches): AsyncGenerator<readonly Entry[]> {
  let waiting: Entry[] = []
  for await (const batch of batches) {
    for (const entry of batch) {
      waiting.push(entry)
      if (waiting.length < fillSlice) continue
      yield waiting
      waiting = []
    }
  }
  if (waiting.length > 0) yield waiting
}
