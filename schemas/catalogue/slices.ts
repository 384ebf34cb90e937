/**
 * A change of any length as publications that fit into their stanzas (docs/catalogue.md, "Changes"). What is removed
 * goes first and the order is kept, so that a break in between leaves a state that was on the way.
 */

import type { Entry } from './entry.js'
import { add } from './entry.js'
import { bytesWithin } from './page.js'
import { maxAdds, maxPublishBytes, maxRemoves, type Publish } from './publish.js'
import { leaf, pathValue } from './words.js'

/** What the publication's own element and the IQ around it may take of the stanza. */
const frameBytes = 700

const rm = leaf('rm', pathValue)

/**
 * Cuts a change into publications, each one number after the one before. An entry alone always fits. The entries'
 * paths are distinct.
 */
export function* slices(
  share: string,
  base: number,
  change: { removes: readonly string[]; adds: Iterable<Entry> },
  budget: number = maxPublishBytes,
): Generator<Publish, void> {
  let seq = base
  let removes: string[] = []
  let adds: Entry[] = []
  let left = budget - frameBytes
  const cut = (): Publish => {
    const slice = { share, base: seq, seq: seq + 1, removes, adds }
    seq++
    removes = []
    adds = []
    left = budget - frameBytes
    return slice
  }
  for (const path of change.removes) {
    const bytes = bytesWithin(rm, path)
    if (removes.length > 0 && (bytes > left || removes.length >= maxRemoves)) yield cut()
    removes.push(path)
    left -= bytes
  }
  for (const entry of change.adds) {
    const bytes = bytesWithin(add, entry)
    if (adds.length + removes.length > 0 && (bytes > left || adds.length >= maxAdds)) yield cut()
    adds.push(entry)
    left -= bytes
  }
  if (adds.length + removes.length > 0) yield cut()
}
