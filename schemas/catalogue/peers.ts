/** Who is in the catalogue (docs/catalogue.md, "Peers"): only those who have something that the asker may see. */

import { type Codec, record, type ValueOf } from '../codec.js'
import { attribute, type Described, many, optional } from '../fields.js'
import { maxPage, pageShown, pageWish } from '../xep/rsm.js'
import { inscribed } from './inscribed.js'
import { bareJidValue, countValue, mark, ns, sizeValue, whichValue } from './words.js'

const peersShape = { which: attribute('which', whichValue), page: pageWish }

/** `peers`: who shares something? */
export type Peers = Described<typeof peersShape>
export const peers: Codec<Peers> = record('peers', ns, peersShape)

/** A peer: whether one of his publishing devices is online, and what the asker may see of his. */
export const sharingPeer = inscribed('peer', 'peer', bareJidValue, {
  online: mark('online'),
  shares: optional(attribute('shares', countValue)),
  files: attribute('files', countValue),
  size: optional(attribute('size', sizeValue)),
})
export type SharingPeer = ValueOf<typeof sharingPeer>

const listShape = { peers: many(sharingPeer, { min: 0, max: maxPage }), page: pageShown }

/** `peer-list`: the answer, by address. */
export type PeerList = Described<typeof listShape>
export const peerList: Codec<PeerList> = record('peer-list', ns, listShape)
