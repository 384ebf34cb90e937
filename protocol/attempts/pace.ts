/**
 * How long to wait between attempts (docs/protocol.md, "Attempts"): 1 to 60 seconds, longer the more attempts in a row
 * brought nothing. An attempt that proved bytes begins the count anew, so that a link which breaks often, but
 * moves, is taken up again at once. No number of a peer comes in here.
 */

/** The shortest wait before an attempt, ms. */
export const shortestWait = 1_000

/** The longest wait before an attempt, ms. */
export const longestWait = 60_000

/**
 * The wait before the next attempt, ms.
 * @param failures attempts in a row without one proven byte, this one included; at least 1
 * @param chance a random number in [0, 1): two devices that failed together should not come back together
 */
export function waitAfter(failures: number, chance: number): number {
  const doublings = Math.min(Math.max(failures, 1) - 1, 6)
  const wait = shortestWait * 2 ** doublings
  return Math.min(longestWait, Math.round(wait * (1 + chance / 4)))
}
