/**
 * Who may see a share (docs/catalogue.md, "Visibility"). What somebody may not see does not exist for him: not in
 * results, counts, tags, sources, errors or timing. A peer always sees his own.
 */

import { type Codec, mapped, record } from '../codec.js'
import { type Described, either, many } from '../fields.js'
import { Malformed } from '../malformed.js'
import { bareJidValue, domainValue, leaf, ns } from './words.js'

/** Domains, and peers, that a share may be for. */
export const maxDomains = 16
export const maxListedPeers = 64

const onlyShape = {
  domains: many(leaf('domain', domainValue), { min: 0, max: maxDomains }),
  peers: many(leaf('peer', bareJidValue), { min: 0, max: maxListedPeers }),
}

export type Visibility =
  /** Everybody whom the component serves. */
  | { kind: 'everybody' }
  /** Nobody but its peer. */
  | { kind: 'nobody' }
  /** Peers of these domains, and these peers. */
  | ({ kind: 'only' } & Described<typeof onlyShape>)

function bare(kind: 'everybody' | 'nobody'): Codec<Visibility> {
  return mapped(
    record(kind, ns, {}),
    (): Visibility => ({ kind }),
    () => ({}),
  )
}

function distinct<T extends Described<typeof onlyShape>>(only: T): T {
  if (only.domains.length + only.peers.length === 0) throw new Malformed('', 'empty')
  if (new Set(only.domains).size < only.domains.length) throw new Malformed('domain', 'repeated')
  if (new Set(only.peers).size < only.peers.length) throw new Malformed('peer', 'repeated')
  return only
}

const only: Codec<Visibility> = mapped(
  record('only', ns, onlyShape),
  (value): Visibility => ({ kind: 'only', ...distinct(value) }),
  (value) => (value.kind === 'only' ? distinct(value) : { domains: [], peers: [] }),
)

/** `<everybody/>`, `<nobody/>`, or `<only>` with domains and peers. */
export const visibility = either<Visibility>({ everybody: bare('everybody'), nobody: bare('nobody'), only })
