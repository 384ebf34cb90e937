/** Hashing while the other side does the same with what it holds, so that both are done when the link is there. */

import { hashBeginning, type Source } from '../../bytes/index.js'
import type { Attempt } from './attempt.js'

/**
 * The receiving side hashes again what it holds, and will want our word on each block of it: so we hash meanwhile, until
 * it asks, or the attempt ends. What is remembered from before is not hashed again, nor what is still to be sent: that is
 * hashed when it is.
 * @param heldBytes how much the other side says it holds, from the beginning on
 * @returns what stops it
 */
export function hashAhead(source: Source, heldBytes: number, attempt: Attempt): AbortController {
  const ahead = new AbortController()
  attempt.whenEnded(() => ahead.abort())
  // Whatever is wrong with the source, serving it finds out, and says so.
  hashBeginning(source, heldBytes, ahead.signal).catch(() => undefined)
  return ahead
}
