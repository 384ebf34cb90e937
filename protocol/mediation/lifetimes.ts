/**
 * How long the component waits and remembers (docs/protocol.md, "Clocks"). In milliseconds.
 * Times that peers name are clamped here, before they set anything.
 */

const minute = 60_000
const day = 24 * 60 * minute

/** The longest and the usual life of a proposal that nobody answers. */
export const longestProposal = 7 * day

/** The shortest life of a proposal, whatever its author says. */
export const shortestProposal = minute

/** A transfer without a new attempt for this long is over. */
export const longestSilence = 30 * day

/** What is remembered of a finished transfer goes after this long. */
export const memory = 30 * day

/** When a proposal ends: what its author asked for (UTC, ms), within our bounds; a week if they said nothing. */
export function proposalEnds(now: number, asked?: number): number {
  if (asked === undefined || Number.isNaN(asked)) return now + longestProposal
  return Math.min(Math.max(asked, now + shortestProposal), now + longestProposal)
}
