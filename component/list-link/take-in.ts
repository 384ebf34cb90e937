/** What becomes of a list that was received: the catalogue takes it whole, or the device is told why not. */

import { BadList } from '../../protocol/catalogue-list/index.js'
import type { Reason } from '../../schemas/index.js'
import type { Answer, DeviceName, Entry, Refusal, ShareName } from '../catalogue/values.js'
import { readList } from './read-list.js'

/** What of the catalogue a list needs. */
export interface ListStore {
  /** Replaces all that is held of a share by these entries, durably and at once for those who read. */
  replaceShare(
    name: ShareName,
    seq: number,
    batches: AsyncIterable<readonly Entry[]>,
  ): Promise<Answer<{ held: number }>>
}

/**
 * Has the catalogue take a list. A list that is held already is taken without a further word: so it can be said again.
 * @returns undefined when it is in the catalogue and durable, else why not
 */
export async function takeIn(
  path: string,
  store: ListStore,
  owner: DeviceName,
  signal: AbortSignal,
): Promise<Reason | undefined> {
  try {
    const { head, batches } = await readList(path)
    const name = { ...owner, share: head.share }
    try {
      const taken = await store.replaceShare(name, head.seq, until(signal, batches))
      if (taken.kind !== 'ok') return reasonOf(taken)
      // A greater one is held: it is an old list.
      return taken.held === head.seq ? undefined : 'policy'
    } finally {
      await batches.return()
    }
  } catch (error) {
    if (error instanceof BadList) return error.isTooMuch ? 'policy' : 'bad-data'
    throw error
  }
}

/** Gives batches until the signal says stop, which throws its reason. */
async function* until(signal: AbortSignal, batches: AsyncIterable<Entry[]>): AsyncGenerator<Entry[], void> {
  for await (const batch of batches) {
    signal.throwIfAborted()
    yield batch
  }
}

function reasonOf({ kind }: Refusal): Reason {
  switch (kind) {
    case 'not-found':
    case 'unregistered':
      return 'not-found'
    case 'quota':
      return 'policy'
    case 'bad-entry':
    case 'bad-value':
      return 'bad-data'
    default:
      return 'failed'
  }
}
