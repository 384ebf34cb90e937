/**
 * The sending side's rule for attempts: it never retries, it answers. A later attempt fences an earlier one, so that there
 * is never more than one that serves (case 80); an earlier one is nothing any more (case 15).
 */

/** An accept or append of the receiving side, as it came in. */
export interface Opening {
  attempt: number
  /** False when addresses and token were lost on the way, as after a restart of the component. */
  isWhole: boolean
  /** Tells a repeat from a renewal of the same attempt: the token in hex. */
  token: string | undefined
}

/** What is being served now. */
export interface Serving {
  attempt: number
  token: string | undefined
}

/**
 * - `serve`: drop what is served, and answer this
 * - `again`: it is served already: answer once more, the answer may have been lost
 * - `void`: say `timeout`, so that the receiving side goes on to its next attempt at once
 * - `stale`: nothing
 */
export type OpeningVerdict = 'serve' | 'again' | 'void' | 'stale'

/** What to do with an opening. `latest` is the highest attempt seen so far. */
export function judgeOpening(opening: Opening, latest: number, serving: Serving | undefined): OpeningVerdict {
  // A word of the past has no addresses. One that has, while nothing is served, is news: the component was set back.
  if (opening.attempt < latest) return opening.isWhole && serving === undefined ? 'serve' : 'stale'
  const isServed = serving?.attempt === opening.attempt
  if (!opening.isWhole) return isServed ? 'again' : 'void'
  return isServed && serving.token === opening.token ? 'again' : 'serve'
}
