/**
 * Whether a device that a person shows may be spoken to (docs/protocol.md, "Trust on first use"): a table of few rows, in
 * order. What is not known is asked about before a byte or an address goes to it.
 */

/** How a remembered device came to be known. What was `revoked` is remembered too: so it is nobody's first. */
export type Standing = 'first-use' | 'person' | 'verified' | 'revoked'

/** `first-use`: a person's first device is taken as it comes. `every`: each is, as long as none was verified. */
export type TrustPolicy = 'first-use' | 'every'

export interface Remembered {
  device: string
  standing: Standing
}

/** `known`: go on. `first`: remember it, and go on. `ask`: stop, and ask. */
export type TrustVerdict = 'known' | 'first' | 'ask'

/**
 * @param known what is remembered of this person
 * @param isOwn whether the person is ourselves: then this very device is the first
 */
export function judgeDevice(
  device: string,
  known: readonly Remembered[],
  { policy, isOwn }: { policy: TrustPolicy; isOwn: boolean },
): TrustVerdict {
  const found = known.find((each) => each.device === device)
  if (found !== undefined) return found.standing === 'revoked' ? 'ask' : 'known'
  // Who compared digits once wants to know (blind trust before verification).
  if (known.some(({ standing }) => standing === 'verified')) return 'ask'
  if (policy === 'every') return 'first'
  return isOwn || known.length > 0 ? 'ask' : 'first'
}
