/**
 * How one side can be reached in an attempt (docs/protocol.md, "Candidates"): it opened a port (`listening`), or the
 * other must (`connecting`). Words of 2002; an address is an IP literal and is never dialled before an accept.
 */

import { type Codec, mapped, record } from '../codec.js'
import { attribute, child, type Described, either, many } from '../fields.js'
import { choice, ipLiteral, wholeNumber } from '../values.js'
import { ns } from './routing.js'

/** Candidates of one side in one attempt; more are ignored (case 67). */
export const maxCandidates = 4

const candidateShape = {
  kind: attribute('kind', choice('host')),
  ip: child('ip', ipLiteral),
  port: child('port', wholeNumber(1, 65_535)),
}

/** An address at which a listening side may be reached. */
export type Candidate = Described<typeof candidateShape>

export const candidate: Codec<Candidate> = record('candidate', ns, candidateShape)

/** Candidates of kinds that this version does not know are passed over, so that later ones may add kinds. */
export const candidates = many(
  candidate,
  { min: 1, max: maxCandidates, ignoreMore: true },
  (element) => element.attrs.kind === undefined || element.attrs.kind === 'host',
)

export type Way = { kind: 'listening'; candidates: Candidate[] } | { kind: 'connecting' }

const listeningWay: Codec<Way> = mapped(
  record('listening', ns, { candidates }),
  ({ candidates }): Way => ({ kind: 'listening', candidates }),
  (way) => ({ candidates: way.kind === 'listening' ? way.candidates : [] }),
)

const connectingWay: Codec<Way> = mapped(
  record('connecting', ns, {}),
  (): Way => ({ kind: 'connecting' }),
  () => ({}),
)

/** `<listening>` with candidates, or `<connecting/>`, inside accept and append. */
export const wayField = either<Way>({ listening: listeningWay, connecting: connectingWay })
