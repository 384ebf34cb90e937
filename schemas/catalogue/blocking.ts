/**
 * Whom a peer blocks (docs/catalogue.md, "Blocking"): what its server holds for it by XEP-0191, which only the peer's
 * own client can read. Each time it is said whole, so that nothing is to be kept in step.
 */

import { type Codec, mapped, record } from '../codec.js'
import { type Described, many } from '../fields.js'
import { Malformed } from '../malformed.js'
import { bareJidValue, domainValue, leaf, ns } from './words.js'

/** Domains, and peers, that one peer may block. */
export const maxBlockedDomains = 64
export const maxBlockedPeers = 500

const shape = {
  domains: many(leaf('domain', domainValue), { min: 0, max: maxBlockedDomains }),
  peers: many(leaf('peer', bareJidValue), { min: 0, max: maxBlockedPeers }),
}

/** `blocking`: these, and nobody else, see nothing of this peer. */
export type Blocking = Described<typeof shape>

function distinct(value: Blocking): Blocking {
  if (new Set(value.domains).size < value.domains.length) throw new Malformed('domain', 'repeated')
  if (new Set(value.peers).size < value.peers.length) throw new Malformed('peer', 'repeated')
  return value
}

export const blocking: Codec<Blocking> = mapped(record('blocking', ns, shape), distinct, distinct)
