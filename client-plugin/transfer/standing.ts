/**
 * Whether a transfer that only waits still stands at the component: its store may have been lost, or be an older one that
 * was restored. Then no word will ever come, and the side that does not open attempts has to ask.
 */

import type { TransferRecord } from '../journal/record.js'
import type { Outcome } from '../mediator/outcome.js'
import { type Ended, endAsReported } from './words.js'

const dayMs = 24 * 3_600_000
/** The component keeps no proposal for longer, ms. */
const longestProposalMs = 7 * dayMs

/** Whether a proposal that is recorded, and that nobody has answered, cannot be answered any more. */
export function isOutOfDate({ phase, saying, created, expires }: TransferRecord, now: number): boolean {
  const waits = phase === 'proposed' || phase === 'countered'
  const asked = expires === undefined ? Number.POSITIVE_INFINITY : Date.parse(expires)
  // A day more is for clocks that differ.
  const end = Math.min(asked, created + longestProposalMs) + dayMs
  return waits && saying === undefined && now > end
}

/** What to make of the component's answer about a running transfer of the sending side. */
export type Standing =
  | 'stands'
  /** The receiving side has the whole file: the component says so, or it said so itself on the link. */
  | 'complete'
  | 'expired'
  /** The component knows nothing of it. */
  | 'forgotten'
  /** The component knows an older state, from which it cannot go on. */
  | 'rolled-back'
  | Ended

export function standingOf(outcome: Outcome, record: TransferRecord): Standing {
  const isServed = record.served === true
  if (outcome.is === 'unknown') {
    if (isServed) return 'complete'
    return outcome.expired ? 'expired' : 'forgotten'
  }
  if (outcome.is !== 'elsewhere') return 'stands'
  if (outcome.phase === 'complete') return 'complete'
  if (outcome.phase === 'proposed' || outcome.phase === 'countered') {
    return isServed ? 'complete' : 'rolled-back'
  }
  return endAsReported(outcome.phase) ?? 'stands'
}
