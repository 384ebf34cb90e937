/**
 * How long a page takes from question to answer through Prosody as it is shipped, when nobody else asks: results of a search, the
 * pages behind the first, and a folder. A page of ours is at most 7,500 bytes; larger ones would wait 40 ms in Prosody.
 */

import { setTimeout as delay } from 'node:timers/promises'
import type { FileTransfer, Page } from '../../client-plugin/index.js'
import { type Figures, quantile } from '../report.js'

/** Pages of each kind. */
const pages = 60
/** Of each kind beforehand: a component that has run for a minute has its code compiled. */
const warmUp = 80
/** Between two questions, ms: asked faster, Prosody would make the asker wait for its 10 kB/s. */
const restMs = 60

/** Milliseconds for a page of each kind. */
export async function pageFigures(
  { catalogue }: FileTransfer,
  peer: string,
  share: string,
): Promise<Figures> {
  const kinds: Record<string, () => Promise<Page<unknown>>> = {
    firstPage: () => catalogue.search({ words: 'song 1*' }),
    nextPage: behind((after) => catalogue.search({ words: 'song 2*' }, after)),
    folderPage: behind((after) => catalogue.browse(peer, share, '', { ...after, deep: true })),
  }
  const figures: Figures = {}
  for (const [kind, ask] of Object.entries(kinds)) {
    const took: number[] = []
    let rows = 0
    for (let n = 0; n < warmUp; n++) {
      await ask()
      await delay(restMs)
    }
    for (let n = 0; n < pages; n++) {
      const begun = performance.now()
      const { items } = await ask()
      took.push(performance.now() - begun)
      rows += items.length
      await delay(restMs)
    }
    figures[`${kind}Rows`] = rows / pages
    figures[`${kind}MedianMs`] = quantile(took, 0.5)
    figures[`${kind}P99Ms`] = quantile(took, 0.99)
  }
  return figures
}

/** Each page behind the one before, and from the beginning again after the last. */
function behind<T>(ask: (wish: { after?: string }) => Promise<Page<T>>): () => Promise<Page<T>> {
  let next: string | undefined
  return async () => {
    const page = await ask(next === undefined ? {} : { after: next })
    next = page.next
    return page
  }
}
