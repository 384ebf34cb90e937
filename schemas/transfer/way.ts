/**
 * How one side can be reached in an attempt (docs/protocol.md, "Candidates"): it has candidates (`listening`), or the
 * other must have some (`connecting`). Words of 2002; an address is an IP literal and is never dialled before an accept.
 */

import { type Codec, mapped, record } from '../codec.js'
import { attribute, child, type Described, either, many } from '../fields.js'
import { choice, ipLiteral, jid, pattern, wholeNumber } from '../values.js'
import type { Element } from '../xml.js'
import { ns } from './routing.js'

/** Direct candidates of one side in one attempt; more are ignored (case 67). */
export const maxDirectCandidates = 4
/** Relays of one side in one attempt; more are ignored. */
export const maxRelayCandidates = 2
/** All candidates of one side in one attempt. */
export const maxCandidates = maxDirectCandidates + maxRelayCandidates + 1

const address = { ip: child('ip', ipLiteral), port: child('port', wholeNumber(1, 65_535)) }

const directShape = { kind: attribute('kind', choice('host', 'mapped', 'punch')), ...address }
const turnShape = { kind: attribute('kind', choice('turn')), ...address }
const proxyShape = {
  kind: attribute('kind', choice('proxy')),
  ...address,
  dst: child('dst', pattern(/^[0-9a-f]{40}$/, 'a SHA-1 in hexadecimal')),
}
const inbandShape = {
  kind: attribute('kind', choice('inband')),
  jid: child('jid', jid),
  sid: child('sid', pattern(/^[A-Za-z0-9_-]{8,64}$/, 'a stream id')),
}

/** One way to reach a side: an address of its own, a relay, or a stream inside XMPP. */
export type Candidate =
  | Described<typeof directShape>
  | Described<typeof turnShape>
  | Described<typeof proxyShape>
  | Described<typeof inbandShape>

const direct = record('candidate', ns, directShape)
const codecs: Record<Candidate['kind'], Codec<Candidate>> = {
  host: direct as Codec<Candidate>,
  mapped: direct as Codec<Candidate>,
  punch: direct as Codec<Candidate>,
  turn: record('candidate', ns, turnShape) as Codec<Candidate>,
  proxy: record('candidate', ns, proxyShape) as Codec<Candidate>,
  inband: record('candidate', ns, inbandShape) as Codec<Candidate>,
}

const isKnown = (kind: string | undefined): kind is Candidate['kind'] =>
  kind !== undefined && Object.hasOwn(codecs, kind)
/** A kind that is missing or unknown is refused by the first of the codecs. */
const codecOf = (kind: string | undefined) => (isKnown(kind) ? codecs[kind] : (direct as Codec<Candidate>))

export const candidate: Codec<Candidate> = {
  name: 'candidate',
  ns,
  read: (element) => codecOf(element.attrs.kind).read(element),
  write: (value) => codecOf(value.kind).write(value),
}

type Class = 'direct' | 'relay' | 'inband'
const room: Record<Class, number> = { direct: maxDirectCandidates, relay: maxRelayCandidates, inband: 1 }
const classOf = (kind: string | undefined): Class => {
  if (kind === 'inband') return 'inband'
  return kind === 'turn' || kind === 'proxy' ? 'relay' : 'direct'
}

/** Candidates of kinds that this version does not know are passed over, so that later ones may add kinds. */
export const candidates = many(
  candidate,
  {
    min: 1,
    max: maxCandidates,
    ignoreMore: true,
    hasRoom: (list, element: Element) => {
      const one = classOf(element.attrs.kind)
      return list.filter(({ kind }) => classOf(kind) === one).length < room[one]
    },
  },
  ({ attrs: { kind } }) => kind === undefined || isKnown(kind),
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
