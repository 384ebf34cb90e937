/** Has something written down, or says to come back: a store that cannot take it now is no fault of who asks (P20). */

import { retry } from '../../schemas/index.js'
import { Refused } from '../../wire/index.js'
import type { Batches, Work } from '../store/batches.js'
import { faultOf } from '../store/store-failed.js'

/** After how long somebody who was sent away should come back, in seconds. */
const comeBackAfter = 5

/** What is said to somebody who should come back. */
export const busy = () => Refused.by('busy', retry({ afterSeconds: comeBackAfter }))

/** Runs `work` in a transaction. Durable when it resolves. @throws Refused `busy` when the store cannot take it now */
export async function record<T>(batches: Batches, work: Work<T>): Promise<T> {
  try {
    return await batches.run(work)
  } catch (error) {
    if (faultOf(error) !== undefined) throw busy()
    throw error
  }
}
