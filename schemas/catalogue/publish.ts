/**
 * Numbered changes of a share (docs/catalogue.md, "Publishing"). A change is said against the number it follows
 * (`base`), so that it can be said again and never counts twice; the answer, `held`, says where to go on.
 */

import { type Codec, mapped, record } from '../codec.js'
import { attribute, type Described, many } from '../fields.js'
import { Malformed } from '../malformed.js'
import { add } from './entry.js'
import { leaf, ns, pathValue, seqValue, shareAttribute } from './words.js'

/** A publication's stanza stays below this, in bytes: people chat on the same stream. */
export const maxPublishBytes = 8_192
/** Entries added, and paths removed, by one publication. */
export const maxAdds = 100
export const maxRemoves = 250

const shape = {
  share: shareAttribute,
  /** The number that the component must hold for this to apply. */
  base: attribute('base', seqValue),
  /** The number it then holds. */
  seq: attribute('seq', seqValue),
  /** Removed first; a path that is not there is no error. */
  removes: many(leaf('rm', pathValue), { min: 0, max: maxRemoves }),
  /** Then added; a path that is there is replaced. */
  adds: many(add, { min: 0, max: maxAdds }),
}

/** `publish`: what has changed in a share since `base`. */
export type Publish = Described<typeof shape>

function ordered(change: Publish): Publish {
  if (change.seq <= change.base) throw new Malformed('@seq', 'not after the base')
  if (new Set(change.adds.map(({ path }) => path)).size < change.adds.length) {
    throw new Malformed('add', 'repeated')
  }
  return change
}

export const publish: Codec<Publish> = mapped(record('publish', ns, shape), ordered, ordered)
